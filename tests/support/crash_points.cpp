// A library to be preloaded into the program under test. It counts the moments at which a death hurts most, and kills
// the process at one of them: before and after a commit of the journal has reached the disk, after a request has left,
// and when the first bytes of an answer have come, which nobody then reads.
//
//   CRASH_AT     which moment, from 1; absent: none, the process only counts
//   CRASH_COUNT  a file that gets the number of moments when the process ends by itself
#include <dlfcn.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>

namespace {

std::atomic<long> passed{0};

long crash_at() {
  static const long at = [] {
    const char* text = std::getenv("CRASH_AT");
    return text ? std::atol(text) : 0;
  }();
  return at;
}

void moment() {
  if (++passed == crash_at()) kill(getpid(), SIGKILL);
}

template <class Function>
Function* next(const char* name) {
  return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

// Of the loop that wakes itself nothing is of interest, only what speaks to the service.
bool is_network(int socket) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  return getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size) == 0 &&
         (address.ss_family == AF_INET || address.ss_family == AF_INET6);
}

struct Report {
  ~Report() {
    const char* path = std::getenv("CRASH_COUNT");
    if (!path) return;
    if (std::FILE* file = std::fopen(path, "w")) {
      std::fprintf(file, "%ld", passed.load());
      std::fclose(file);
    }
  }
} report;

template <class Sync>
int synced(Sync* sync, int file) {
  moment();
  const int result = sync(file);
  moment();
  return result;
}

}  // namespace

extern "C" {

int fdatasync(int file) {
  static auto* const real = next<int(int)>("fdatasync");
  return synced(real, file);
}

int fsync(int file) {
  static auto* const real = next<int(int)>("fsync");
  return synced(real, file);
}

ssize_t send(int socket, const void* data, size_t size, int flags) {
  static auto* const real = next<ssize_t(int, const void*, size_t, int)>("send");
  const ssize_t sent = real(socket, data, size, flags);
  if (sent > 0 && is_network(socket)) moment();
  return sent;
}

ssize_t recv(int socket, void* data, size_t size, int flags) {
  static auto* const real = next<ssize_t(int, void*, size_t, int)>("recv");
  const ssize_t received = real(socket, data, size, flags);
  if (received > 0 && is_network(socket)) moment();
  return received;
}

}  // extern "C"
