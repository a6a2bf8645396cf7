#pragma once

#include <array>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "native/base/loop.h"
#include "native/throttle/limits.h"
#include "native/throttle/tenant_budget.h"
#include "native/throttle/token_bucket.h"

namespace teamferry::throttle {

// What a request is paced by: its class, and the conversation or team it is about (empty: none).
struct Paced {
  limits::RequestClass request_class = limits::RequestClass::unpaced;
  std::string resource;
};

// The pace of every request. Each class has a bucket for each conversation or team, and a budget for all of them
// together. On a 429 that conversation alone is held, halves its rate down to the floor, and wins it back in steps;
// when several are held at once, the budget learns (tenant_budget.h). The caller waits and tells what it met:
//
//   while (auto wait = pace.take(paced, loop.now()); wait > 0) sleep(wait), then send, then passed() or throttled()
//
// Not thread-safe. Tested by tests/native/throttle/pace_test.cpp.
class Pace {
 public:
  using Duration = Loop::Duration;
  using TimePoint = Loop::TimePoint;

  explicit Pace(Limits limits);

  // Zero: go now, it is counted. Otherwise how long to wait before asking again. What is unpaced never waits.
  Duration take(const Paced& what, TimePoint now);

  // None leaves before `until`. Never shortens a wait.
  void hold(const Paced& what, TimePoint until);

  // A 429 was met. Holds for `retry_after`, for pace.unnamed_wait_seconds if the service named none, and halves the
  // rate. Of several answers to requests that were on their way together only the first halves it.
  void throttled(const Paced& what, TimePoint now, std::optional<Duration> retry_after);

  // A request passed.
  void passed(const Paced& what);

  // What may leave a second just now; 0: without limit.
  double rate(const Paced& what) const;
  double tenant_rate(limits::RequestClass which) const;

  const Limits& limits() const { return limits_; }

 private:
  struct Lane {
    TokenBucket bucket;
    double rate;
    int passed = 0;
    TimePoint held_until = TimePoint::min();
  };
  Lane& lane(const Paced& what);
  TenantBudget& budget(limits::RequestClass which) { return budgets_[static_cast<std::size_t>(which)]; }
  static Duration interval(double rate);

  Limits limits_;
  std::vector<TenantBudget> budgets_;  // by class
  std::array<std::unordered_map<std::string, Lane>, limits::kRequestClasses.size()> lanes_;
};

}  // namespace teamferry::throttle
