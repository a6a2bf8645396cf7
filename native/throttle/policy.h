#pragma once

#include "native/base/clock.h"
#include "native/base/loop.h"
#include "native/http/transport.h"
#include "native/throttle/pace.h"

namespace teamferry::throttle {

// Lets each attempt wait for the pace of its conversation (Request::pace_key), and slows that pace on a 429.
// Requests without a key pass at once.
// Tested by tests/native/throttle/policy_test.cpp.
class ThrottlePolicy : public http::Transport {
 public:
  ThrottlePolicy(http::Transport& next, Loop& loop, Pace& pace, const WallClock& clock)
      : next_(next), loop_(loop), pace_(pace), clock_(clock) {}
  Task<Result<http::Response>> send(http::Request request) override;

 private:
  http::Transport& next_;
  Loop& loop_;
  Pace& pace_;
  const WallClock& clock_;
};

}  // namespace teamferry::throttle
