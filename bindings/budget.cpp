#include "bindings/budget.h"

#include <signal.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <stdexcept>

namespace teamferry::bindings {

namespace {

constexpr std::chrono::milliseconds kTick{10};
constexpr int kSignal = SIGVTALRM;

std::sig_atomic_t ticks(std::chrono::milliseconds time) {
  return static_cast<std::sig_atomic_t>(time / kTick);
}

}  // namespace

// Shared with the signal handler, which runs on the same thread: plain words that are written whole.
struct Budget::Timer {
  lua_State* L = nullptr;
  timer_t id{};
  bool armed = false;
  volatile std::sig_atomic_t used = 0;   // ticks of this piece
  volatile std::sig_atomic_t limit = 0;  // 0: nothing runs
  volatile std::sig_atomic_t spent = 0;  // the hook is set
  std::sig_atomic_t record = 0, reading = 0, stuck = 0;

  static void raise(lua_State* L, lua_Debug*);
  static void on_tick(int, siginfo_t* info, void*);
};

namespace {

// The timer of the state that runs on this thread: hooks are handed no argument of ours.
thread_local Budget::Timer* current = nullptr;

}  // namespace

void Budget::Timer::raise(lua_State* L, lua_Debug*) {
  const auto limit = current ? static_cast<long long>(current->limit) * kTick.count() : 0;
  luaL_error(L, "took more than %d ms of processor time; look for a loop that does not end", static_cast<int>(limit));
}

void Budget::Timer::on_tick(int, siginfo_t* info, void*) {
  auto* timer = static_cast<Timer*>(info->si_value.sival_ptr);
  if (!timer || timer->limit == 0) return;
  timer->used = timer->used + 1;
  if (timer->used < timer->limit) return;
  if (!timer->spent) {
    timer->spent = 1;
    lua_sethook(timer->L, &Timer::raise, LUA_MASKCOUNT, 1);
  } else if (timer->used >= timer->limit + timer->stuck) {
    static constexpr char kText[] =
        "teamferry: a script hangs inside one call, probably a text pattern that can match in too many ways.\n"
        "The journal is safe. Look for such a pattern in the script and simplify it.\n";
    (void)!write(STDERR_FILENO, kText, sizeof kText - 1);
    _exit(1);
  }
}

Budget::Budget(lua_State* L, Limits limits) : timer_(std::make_unique<Timer>()) {
  timer_->L = L;
  timer_->record = ticks(limits.record);
  timer_->reading = ticks(limits.reading);
  timer_->stuck = ticks(limits.stuck);
  if (limits.record.count() == 0 && limits.reading.count() == 0) return;

  struct sigaction action {};
  action.sa_sigaction = &Timer::on_tick;
  action.sa_flags = SA_SIGINFO | SA_RESTART;
  sigemptyset(&action.sa_mask);
  sigaction(kSignal, &action, nullptr);

  sigevent event{};
  event.sigev_notify = SIGEV_THREAD_ID;
  event.sigev_signo = kSignal;
  event.sigev_value.sival_ptr = timer_.get();
  event._sigev_un._tid = static_cast<pid_t>(syscall(SYS_gettid));
  if (timer_create(CLOCK_THREAD_CPUTIME_ID, &event, &timer_->id) != 0) {
    throw std::runtime_error("cannot create a timer for the budget of scripts");
  }
  itimerspec every{};
  every.it_value.tv_nsec = every.it_interval.tv_nsec = std::chrono::nanoseconds(kTick).count();
  timer_settime(timer_->id, 0, &every, nullptr);
  timer_->armed = true;
}

Budget::~Budget() {
  rest();
  if (timer_->armed)
    timer_delete(timer_->id);  // a signal still on its way is handled before this returns: it is for this thread
  if (current == timer_.get()) current = nullptr;
}

void Budget::begin_record() {
  current = timer_.get();
  timer_->used = 0;
  timer_->limit = timer_->record;
}

void Budget::begin_reading() {
  current = timer_.get();
  timer_->used = 0;
  timer_->limit = timer_->reading;
}

void Budget::rest() {
  timer_->limit = 0;
}

bool Budget::settle() {
  if (!timer_->spent) return false;
  lua_sethook(timer_->L, nullptr, 0, 0);
  timer_->spent = 0;
  return true;
}

}  // namespace teamferry::bindings
