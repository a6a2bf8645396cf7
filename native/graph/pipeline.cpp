#include "native/graph/pipeline.h"

#include "native/auth/policy.h"
#include "native/throttle/policy.h"

namespace teamferry::graph {

// Built from the transport up, so each policy finds the next one in place.
struct Pipeline::Row {
  Row(Loop& loop, const WallClock& clock, http::Transport& transport, auth::TokenSource& tokens, throttle::Pace& pace,
      const Options& options)
      : log(transport, loop, options.log),
        auth(log, tokens, options.graph_url),
        throttle(auth, loop, pace, clock, options.throttle),
        errors(throttle, clock),
        retry(errors, loop, options.random, options.retry),
        request_id(retry, options.random) {}

  http::LogPolicy log;
  auth::AuthPolicy auth;
  throttle::ThrottlePolicy throttle;
  http::ServiceErrorPolicy errors;
  http::RetryPolicy retry;
  http::ClientRequestIdPolicy request_id;
};

Pipeline::Pipeline(Loop& loop, const WallClock& clock, http::Transport& transport, auth::TokenSource& tokens,
                   throttle::Pace& pace, Options options)
    : row_(std::make_unique<Row>(loop, clock, transport, tokens, pace, options)) {}

Pipeline::~Pipeline() = default;

Task<Result<http::Response>> Pipeline::send(http::Request request) {
  return row_->request_id.send(std::move(request));
}

}  // namespace teamferry::graph
