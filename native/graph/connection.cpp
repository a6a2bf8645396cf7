#include "native/graph/connection.h"

#include <fmt/format.h>

#include "native/http/url.h"

namespace teamferry::graph {
namespace {

constexpr std::string_view kStable = "/v1.0";

// "https://host" gets the version; "https://host/v1.0" has one.
std::string base_of(const Config& config) {
  std::string base = config.graph_url;
  while (!base.empty() && base.back() == '/') base.pop_back();
  const auto host = base.find("://");
  const bool has_path = base.find('/', host == std::string::npos ? 0 : host + 3) != std::string::npos;
  return has_path ? base : fmt::format("{}/{}", base, config.version);
}

}  // namespace

Connection::Connection(Loop& loop, http::Transport& row, Config config)
    : loop_(loop), row_(row), base_(base_of(config)), no_start_migration_(std::move(config.no_start_migration)) {}

std::string Connection::url(std::string_view path) const {
  return base_ + std::string(path);
}

std::optional<std::string> Connection::beta_url(std::string_view path) const {
  if (!base_.ends_with(kStable)) return std::nullopt;
  return fmt::format("{}/beta{}", std::string_view(base_).substr(0, base_.size() - kStable.size()), path);
}

Task<Result<http::Response>> Connection::get(std::string address, std::string route) {
  http::Request request;
  request.url = std::move(address);
  request.route = "GET " + route;
  request.headers.add("Accept", "application/json");
  // Without it, late members of an enumeration (a shared channel, a system message) come as unknownFutureValue.
  request.headers.add("Prefer", "include-unknown-enum-members");
  return exchange(std::move(request));
}

Task<Result<http::Response>> Connection::page(std::string first, std::string next_link, std::string route) {
  if (!next_link.empty() && http::origin_of(next_link) != http::origin_of(base_)) {
    co_return Error::state("foreign_link", fmt::format("{}: the next page is said to be elsewhere, at '{}'", route,
                                                       http::without_query(next_link)));
  }
  auto asked = get(next_link.empty() ? std::move(first) : std::move(next_link), std::move(route));
  co_return co_await std::move(asked);
}

Task<Result<http::Response>> Connection::post_once(std::string address, std::string body_json, std::string route) {
  http::Request request;
  request.method = "POST";
  request.url = std::move(address);
  request.route = "POST " + route;
  request.headers.add("Accept", "application/json");
  if (!body_json.empty()) request.headers.add("Content-Type", "application/json");
  request.body = std::move(body_json);
  request.retry = false;
  request.fresh_connection = true;
  return exchange(std::move(request));
}

Task<Result<http::Response>> Connection::exchange(http::Request request) {
  const std::string route = request.route;
  auto sent = row_.send(std::move(request));
  auto response = co_await std::move(sent);
  if (!response.ok() || (response->status >= 200 && response->status < 300)) co_return std::move(response);
  Error error;
  error.kind = Error::Kind::service;
  error.status = response->status;
  error.code = "unexpected_status";
  error.message =
      fmt::format("{} was answered with a status that Graph does not use; is this the address of Graph?", route);
  co_return error;
}

}  // namespace teamferry::graph
