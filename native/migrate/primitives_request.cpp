// What has no step of its own: users, collections, and whatever else a path names.

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "native/migrate/primitives_retry.h"

namespace teamferry::migrate {

using nlohmann::json;

namespace {

std::string printed(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace

Task<Result<std::string>> Primitives::user(std::string who) {
  auto asking = client_.find_user(who);
  auto found = co_await std::move(asking);
  if (!found) co_return found.error();
  if (!*found) co_return Error::argument("not_found", fmt::format("the tenant has no user '{}'", who));
  co_return std::move((*found)->json);
}

std::shared_ptr<graph::Pages> Primitives::pages(const std::string& path) {
  return std::make_shared<graph::Pages>(client_, client_.url(typed_path(path)), route_of_path(path));
}

Task<Result<std::optional<std::string>>> Primitives::next_items(std::shared_ptr<graph::Pages> pages) {
  while (true) {
    auto asking = pages->next();
    auto page = co_await std::move(asking);
    if (!page) co_return page.error();
    if (!*page) co_return std::optional<std::string>();
    if (!(*page)->empty()) co_return std::optional<std::string>(printed(**page));
  }
}

Task<Result<http::Response>> Primitives::exchange(std::string method, std::string path, std::string body) {
  return unless_throttled<http::Response>([this, method, path, body] { return client_.call(method, path, body); });
}

Task<Result<std::string>> Primitives::request(std::string method, std::string path, std::string body) {
  auto asking = exchange(method, path, body);
  auto answer = co_await std::move(asking);
  if (answer) co_return std::move(answer->body);
  if (method != "GET" && answer.error().ambiguous()) {
    co_return unclear(fmt::format("{} {} was done", method, route_of_path(path)), answer.error());
  }
  co_return answer.error();
}

std::string route_of_path(std::string_view path) {
  path = path.substr(0, path.find_first_of("?#"));
  std::string route;
  while (!path.empty()) {
    path.remove_prefix(1);  // '/'
    const std::string_view part = path.substr(0, path.find('/'));
    const bool word = part.size() <= 30 && part.find_first_not_of(
                                               "abcdefghijklmnopqrstuvwxyz"
                                               "ABCDEFGHIJKLMNOPQRSTUVWXYZ$") == part.npos;
    route += "/" + (word ? std::string(part) : "{id}");
    path.remove_prefix(part.size());
  }
  return route;
}

std::string typed_path(std::string_view path) {
  std::string safe;
  for (const char c : path) {
    const auto byte = static_cast<unsigned char>(c);
    const bool wrong = byte <= ' ' || byte >= 0x7F || std::string_view("\"<>\\^`{|}").find(c) != std::string_view::npos;
    safe += wrong ? fmt::format("%{:02X}", byte) : std::string(1, c);
  }
  return safe;
}

namespace {

void put_lists(json& value) {
  static constexpr std::string_view kLists[] = {"mentions", "attachments", "hostedContents", "reactions", "members",
                                                "roles",    "value",       "requests",       "channels",  "owners"};
  if (!value.is_structured()) return;
  for (auto& [key, member] : value.items()) {
    const bool list = std::find(std::begin(kLists), std::end(kLists), key) != std::end(kLists);
    if (value.is_object() && list && member.is_object() && member.empty()) member = json::array();
    put_lists(member);
  }
}

}  // namespace

std::string with_lists(std::string body) {
  if (body.find("{}") == body.npos) return body;
  json value = json::parse(body, nullptr, false);
  if (value.is_structured()) put_lists(value);
  return printed(value);
}

}  // namespace teamferry::migrate
