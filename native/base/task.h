#pragma once

#include <coroutine>
#include <exception>
#include <functional>
#include <optional>
#include <utility>

// Coroutines for the event loop: a Task<T> is work that may wait. It starts when awaited, runs on the
// loop's thread, and owns its frame, so destroying a task that waits releases all it holds.
//
// A parameter taken by reference must outlive the task; pass by value what does not. Name what you hand to
// a co_await instead of building it inside the expression: g++ 12 miscounts such temporaries.
// Tested by tests/native/base/task_test.cpp.
namespace teamferry {

template <class T>
class Task;

namespace detail {

struct PromiseBase {
  std::coroutine_handle<> continuation = std::noop_coroutine();
  std::exception_ptr failure;

  struct FinalAwaiter {
    bool await_ready() noexcept { return false; }
    template <class P>
    std::coroutine_handle<> await_suspend(std::coroutine_handle<P> self) noexcept {
      return self.promise().continuation;
    }
    void await_resume() noexcept {}
  };
  std::suspend_always initial_suspend() noexcept { return {}; }
  FinalAwaiter final_suspend() noexcept { return {}; }
  void unhandled_exception() { failure = std::current_exception(); }
};

template <class T>
struct Promise : PromiseBase {
  std::optional<T> value;
  Task<T> get_return_object();
  template <class U>
  void return_value(U&& result) {
    value.emplace(std::forward<U>(result));
  }
  T take() {
    if (failure) std::rethrow_exception(failure);
    return std::move(*value);
  }
};

template <>
struct Promise<void> : PromiseBase {
  Task<void> get_return_object();
  void return_void() {}
  void take() {
    if (failure) std::rethrow_exception(failure);
  }
};

}  // namespace detail

template <class T>
class [[nodiscard]] Task {
 public:
  using promise_type = detail::Promise<T>;
  using Handle = std::coroutine_handle<promise_type>;

  explicit Task(Handle handle) : handle_(handle) {}
  Task(Task&& other) noexcept : handle_(std::exchange(other.handle_, {})) {}
  Task& operator=(Task&& other) noexcept {
    if (this != &other) {
      if (handle_) handle_.destroy();
      handle_ = std::exchange(other.handle_, {});
    }
    return *this;
  }
  ~Task() {
    if (handle_) handle_.destroy();
  }

  auto operator co_await() && noexcept {
    struct Awaiter {
      Handle handle;
      bool await_ready() noexcept { return false; }
      std::coroutine_handle<> await_suspend(std::coroutine_handle<> caller) noexcept {
        handle.promise().continuation = caller;
        return handle;
      }
      T await_resume() { return handle.promise().take(); }
    };
    return Awaiter{handle_};
  }

  // For a loop that drives a task from outside: starts it, tells whether it has ended, takes its value.
  void start() { handle_.resume(); }
  bool finished() const { return handle_.done(); }
  T take() { return handle_.promise().take(); }

 private:
  Handle handle_;
};

namespace detail {
template <class T>
Task<T> Promise<T>::get_return_object() {
  return Task<T>(std::coroutine_handle<Promise<T>>::from_promise(*this));
}
inline Task<void> Promise<void>::get_return_object() {
  return Task<void>(std::coroutine_handle<Promise<void>>::from_promise(*this));
}
}  // namespace detail

// Turns a callback into something to await: `co_await Callback<int>([&](auto resume) { later(resume); })`.
// `resume` is called once, on the loop's thread, at any time from within `begin` on.
template <class T>
class Callback {
 public:
  using Resume = std::function<void(T)>;
  explicit Callback(std::function<void(Resume)> begin) : begin_(std::move(begin)) {}

  bool await_ready() noexcept { return false; }
  bool await_suspend(std::coroutine_handle<> caller) {
    begin_([this, caller](T value) {
      value_.emplace(std::move(value));
      if (suspended_) caller.resume();
    });
    if (value_) return false;  // answered at once: go on without suspending
    suspended_ = true;
    return true;
  }
  T await_resume() { return std::move(*value_); }

 private:
  std::function<void(Resume)> begin_;
  std::optional<T> value_;
  bool suspended_ = false;
};

}  // namespace teamferry
