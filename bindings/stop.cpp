#include "bindings/stop.h"

#include <poll.h>
#include <signal.h>
#include <unistd.h>

namespace teamferry::bindings {

namespace {

std::atomic<bool> asked{false};
std::atomic<bool> pausing{false};
constexpr int kInterrupted = 130;

// How often it was asked before the process ends at once.
std::atomic<int> patience{1}, times{0};

void on_signal(int) {
  asked = true;
  const int before = times.fetch_add(1);
  if (before >= patience) _exit(kInterrupted);
  if (before == 0) return;
  constexpr char kWarning[] = "\nteamferry: what runs has not ended yet; Ctrl-C once more ends the prompt\n";
  (void)!write(STDERR_FILENO, kWarning, sizeof kWarning - 1);
}

void on_pause(int) {
  if (pausing.exchange(true)) ::raise(SIGSTOP);
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

void catch_pause() {
  struct sigaction action {};
  action.sa_handler = on_pause;
  sigemptyset(&action.sa_mask);
  action.sa_flags = SA_RESTART;
  sigaction(SIGTSTP, &action, nullptr);
}

bool pause_asked() {
  return pausing;
}

void stand_still() {
  ::raise(SIGSTOP);
  pausing = false;
}

const std::atomic<bool>& stop_asked() {
  return asked;
}

void forget_stop() {
  times = 0;
  asked = false;
}

void warn_before_death() {
  patience = 2;
}

void wait_for_stop() {
  // The signal may have gone to another thread, so nothing is sure to wake this one.
  while (!asked) poll(nullptr, 0, 200);
}

}  // namespace teamferry::bindings
