#include "native/throttle/pace.h"

#include <algorithm>
#include <cmath>

#include "native/limits/limits.h"

namespace teamferry::throttle {
namespace {

Pace::Duration unnamed_wait() {
  return std::chrono::ceil<Pace::Duration>(std::chrono::duration<double>(limits::in_force().pace.unnamed_wait_seconds));
}

}  // namespace

// Rounded up: a pace is never a hair too fast.
Pace::Duration Pace::interval(double rate) {
  if (rate <= 0) return Duration::zero();
  return std::chrono::ceil<Duration>(std::chrono::duration<double>(1 / rate));
}

Pace::Lane& Pace::lane(const std::string& key) {
  const auto found = lanes_.find(key);
  if (found != lanes_.end()) return found->second;
  return lanes_.emplace(key, Lane{TokenBucket(interval(limits_.rate), limits_.burst), limits_.rate}).first->second;
}

Pace::Duration Pace::take(const std::string& key, TimePoint now) {
  Lane& asked = lane(key);
  if (asked.held_until > now) return asked.held_until - now;
  return asked.bucket.take(now);
}

void Pace::hold(const std::string& key, TimePoint until) {
  Lane& held = lane(key);
  held.held_until = std::max(held.held_until, until);
  held.bucket.hold(until);
}

void Pace::throttled(const std::string& key, TimePoint now, std::optional<Duration> retry_after) {
  Lane& slowed = lane(key);
  const bool first = slowed.held_until <= now;
  hold(key, now + (retry_after ? *retry_after : unnamed_wait()));
  slowed.passed = 0;
  if (!first || slowed.rate <= 0) return;
  slowed.rate = std::min(slowed.rate, std::max(limits_.floor, slowed.rate / 2));
  slowed.bucket.set_interval(interval(slowed.rate));
}

void Pace::passed(const std::string& key) {
  Lane& eased = lane(key);
  if (eased.rate >= limits_.rate || limits_.step_after <= 0) return;
  if (++eased.passed < limits_.step_after) return;
  eased.passed = 0;
  eased.rate = std::min(limits_.rate, eased.rate + limits_.step);
  eased.bucket.set_interval(interval(eased.rate));
}

double Pace::rate(const std::string& key) const {
  const auto found = lanes_.find(key);
  return found == lanes_.end() ? limits_.rate : found->second.rate;
}

}  // namespace teamferry::throttle
