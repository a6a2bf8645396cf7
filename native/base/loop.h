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
    members_.push_back(run(std::move(task)));
    members_.back().handle.resume();
  }
  int running() const { return running_; }

  Task<void> wait() {
    while (running_ > 0) {
      Ended ended{*this};
      co_await ended;
    }
    members_.clear();
    if (failure_) std::rethrow_exception(std::exchange(failure_, nullptr));
  }

 private:
  // One task of the group. The last one hands over to wait() when its own frame is at rest, because wait() or
  // whoever it returns to may destroy that frame.
  struct Member {
    struct promise_type {
      promise_type(TaskGroup& owner, Task<void>&) : group(owner) {}
      struct Final {
        bool await_ready() noexcept { return false; }
        std::coroutine_handle<> await_suspend(std::coroutine_handle<promise_type> self) noexcept {
          TaskGroup& group = self.promise().group;
          if (--group.running_ > 0 || !group.waiting_) return std::noop_coroutine();
          return std::exchange(group.waiting_, {});
        }
        void await_resume() noexcept {}
      };
      Member get_return_object() { return Member(std::coroutine_handle<promise_type>::from_promise(*this)); }
      std::suspend_always initial_suspend() noexcept { return {}; }
      Final final_suspend() noexcept { return {}; }
      void return_void() {}
      void unhandled_exception() {
        if (!group.failure_) group.failure_ = std::current_exception();
      }
      TaskGroup& group;
    };
    explicit Member(std::coroutine_handle<promise_type> of) : handle(of) {}
    Member(Member&& other) noexcept : handle(std::exchange(other.handle, {})) {}
    ~Member() {
      if (handle) handle.destroy();
    }
    std::coroutine_handle<promise_type> handle;
  };
  struct Ended {
    TaskGroup& group;
    bool await_ready() noexcept { return group.running_ == 0; }
    void await_suspend(std::coroutine_handle<> waiter) noexcept { group.waiting_ = waiter; }
    void await_resume() noexcept {}
  };

  Member run(Task<void> task) { co_await std::move(task); }

  std::list<Member> members_;
  int running_ = 0;
  std::exception_ptr failure_;
  std::coroutine_handle<> waiting_;
};

}  // namespace teamferry
