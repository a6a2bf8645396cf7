#include "bindings/stop.h"

#include <poll.h>
#include <signal.h>
#include <unistd.h>

namespace teamferry::bindings {

namespace {

std::atomic<bool> asked{false};
constexpr int kInterrupted = 130;

void on_signal(int) {
  if (asked.exchange(true)) _exit(kInterrupted);
}

}  // namespace

void catch_stop() {
  struct sigaction action {};
  action.sa_handler = on_signal;
  sigemptyset(&action.sa_mask);
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
  signal(SIGPIPE, SIG_IGN);
}

const std::atomic<bool>& stop_asked() {
  return asked;
}

void wait_for_stop() {
  // The signal may have gone to another thread, so nothing is sure to wake this one.
  while (!asked) poll(nullptr, 0, 200);
}

}  // namespace teamferry::bindings
