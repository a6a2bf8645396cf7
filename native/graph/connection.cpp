#include "native/graph/connection.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "native/graph/hints.h"
#include "native/graph/paced.h"
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

http::Request read(std::string address, std::string_view route) {
  http::Request request;
  request.url = std::move(address);
  request.route = fmt::format("GET {}", route);
  request.headers.add("Accept", "application/json");
  // Without it, late members of an enumeration (a shared channel, a system message) come as unknownFutureValue.
  request.headers.add("Prefer", "include-unknown-enum-members");
  return request;
}

http::Request once(std::string method, std::string address, std::string body_json, std::string_view route) {
  http::Request request;
  request.route = fmt::format("{} {}", method, route);
  request.method = std::move(method);
  request.url = std::move(address);
  request.headers.add("Accept", "application/json");
  if (!body_json.empty()) request.headers.add("Content-Type", "application/json");
  request.body = std::move(body_json);
  request.retry = false;
  request.fresh_connection = true;
  return request;
}

// What an address cannot hold, and the '#' of a guest's name, which would end it.
std::string encode_marks(std::string_view path) {
  constexpr std::string_view kMarks = " \"#<>\\^`{|}";
  std::string encoded;
  for (const char c : path) {
    const bool mark = static_cast<unsigned char>(c) >= 0x7f || kMarks.find(c) != kMarks.npos;
    encoded += mark ? http::percent_encode(std::string_view(&c, 1)) : std::string(1, c);
  }
  return encoded;
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
  return exchange(read(std::move(address), route));
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
  return send_once("POST", std::move(address), std::move(body_json), std::move(route));
}

Task<Result<http::Response>> Connection::send_once(std::string method, std::string address, std::string body_json,
                                                   std::string route) {
  return exchange(once(std::move(method), std::move(address), std::move(body_json), std::move(route)));
}

Task<Result<http::Response>> Connection::call(std::string method, std::string path, std::string body_json,
                                              http::Headers more) {
  constexpr std::array<std::string_view, 4> kMethods = {"GET", "POST", "PATCH", "DELETE"};
  if (std::find(kMethods.begin(), kMethods.end(), method) == kMethods.end()) {
    co_return Error::argument("bad_method", fmt::format("'{}' is not one of GET, POST, PATCH, DELETE", method));
  }
  auto address = resolve(path);
  if (!address) co_return address.error();
  http::Request request = method == "GET" ? read(std::move(*address), "/{path}")
                                          : once(method, std::move(*address), std::move(body_json), "/{path}");
  for (const auto& [name, value] : more) request.headers.set(name, value);
  auto sent = exchange(std::move(request));
  co_return co_await std::move(sent);
}

Result<std::string> Connection::resolve(std::string_view path) const {
  const std::string plain = encode_marks(path);
  const bool beta = plain.starts_with("/beta/");
  const std::string below = beta ? plain.substr(5) : plain;
  const std::string address = !plain.starts_with('/') ? plain
                              : beta                  ? beta_url(below).value_or(url(below))
                                                      : url(below);
  const auto origin = http::origin_of(address);
  if (!origin) {
    return Error::argument(
        "bad_path", fmt::format("'{}' is not a path; one begins with '/', as in /users", http::without_query(path)));
  }
  if (origin == http::origin_of(base_)) return address;
  return Error::argument("foreign_host",
                         fmt::format("'{}' is not an address of this Graph, {}", http::without_query(path), base_));
}

Task<Result<http::Response>> Connection::exchange(http::Request request) {
  const std::string route = request.route;
  set_pace(request);
  auto sent = row_.send(std::move(request));
  auto response = co_await std::move(sent);
  if (!response) {
    Error error = std::move(response).error();
    add_hint(error, route);
    co_return error;
  }
  if (response->status >= 200 && response->status < 300) co_return std::move(response);
  Error error;
  error.kind = Error::Kind::service;
  error.status = response->status;
  error.code = "unexpected_status";
  error.message =
      fmt::format("{} was answered with a status that Graph does not use; is this the address of Graph?", route);
  co_return error;
}

}  // namespace teamferry::graph
