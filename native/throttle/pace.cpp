#include "native/throttle/pace.h"

#include <algorithm>
#include <cmath>

#include "native/limits/limits.h"

namespace teamferry::throttle {
namespace {

using limits::RequestClass;

std::size_t index(RequestClass which) {
  return static_cast<std::size_t>(which);
}

}  // namespace

Pace::Pace(Limits limits) : limits_(std::move(limits)) {
  for (const ClassPace& pace : limits_.classes) budgets_.emplace_back(pace.tenant_rate, pace.tenant_most);
}

// Rounded up: a pace is never a hair too fast.
Pace::Duration Pace::interval(double rate) {
  if (rate <= 0) return Duration::zero();
  return std::chrono::ceil<Duration>(std::chrono::duration<double>(1 / rate));
}

Pace::Lane& Pace::lane(const Paced& what) {
  auto& lanes = lanes_[index(what.request_class)];
  const auto found = lanes.find(what.resource);
  if (found != lanes.end()) return found->second;
  const double rate = what.resource.empty() ? 0 : limits_.of(what.request_class).resource_rate;
  return lanes.emplace(what.resource, Lane{TokenBucket(interval(rate), 1), rate}).first->second;
}

Pace::Duration Pace::take(const Paced& what, TimePoint now) {
  if (what.request_class == RequestClass::unpaced) return Duration::zero();
  Lane& asked = lane(what);
  if (asked.held_until > now) return asked.held_until - now;
  if (const auto wait = asked.bucket.wait(now); wait > Duration::zero()) return wait;
  if (const auto wait = budget(what.request_class).take(what.resource, now); wait > Duration::zero()) return wait;
  return asked.bucket.take(now);
}

void Pace::hold(const Paced& what, TimePoint until) {
  Lane& held = lane(what);
  held.held_until = std::max(held.held_until, until);
  held.bucket.hold(until);
  budget(what.request_class).drop(what.resource);
}

void Pace::throttled(const Paced& what, TimePoint now, std::optional<Duration> retry_after) {
  if (what.request_class == RequestClass::unpaced) return;
  Lane& slowed = lane(what);
  const bool first = slowed.held_until <= now;
  const TimePoint until = now + (retry_after ? *retry_after : limits::unnamed_wait());
  hold(what, until);
  slowed.passed = 0;
  if (!first) return;
  budget(what.request_class).throttled(what.resource, now, until);
  if (slowed.rate <= 0) return;
  slowed.rate = std::min(slowed.rate, std::max(limits_.of(what.request_class).resource_floor, slowed.rate / 2));
  slowed.bucket.set_interval(interval(slowed.rate));
}

void Pace::passed(const Paced& what) {
  if (what.request_class == RequestClass::unpaced) return;
  Lane& eased = lane(what);
  const double most = limits_.of(what.request_class).resource_rate;
  if (eased.rate >= most || limits_.step_after <= 0) return;
  if (++eased.passed < limits_.step_after) return;
  eased.passed = 0;
  eased.rate = std::min(most, eased.rate + limits_.step);
  eased.bucket.set_interval(interval(eased.rate));
}

double Pace::rate(const Paced& what) const {
  const auto& lanes = lanes_[index(what.request_class)];
  const auto found = lanes.find(what.resource);
  return found == lanes.end() ? limits_.of(what.request_class).resource_rate : found->second.rate;
}

double Pace::tenant_rate(RequestClass which) const {
  return budgets_[index(which)].rate();
}

}  // namespace teamferry::throttle
