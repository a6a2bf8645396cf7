#include "native/auth/policy.h"

#include <fmt/format.h>

#include "native/auth/secret.h"
#include "native/http/service_error.h"

namespace teamferry::auth {
namespace {

// Only this code speaks of the token; reading a body is left for the rare 401.
bool rejects_the_token(const http::Response& response) {
  return response.status == 401 && http::service_error(response, DateTime{}).code == "InvalidAuthenticationToken";
}

// A refusal may repeat what was sent, and its words go to logs, journals and people.
http::Response without_token(http::Response response, const std::string& token) {
  if (response.status < 400) return response;
  redact(response.body, token, "<token>");
  http::Headers headers;
  for (auto [name, value] : response.headers) {
    redact(value, token, "<token>");
    headers.add(std::move(name), std::move(value));
  }
  response.headers = std::move(headers);
  return response;
}

}  // namespace

Task<Result<http::Response>> AuthPolicy::send(http::Request request) {
  if (!request.authorize) {
    auto untouched = next_.send(std::move(request));
    co_return co_await std::move(untouched);
  }
  const auto origin = http::origin_of(request.url);
  if (!graph_ || origin != graph_) {
    co_return Error::argument("foreign_host", fmt::format("refused to send the sign-in's token to '{}'",
                                                          origin ? origin->host : "an address that cannot be read"));
  }
  if (!safe_) co_return safe_.error();

  auto asked = tokens_.token();
  auto token = co_await std::move(asked);
  if (!token) co_return token.error();
  request.headers.set("Authorization", "Bearer " + *token);
  auto attempt = next_.send(request);
  auto answer = co_await std::move(attempt);
  if (!answer) co_return std::move(answer);
  if (!rejects_the_token(*answer)) co_return without_token(std::move(*answer), *token);

  auto renewal = tokens_.renew(*token);
  auto renewed = co_await std::move(renewal);
  if (!renewed) co_return renewed.error();
  request.headers.set("Authorization", "Bearer " + *renewed);
  auto again = next_.send(std::move(request));
  auto last = co_await std::move(again);
  if (!last) co_return std::move(last);
  co_return without_token(std::move(*last), *renewed);
}

}  // namespace teamferry::auth
