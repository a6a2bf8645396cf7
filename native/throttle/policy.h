#pragma once

#include <functional>

#include "native/base/clock.h"
#include "native/base/loop.h"
#include "native/http/transport.h"
#include "native/throttle/pace.h"

namespace teamferry::throttle {

// Lets each attempt wait for the pace of its class and conversation (Request::request_class and pace_key), and slows
// that pace on a 429. Requests of the class unpaced pass at once.
// Tested by tests/native/throttle/policy_test.cpp.
class ThrottlePolicy : public http::Transport {
 public:
  struct Options {
    // Told once before a request waits for a second or more, with how long the first wait is.
    std::function<void(const http::Request&, Loop::Duration)> on_wait;
    // true ends a wait within half a second: nothing is sent, the answer is an Error `interrupted`.
    std::function<bool()> stopping;
  };
  ThrottlePolicy(http::Transport& next, Loop& loop, Pace& pace, const WallClock& clock, Options options)
      : next_(next), loop_(loop), pace_(pace), clock_(clock), options_(std::move(options)) {}
  Task<Result<http::Response>> send(http::Request request) override;

 private:
  Task<bool> wait_for_turn(const http::Request& request, const Paced& what);

  http::Transport& next_;
  Loop& loop_;
  Pace& pace_;
  const WallClock& clock_;
  Options options_;
};

}  // namespace teamferry::throttle
