// What a plan costs: CPU per message with the journal, and peak memory, over a generated Slack export.
//
//   bench_plan [MESSAGES ...]        default: 200000 1000000
//
// The export (2 kB a message, 80 % with blocks, a third replies, a file per channel and day, half a per cent
// sharing a millisecond) is written by generate_slack to a temporary folder and removed at the end.
#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "tests/support/process.h"

namespace {

struct Cost {
  double cpu_seconds = 0, wall_seconds = 0, peak_mib = 0;
  int status = 0;
};

Cost measure(const std::vector<std::string>& command) {
  std::vector<char*> argv;
  for (const auto& word : command) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  const auto start = std::chrono::steady_clock::now();
  const pid_t pid = fork();
  if (pid == 0) {
    if (!freopen("/dev/null", "w", stdout)) _exit(126);
    execv(argv[0], argv.data());
    _exit(127);
  }
  rusage usage{};
  Cost cost;
  wait4(pid, &cost.status, 0, &usage);
  const auto seconds = [](timeval t) { return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6; };
  cost.cpu_seconds = seconds(usage.ru_utime) + seconds(usage.ru_stime);
  cost.wall_seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  cost.peak_mib = static_cast<double>(usage.ru_maxrss) / 1024;
  return cost;
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<std::string> sizes(argv + 1, argv + argc);
  if (sizes.empty()) sizes = {"200000", "1000000"};
  fmt::print("{:>10} {:>14} {:>10} {:>10}\n", "messages", "us CPU/message", "wall s", "peak MiB");
  fflush(stdout);  // or each child would print it again
  for (const auto& size : sizes) {
    const teamferry::test::TemporaryFolder folder;
    const std::string generator = TEAMFERRY_BINARY_DIR "/tests/generate_slack";
    if (measure({generator, folder / "export", size}).status != 0) {
      fmt::print(stderr, "generate_slack failed\n");
      return 1;
    }
    const Cost cost = measure({teamferry::test::binary(), "plan", "slack", "--export", folder / "export", "--journal",
                               folder / "journal.db", "--quiet"});
    if (cost.status != 0) {
      fmt::print(stderr, "teamferry plan ended with {}\n", cost.status);
      return 1;
    }
    fmt::print("{:>10} {:>14.1f} {:>10.1f} {:>10.0f}\n", size, cost.cpu_seconds * 1e6 / std::stod(size),
               cost.wall_seconds, cost.peak_mib);
    fflush(stdout);
  }
}
