#include "bindings/budget.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <stdexcept>
#include <utility>

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
  bool in_record = false;
  bool fresh = false;                // something new was read since the last record
  std::sig_atomic_t of_reading = 0;  // ticks of the reading piece, while a record runs
  const std::atomic<bool>* stop = nullptr;
  char place[kLongestPlace + 1] = "";  // the file; written between ticks or not at all
  std::string notes, key;              // written before anything runs
  volatile std::size_t index = 0;

  bool stopping() const { return stop && stop->load(std::memory_order_relaxed); }
  [[noreturn]] void hang() const;
  bool note() const;
  static void raise(lua_State* L, lua_Debug*);
  static void on_tick(int, siginfo_t* info, void*);
};

namespace {

// The timer of the state that runs on this thread: hooks are handed no argument of ours.
thread_local Budget::Timer* current = nullptr;
bool json = false;
constexpr int kHung = 2;  // wrong input, like any error of a script

}  // namespace

void Budget::Timer::raise(lua_State* L, lua_Debug*) {
  if (current && current->stopping()) luaL_error(L, "interrupted");
  const auto limit = current ? static_cast<long long>(current->limit) * kTick.count() : 0;
  lua_Debug frame;
  char place[128] = "";
  if (lua_getstack(L, 0, &frame) && lua_getinfo(L, "Sl", &frame) && frame.currentline > 0) {
    std::snprintf(place, sizeof place, "%.100s:%d: ", frame.short_src, frame.currentline);
  }
  lua_pushfstring(L, "%stook more than %d ms of processor time; look for a loop that does not end", place,
                  static_cast<int>(limit));
  lua_error(L);
}

void Budget::Timer::on_tick(int, siginfo_t* info, void*) {
  auto* timer = static_cast<Timer*>(info->si_value.sival_ptr);
  if (!timer || timer->limit == 0) return;
  timer->used = timer->used + 1;
  if (timer->used < timer->limit && !timer->stopping()) return;
  if (!timer->spent) {
    timer->spent = 1;
    current = timer;
    lua_sethook(timer->L, &Timer::raise, LUA_MASKCOUNT, 1);
  } else if (timer->used >= timer->limit + timer->stuck) {
    timer->hang();
  }
}

// These two run in the signal handler: nothing is allocated.

// Notes the record, so that the next plan does not try it again. Only a record that was being mapped: a reading step
// that hangs would hang behind it as well.
bool Budget::Timer::note() const {
  if (notes.empty() || !in_record || !place[0] || std::strchr(place, '\n')) return false;
  char line[kLongestPlace + 128];
  const int size =
      std::snprintf(line, sizeof line, "%.64s %zu %s\n", key.c_str(), static_cast<std::size_t>(index), place);
  const int file = open(notes.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (file < 0) return false;
  const bool noted = write(file, line, static_cast<std::size_t>(size)) == size && fsync(file) == 0;
  close(file);
  return noted;
}

void Budget::Timer::hang() const {
  char where[300] = "a script";
  if (place[0]) std::snprintf(where, sizeof where, "%s record %zu: the script", place, static_cast<std::size_t>(index));
  for (char* c = where; *c; ++c) {  // whatever an export calls its files
    if (*c == '"' || *c == '\\' || static_cast<unsigned char>(*c) < ' ') *c = '?';
  }
  constexpr const char* kTried =
      "hangs inside one call, probably a text pattern that can match in too many ways. Nothing was sent and the "
      "journal is safe. Simplify such patterns in the script, or skip that record before them, and plan again";
  constexpr const char* kNoted =
      "hangs inside one call, probably a text pattern that can match in too many ways. Nothing was sent and the "
      "journal is safe. It is noted: plan again, and this record is failed and the others are mapped; or simplify "
      "such patterns in the script first";
  const char* what = note() ? kNoted : kTried;
  char text[1024];
  int size = std::snprintf(text, sizeof text, "teamferry: %s %s\n", where, what);
  (void)!write(STDERR_FILENO, text, static_cast<std::size_t>(size));
  if (json) {
    size = std::snprintf(text, sizeof text,
                         "{\"state\":\"failed\",\"exit_code\":%d,\"errors\":[{\"kind\":\"argument\",\"code\":"
                         "\"script_hangs\",\"message\":\"%s %s\"}]}\n",
                         kHung, where, what);
    (void)!write(STDOUT_FILENO, text, static_cast<std::size_t>(size));
  }
  _exit(kHung);
}

Budget::Budget(lua_State* L, Limits limits, Memory* memory)
    : timer_(std::make_unique<Timer>()), memory_(memory), record_bytes_(limits.record_bytes) {
  timer_->L = L;
  timer_->record = ticks(limits.record);
  timer_->reading = ticks(limits.reading);
  timer_->stuck = ticks(limits.stuck);
  timer_->stop = limits.stop;
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
  if (current == timer_.get()) settle();
  if (timer_->armed)
    timer_delete(timer_->id);  // a signal still on its way is handled before this returns: it is for this thread
  if (current == timer_.get()) current = nullptr;
}

// A tick between two of these lines is lost or counted for the other piece, which is no harm.
void Budget::begin_record() {
  current = timer_.get();
  if (!timer_->in_record) timer_->of_reading = timer_->used;
  timer_->in_record = true;
  timer_->used = 0;
  timer_->limit = timer_->record;
  if (memory_) memory_->bound = std::min(memory_->limit, memory_->used + record_bytes_);
}

void Budget::leave_record() {
  timer_->in_record = false;
  if (memory_) memory_->bound = memory_->limit;
}

void Budget::begin_reading() {
  current = timer_.get();
  leave_record();
  timer_->used = 0;
  timer_->limit = timer_->reading;
}

void Budget::resume_reading() {
  current = timer_.get();
  if (timer_->in_record) timer_->used = timer_->fresh ? 0 : timer_->of_reading;
  timer_->fresh = false;
  leave_record();
  timer_->limit = timer_->reading;
}

void Budget::progress() {
  timer_->fresh = true;
}

void Budget::rest() {
  timer_->limit = 0;
}

void Budget::resume() {
  timer_->limit = timer_->in_record ? timer_->record : timer_->reading;
}

void Budget::settle() {
  if (!current || !current->spent) return;
  lua_sethook(current->L, nullptr, 0, 0);
  current->spent = 0;
  current->used = 0;
}

void Budget::at_file(std::string_view file) {
  const auto size = std::min(file.size(), sizeof timer_->place - 1);
  if (size > 0) std::memcpy(timer_->place, file.data(), size);  // an empty view may point nowhere
  timer_->place[size] = 0;
}

void Budget::at_record(std::size_t index) {
  timer_->index = index;
}

void Budget::note_hangs_in(std::string file, std::string key) {
  timer_->notes = std::move(file);
  timer_->key = std::move(key);
}

void Budget::speak_json() {
  json = true;
}

}  // namespace teamferry::bindings
