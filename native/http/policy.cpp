#include "native/http/policy.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "native/http/service_error.h"
#include "native/limits/limits.h"

namespace teamferry::http {
namespace {

using std::chrono::duration_cast;
using std::chrono::milliseconds;

constexpr milliseconds kGlance(250);  // how soon a wait sees that it shall end

std::string header_or_empty(const Headers& headers, std::string_view name) {
  const auto* value = headers.find(name);
  return value ? one_line(*value, 80) : std::string();
}

// Of a server's header only what looks like an id is fit for a log: a server may put there what it was sent.
std::string loggable_id(const Headers& headers, std::string_view name) {
  constexpr std::string_view kOfGuid = "0123456789abcdefABCDEF-";
  constexpr std::size_t kLongest = 64;
  const auto* value = headers.find(name);
  if (!value || value->size() > kLongest || value->find_first_not_of(kOfGuid) != std::string::npos) return {};
  return *value;
}

}  // namespace

std::string random_guid(const Random& random) {
  const std::uint64_t high = (random() & 0xffffffffffff0fffULL) | 0x4000ULL;
  const std::uint64_t low = (random() & 0x3fffffffffffffffULL) | 0x8000000000000000ULL;
  return fmt::format("{:08x}-{:04x}-{:04x}-{:04x}-{:012x}", high >> 32, (high >> 16) & 0xffff, high & 0xffff, low >> 48,
                     low & 0xffffffffffffULL);
}

Task<Result<Response>> ClientRequestIdPolicy::send(Request request) {
  if (!request.headers.find("client-request-id")) request.headers.add("client-request-id", random_guid(random_));
  auto sent = next_.send(std::move(request));
  co_return co_await std::move(sent);
}

Loop::Duration RetryPolicy::wait_after(const Error& error, int failures) const {
  const double cap = std::chrono::duration<double>(options_.longest_backoff).count();
  const double backoff = std::min(cap, std::exp2(failures));
  const double jitter = 0.8 + 0.4 * static_cast<double>(random_() >> 11) / static_cast<double>(1ULL << 53);
  auto wait = milliseconds(std::llround(backoff * jitter * 1000));
  if (error.status == 429 && !error.retry_after) {
    wait = std::max(wait, limits::unnamed_wait());
  }
  return std::max(wait, error.retry_after.value_or(milliseconds(0)));
}

// false: the caller wants the end.
Task<bool> RetryPolicy::pause(Loop::Duration time) {
  const auto until = loop_.now() + time;
  while (loop_.now() < until) {
    if (options_.stopping && options_.stopping()) co_return false;
    const auto next = options_.stopping ? std::min<Loop::TimePoint>(until, loop_.now() + kGlance) : until;
    auto sleep = loop_.sleep_until(next);
    co_await sleep;
  }
  co_return !options_.stopping || !options_.stopping();
}

Task<Result<Response>> RetryPolicy::send(Request request) {
  if (!request.retry) {
    auto only = next_.send(std::move(request));
    co_return co_await std::move(only);
  }
  for (int failures = 0;; ++failures) {
    request.attempt = failures + 1;
    auto attempt = next_.send(request);
    auto answer = co_await std::move(attempt);
    if (answer.ok()) co_return std::move(answer);
    if (!answer.error().retryable() && !limits::is_version_mismatch(answer.error())) co_return std::move(answer);
    if (failures >= options_.max_retries) {
      Error last = std::move(answer).error();
      last.message += fmt::format(" (given up after {} attempts)", failures + 1);
      co_return last;
    }
    const auto wait = wait_after(answer.error(), failures);
    if (options_.on_wait) options_.on_wait(request, answer.error(), wait);
    auto paused = pause(wait);
    const bool go_on = co_await std::move(paused);
    if (!go_on) co_return std::move(answer);
  }
}

Task<Result<Response>> ServiceErrorPolicy::send(Request request) {
  const std::string id = header_or_empty(request.headers, "client-request-id");
  auto sent = next_.send(std::move(request));
  auto answer = co_await std::move(sent);
  if (answer.ok() && answer->status < 400) co_return std::move(answer);
  Error error = answer.ok() ? service_error(*answer, clock_.now()) : std::move(answer).error();
  if (!id.empty()) error.client_request_id = id;
  co_return error;
}

std::string Attempt::to_string() const {
  std::string line = fmt::format("{} {} {} ms, attempt {}", route, status != 0 ? std::to_string(status) : failure,
                                 time.count(), number);
  if (!client_request_id.empty()) line += fmt::format(", client-request-id {}", client_request_id);
  if (!request_id.empty()) line += fmt::format(", request-id {}", request_id);
  return line;
}

Task<Result<Response>> LogPolicy::send(Request request) {
  Attempt attempt;
  attempt.route = request.route.empty() ? request.method : request.route;
  attempt.number = request.attempt;
  attempt.client_request_id = header_or_empty(request.headers, "client-request-id");
  const auto start = loop_.now();
  auto sent = next_.send(std::move(request));
  auto answer = co_await std::move(sent);
  attempt.time = duration_cast<milliseconds>(loop_.now() - start);
  if (answer.ok()) {
    attempt.status = answer->status;
    attempt.request_id = loggable_id(answer->headers, "request-id");
    if (attempt.request_id.empty()) attempt.request_id = loggable_id(answer->headers, "x-ms-request-id");
  } else {
    attempt.failure = answer.error().code;
  }
  if (sink_) sink_(attempt);
  co_return std::move(answer);
}

}  // namespace teamferry::http
