#pragma once

#include <deque>
#include <map>
#include <string>

#include "native/base/loop.h"

namespace teamferry::throttle {

// What all conversations together may send a second. Who is ready gets the next slot that is free and keeps it, so
// those that wait are served in the order in which they came, and none starves.
//
// How much it is need not be known: the rate doubles every ten seconds. When several conversations meet a 429 at once,
// it is the tenant that objects: nothing leaves until the wait that the service named is over, then it goes on at half
// of what was too much. From there it is won back in small steps up to four fifths of that, and then, more slowly, on,
// since the service may have had a bad minute.
//
// Not thread-safe.
// Tested by tests/native/throttle/tenant_budget_test.cpp.
class TenantBudget {
 public:
  using Duration = Loop::Duration;
  using TimePoint = Loop::TimePoint;

  // Per second. A rate of 0 has no limit and never learns one.
  TenantBudget(double rate, double most) : rate_(rate), most_(most) {}

  // Zero: go now, it is counted. Otherwise how long until `who` asks again: until the slot that is kept for it, at most
  // half a second, since slots move up when the rate grows. A slot that is a second late is lost.
  Duration take(const std::string& who, TimePoint now);

  // `who` does not come for its slot.
  void drop(const std::string& who) { slots_.erase(who); }

  // `who` met a 429 and waits until `until`.
  void throttled(const std::string& who, TimePoint now, TimePoint until);

  double rate() const { return rate_; }

 private:
  void grow(TimePoint now);
  void move_up(TimePoint now);
  double measured(TimePoint now);

  double rate_;
  double most_;
  double ceiling_ = 0;  // what was too much; 0: not met yet
  TimePoint next_ = TimePoint::min();
  TimePoint grown_at_ = TimePoint::min();
  TimePoint active_since_ = TimePoint::min();  // the first request after the last pause of all
  TimePoint calm_until_ = TimePoint::min();    // answers to what left before a pause say nothing new
  std::map<std::string, TimePoint> slots_;
  std::map<std::string, TimePoint> objected_;  // the last 429 of each, lately
  std::deque<TimePoint> lately_;               // what left in the last second
};

}  // namespace teamferry::throttle
