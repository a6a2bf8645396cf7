#pragma once

#include <optional>
#include <string>
#include <unordered_map>

#include "native/base/loop.h"
#include "native/throttle/limits.h"
#include "native/throttle/token_bucket.h"

namespace teamferry::throttle {

// The pace of every conversation, each with a bucket of its own. On a 429 that conversation alone is held, halves
// its rate down to the floor, and wins it back in steps. The caller waits and tells what it met:
//
//   while (auto wait = pace.take(key, loop.now()); wait > 0) sleep(wait), then send, then passed() or throttled()
//
// Not thread-safe. Tested by tests/native/throttle/pace_test.cpp.
class Pace {
 public:
  using Duration = Loop::Duration;
  using TimePoint = Loop::TimePoint;

  explicit Pace(Limits limits) : limits_(std::move(limits)) {}

  // Zero: go now, it is counted. Otherwise how long to wait before asking again.
  Duration take(const std::string& key, TimePoint now);

  // Nothing leaves this conversation before `until`. Never shortens a wait.
  void hold(const std::string& key, TimePoint until);

  // A 429 was met. Holds for `retry_after`, five seconds if the service named none, and halves the rate. Of
  // several answers to requests that were on their way together only the first halves it.
  void throttled(const std::string& key, TimePoint now, std::optional<Duration> retry_after);

  // A request of this conversation passed.
  void passed(const std::string& key);

  // What the conversation may send a second just now; 0: without limit.
  double rate(const std::string& key) const;

  const Limits& limits() const { return limits_; }

 private:
  struct Lane {
    TokenBucket bucket;
    double rate;
    int passed = 0;
    TimePoint held_until = TimePoint::min();
  };
  Lane& lane(const std::string& key);
  static Duration interval(double rate);

  Limits limits_;
  std::unordered_map<std::string, Lane> lanes_;
};

}  // namespace teamferry::throttle
