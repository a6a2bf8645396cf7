#pragma once

#include <chrono>

namespace teamferry::throttle {

// Tells how long to wait so that something happens at a steady rate, with at most `burst` of it at once.
//
// One token comes back per interval. All that is stored is the moment at which the bucket would be full again; a
// token may be taken when that moment is at most burst - 1 intervals away. (This is the generic cell rate
// algorithm: whole numbers, no drift.) The caller brings the time and does the waiting.
//
// Not thread-safe.
// Tested by tests/native/throttle/token_bucket_test.cpp.
class TokenBucket {
 public:
  using Clock = std::chrono::steady_clock;

  // Requires interval >= 0 and burst >= 1. Starts full. An interval of zero gives without limit.
  TokenBucket(Clock::duration interval, int burst);

  // How long there will be no token; zero if there is one.
  Clock::duration wait(Clock::time_point now) const;

  // Takes a token and returns zero; or takes none and returns how long there will be none.
  Clock::duration take(Clock::time_point now);

  // Gives nothing before `until`, then one token. Never shortens a wait.
  void hold(Clock::time_point until);

  // Goes on at another rate; what was taken stays taken.
  void set_interval(Clock::duration interval);

 private:
  Clock::duration slack() const { return interval_ * (burst_ - 1); }

  Clock::duration interval_;
  int burst_;
  Clock::time_point full_at_ = Clock::time_point::min();
};

}  // namespace teamferry::throttle
