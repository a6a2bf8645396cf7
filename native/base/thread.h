#pragma once

#include <pthread.h>

#include <cstddef>
#include <functional>

namespace teamferry {

// A thread with a stack of a chosen size, which std::thread has none of. Joins when it goes.
// Tested by tests/native/base/thread_test.cpp.
class Thread {
 public:
  // Throws std::system_error if there is none to be had. `run` must not throw.
  Thread(std::size_t stack_bytes, std::function<void()> run);
  ~Thread();
  Thread(const Thread&) = delete;
  Thread& operator=(const Thread&) = delete;

 private:
  std::function<void()> run_;
  pthread_t id_{};
};

}  // namespace teamferry
