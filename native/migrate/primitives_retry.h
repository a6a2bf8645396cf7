#pragma once

#include "native/limits/limits.h"
#include "native/migrate/primitives.h"

// For the sources of Primitives only.
namespace teamferry::migrate {

inline constexpr int kThrottledAttempts = 5;

template <class T>
Task<Result<T>> Primitives::unless_throttled(std::function<Task<Result<T>>()> begin) {
  for (int attempt = 1;; ++attempt) {
    auto asking = begin();
    auto answer = co_await std::move(asking);
    if (answer || answer.error().status != 429 || attempt == kThrottledAttempts) co_return std::move(answer);
    ++slowed_down_;
    const Loop::Duration wait = answer.error().retry_after.value_or(limits::unnamed_wait());
    auto pausing = pause(wait);
    const bool go_on = co_await std::move(pausing);
    if (!go_on) co_return std::move(answer);
  }
}

}  // namespace teamferry::migrate
