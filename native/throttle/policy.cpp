#include "native/throttle/policy.h"

#include "native/http/service_error.h"

namespace teamferry::throttle {

Task<Result<http::Response>> ThrottlePolicy::send(http::Request request) {
  if (request.pace_key.empty()) {
    auto unpaced = next_.send(std::move(request));
    co_return co_await std::move(unpaced);
  }
  const std::string key = request.pace_key;
  for (auto wait = pace_.take(key, loop_.now()); wait > Loop::Duration::zero(); wait = pace_.take(key, loop_.now())) {
    auto pause = loop_.sleep(wait);
    co_await pause;
  }
  auto attempt = next_.send(std::move(request));
  auto answer = co_await std::move(attempt);
  if (!answer) co_return std::move(answer);
  if (answer->status == 429) {
    pace_.throttled(key, loop_.now(), http::service_error(*answer, clock_.now()).retry_after);
  } else if (answer->status < 400) {
    pace_.passed(key);
  }
  co_return std::move(answer);
}

}  // namespace teamferry::throttle
