#include "native/graph/client.h"

#include <fmt/format.h>

#include "native/graph/json.h"
#include "native/http/service_error.h"
#include "native/http/url.h"

namespace teamferry::graph {
namespace {

// "https://host" gets the version; "https://host/v1.0" has one.
std::string base_of(const Config& config) {
  std::string base = config.graph_url;
  while (!base.empty() && base.back() == '/') base.pop_back();
  const auto host = base.find("://");
  const bool has_path = base.find('/', host == std::string::npos ? 0 : host + 3) != std::string::npos;
  return has_path ? base : fmt::format("{}/{}", base, config.version);
}

}  // namespace

std::string_view to_string(MigrationMode mode) {
  switch (mode) {
    case MigrationMode::none:
      return "none";
    case MigrationMode::inProgress:
      return "inProgress";
    case MigrationMode::completed:
      return "completed";
    case MigrationMode::unknown:
      break;
  }
  return "unknown";
}

Client::Client(Loop& loop, http::Transport& row, Config config) : loop_(loop), row_(row), base_(base_of(config)) {}

std::string Client::url(std::string_view path) const {
  return base_ + std::string(path);
}

Task<Result<http::Response>> Client::get(std::string address, std::string route) {
  http::Request request;
  request.url = std::move(address);
  request.route = "GET " + route;
  request.headers.add("Accept", "application/json");
  // Without it, late members of an enumeration (a shared channel, a system message) come as unknownFutureValue.
  request.headers.add("Prefer", "include-unknown-enum-members");
  return exchange(std::move(request));
}

Task<Result<http::Response>> Client::create(std::string path, std::string body_json, std::string route) {
  http::Request request;
  request.method = "POST";
  request.url = url(path);
  request.route = "POST " + route;
  request.headers.add("Accept", "application/json");
  if (!body_json.empty()) request.headers.add("Content-Type", "application/json");
  request.body = std::move(body_json);
  request.retry = false;
  request.fresh_connection = true;
  return exchange(std::move(request));
}

Task<Result<http::Response>> Client::exchange(http::Request request) {
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

// Follows a nextLink as it stands, but only to where the first page came from.
Task<Result<http::Response>> Client::page(std::string first, std::string next_link, std::string route) {
  if (!next_link.empty() && http::origin_of(next_link) != http::origin_of(base_)) {
    co_return Error::state("foreign_link", fmt::format("{}: the next page is said to be elsewhere, at '{}'", route,
                                                       http::one_line(next_link, 200)));
  }
  auto asked = get(next_link.empty() ? std::move(first) : std::move(next_link), std::move(route));
  co_return co_await std::move(asked);
}

}  // namespace teamferry::graph
