#pragma once

#include <memory>
#include <string>

#include "native/auth/token.h"
#include "native/base/clock.h"
#include "native/base/loop.h"
#include "native/http/policy.h"
#include "native/http/transport.h"
#include "native/throttle/pace.h"
#include "native/throttle/policy.h"

namespace teamferry::graph {

// The whole row of policies that graph::Client talks to (http/policy.h tells their order), put together once.
// What it refers to must outlive it.
// Tested by tests/native/graph/pipeline_test.cpp.
class Pipeline : public http::Transport {
 public:
  struct Options {
    std::string graph_url;  // the only address that gets a token
    http::Random random;
    http::RetryPolicy::Options retry;
    throttle::ThrottlePolicy::Options throttle;
    http::LogPolicy::Sink log;  // empty: nothing is logged
  };
  Pipeline(Loop& loop, const WallClock& clock, http::Transport& transport, auth::TokenSource& tokens,
           throttle::Pace& pace, Options options);
  ~Pipeline() override;

  Task<Result<http::Response>> send(http::Request request) override;

 private:
  struct Row;
  std::unique_ptr<Row> row_;
};

}  // namespace teamferry::graph
