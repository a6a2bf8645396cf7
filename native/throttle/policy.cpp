#include "native/throttle/policy.h"

#include <algorithm>

#include "native/http/service_error.h"

namespace teamferry::throttle {
namespace {

constexpr std::chrono::milliseconds kLook(250);  // how soon a wait sees that it shall end
constexpr std::chrono::seconds kWorthTelling(1);

}  // namespace

// false: the caller wants the end.
Task<bool> ThrottlePolicy::wait_for_turn(const http::Request& request, const Paced& what) {
  bool told = false;
  for (auto wait = pace_.take(what, loop_.now()); wait > Loop::Duration::zero(); wait = pace_.take(what, loop_.now())) {
    if (options_.stopping && options_.stopping()) co_return false;
    if (!told && wait >= kWorthTelling && options_.on_wait) {
      told = true;
      options_.on_wait(request, wait);
    }
    auto pause = loop_.sleep(options_.stopping ? std::min<Loop::Duration>(wait, kLook) : wait);
    co_await pause;
  }
  co_return true;
}

Task<Result<http::Response>> ThrottlePolicy::send(http::Request request) {
  const Paced what{request.request_class, request.pace_key};
  auto waiting = wait_for_turn(request, what);
  const bool go = co_await std::move(waiting);
  if (!go) co_return Error::state("interrupted", "stopped while it waited for its turn; nothing was sent");
  auto attempt = next_.send(std::move(request));
  auto answer = co_await std::move(attempt);
  if (!answer) co_return std::move(answer);
  if (answer->status == 429) {
    pace_.throttled(what, loop_.now(), http::service_error(*answer, clock_.now()).retry_after);
  } else if (answer->status < 400) {
    pace_.passed(what);
  }
  co_return std::move(answer);
}

}  // namespace teamferry::throttle
