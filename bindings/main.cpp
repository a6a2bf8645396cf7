#include <csignal>

#include "bindings/commands.h"
#include "bindings/core_dumps.h"
#include "native/base/thread.h"

// A script may nest calls from Lua to C and back as deep as LuaJIT allows, some thousands. With the usual 8 MiB of
// stack the process would die of that, with this one the script gets an error. Address space, not memory.
constexpr std::size_t kStack = std::size_t{256} << 20;

int main(int argc, char** argv) {
  teamferry::bindings::forbid_core_dumps();
  int code = 0;
  {
    const teamferry::Thread thread(kStack, [&] { code = teamferry::bindings::run_command(argc, argv); });
    // Whoever asks for the end is to interrupt the thread that works, not the one that waits for it.
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, nullptr);
  }
  return code;
}
