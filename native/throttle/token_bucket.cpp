#include "native/throttle/token_bucket.h"

#include <algorithm>
#include <stdexcept>

namespace teamferry::throttle {

TokenBucket::TokenBucket(Clock::duration interval, int burst) : interval_(interval), burst_(burst) {
  if (interval < Clock::duration::zero() || burst < 1) throw std::invalid_argument("a token bucket needs room for one");
}

TokenBucket::Clock::duration TokenBucket::wait(Clock::time_point now) const {
  return full_at_ > now && full_at_ - now > slack() ? full_at_ - now - slack() : Clock::duration::zero();
}

TokenBucket::Clock::duration TokenBucket::take(Clock::time_point now) {
  if (const auto none = wait(now); none > Clock::duration::zero()) return none;
  full_at_ = std::max(full_at_, now) + interval_;
  return Clock::duration::zero();
}

void TokenBucket::hold(Clock::time_point until) {
  full_at_ = std::max(full_at_, until + slack());
}

void TokenBucket::set_interval(Clock::duration interval) {
  if (interval < Clock::duration::zero()) throw std::invalid_argument("an interval is not negative");
  // The wait for the next token is what callers have been told, so that is kept, not the moment of being full.
  const auto next = full_at_ == Clock::time_point::min() ? full_at_ : full_at_ - slack();
  interval_ = interval;
  if (next != Clock::time_point::min()) full_at_ = next + slack();
}

}  // namespace teamferry::throttle
