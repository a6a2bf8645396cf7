#pragma once

#include <chrono>
#include <functional>
#include <list>
#include <map>
#include <stdexcept>
#include <utility>

#include "native/base/result.h"
#include "native/base/task.h"

namespace teamferry {

// One thread's event loop: timers, calls posted from other threads, and whatever I/O the implementation
// waits for. Time is the loop's own, so a test with a virtual loop covers an hour in no time at all.
// All but post() belong to the loop's thread.
// Implemented by http/curl_loop.h and by tests/support/virtual_loop.h.
class Loop {
 public:
  using Clock = std::chrono::steady_clock;
  using TimePoint = Clock::time_point;
  using Duration = Clock::duration;

  virtual ~Loop() = default;
  virtual TimePoint now() const = 0;

  // Calls `fn` on the loop's thread at or after `when`, in the order of time, then of the calls.
  virtual void at(TimePoint when, std::function<void()> fn) = 0;

  // Calls `fn` on the loop's thread soon. May be called from any thread.
  virtual void post(std::function<void()> fn) = 0;

  // Waits for the next event and handles it. Returns false when nothing can ever happen any more.
  virtual bool step() = 0;

  // Waits without holding the thread.
  Callback<Unit> sleep(Duration time) { return sleep_until(now() + time); }
  Callback<Unit> sleep_until(TimePoint when) {
    return Callback<Unit>([this, when](Callback<Unit>::Resume resume) { at(when, [resume] { resume(Unit{}); }); });
  }

  // Drives the loop until the task has ended and returns its value.
  // Throws std::logic_error if the task waits for something that cannot come.
  template <class T>
  T run(Task<T> task) {
    task.start();
    while (!task.finished()) {
      if (!step()) throw std::logic_error("the loop has nothing left to wait for, but its task has not ended");
    }
    return task.take();
  }
};

// Runs several tasks at once inside one: add() starts them, wait() returns when all have ended.
// An exception of a task is thrown again by wait(). Destroy it only after wait() or with the loop stopped.
class TaskGroup {
 public:
  void add(Task<void> task) {
    ++running_;
    tasks_.push_back(wrap(std::move(task)));
    tasks_.back().start();
  }
  int running() const { return running_; }

  Task<void> wait() {
    while (running_ > 0) {
      co_await Callback<Unit>([this](Callback<Unit>::Resume resume) { ended_ = std::move(resume); });
    }
    tasks_.clear();
    if (failure_) std::rethrow_exception(std::exchange(failure_, nullptr));
  }

 private:
  Task<void> wrap(Task<void> task) {
    try {
      co_await std::move(task);
    } catch (...) {
      if (!failure_) failure_ = std::current_exception();
    }
    if (--running_ == 0 && ended_) std::exchange(ended_, nullptr)(Unit{});
  }

  std::list<Task<void>> tasks_;
  int running_ = 0;
  std::exception_ptr failure_;
  Callback<Unit>::Resume ended_;
};

}  // namespace teamferry
