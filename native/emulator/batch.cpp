#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <set>

#include "native/emulator/call.h"
#include "native/emulator/router.h"
#include "native/emulator/text.h"

// $batch: up to twenty requests in one, each answered as if it had come alone, with its own pace, faults and line in
// the request log. They run one after the other, behind those they depend on and else in their order.
// Source: section 2.16 of the fact sheet. Tested by tests/native/emulator/batch_test.cpp.
namespace teamferry::emulator {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

constexpr std::size_t kMostParts = 20;

struct Part {
  std::string id;
  http::Request request;
  std::vector<std::string> depends_on;
};

bool is_json_type(const std::string* type) {
  return type != nullptr && lower_ascii(*type).find("json") != std::string::npos;
}

// Other kinds of bodies travel as base64, of either alphabet.
std::optional<std::string> from_base64(std::string text) {
  std::replace(text.begin(), text.end(), '+', '-');
  std::replace(text.begin(), text.end(), '/', '_');
  while (text.ends_with('=')) text.pop_back();
  return from_base64url(text);
}

std::string to_base64(std::string_view bytes) {
  std::string text = base64url(bytes);
  std::replace(text.begin(), text.end(), '-', '+');
  std::replace(text.begin(), text.end(), '_', '/');
  text.append((4 - text.size() % 4) % 4, '=');
  return text;
}

// "/users/x", "users/x", "/v1.0/users/x" or a whole address; one of another host stays on this one.
std::string part_url(const Call& call, std::string_view url) {
  const auto scheme = url.find("://");
  if (scheme != url.npos && scheme < url.find('/')) {
    url.remove_prefix(std::min(url.find('/', scheme + 3), url.size()));
  }
  if (url.starts_with('/')) url.remove_prefix(1);
  const bool versioned = url.starts_with("v1.0/") || url.starts_with("beta/");
  return fmt::format("{}/{}{}", call.base, versioned ? "" : call.version + "/", url);
}

bool is_method(const std::string& text) {
  constexpr std::array<std::string_view, 5> kMethods = {"GET", "POST", "PATCH", "PUT", "DELETE"};
  return std::find(kMethods.begin(), kMethods.end(), text) != kMethods.end();
}

const std::string* find_text(const json& object, const char* name) {
  const auto found = object.find(name);
  return found == object.end() ? nullptr : found->get_ptr<const std::string*>();
}

// False: no part, and `problem` says why.
bool read_part(const Call& call, const json& object, Part& part, std::string& problem) {
  problem = "Invalid batch payload format.";
  if (!object.is_object()) return false;
  const std::string* id = find_text(object, "id");
  const std::string* method = find_text(object, "method");
  const std::string* url = find_text(object, "url");
  if (id == nullptr || id->empty() || method == nullptr || url == nullptr || url->empty()) return false;
  part.id = *id;
  part.request.method = *method;
  for (char& c : part.request.method) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  if (!is_method(part.request.method)) return false;
  part.request.url = part_url(call, *url);

  const json headers = object.value("headers", json());
  if (!headers.is_null() && !headers.is_object()) return false;
  for (const auto& [name, value] : headers.items()) {
    if (!value.is_string()) return false;
    if (lower_ascii(name) != "authorization") part.request.headers.add(name, value);
  }
  // Who asks, and under which id, is said once for all.
  for (const char* name : {"Authorization", "client-request-id"}) {
    const std::string* whole = call.request.headers.find(name);
    if (whole != nullptr && part.request.headers.find(name) == nullptr) part.request.headers.add(name, *whole);
  }

  const json depends_on = object.value("dependsOn", json());
  if (!depends_on.is_null() && !depends_on.is_array()) return false;
  for (const json& other : depends_on) {
    if (!other.is_string()) return false;
    part.depends_on.push_back(other);
  }

  const auto body = object.find("body");
  if (body == object.end() || body->is_null()) return true;
  const std::string* type = part.request.headers.find("Content-Type");
  if (type == nullptr) {
    problem = fmt::format("Write request id : {} does not contain Content-Type header or body.", part.id);
    return false;
  }
  if (is_json_type(type)) {
    part.request.body = dump(*body);
    return true;
  }
  auto bytes = body->is_string() ? from_base64(*body) : std::nullopt;
  if (bytes) part.request.body = std::move(*bytes);
  return bytes.has_value();
}

ordered_json print_part(const Part& part, const http::Response& response) {
  constexpr std::array<std::string_view, 10> kTold = {
      "content-type", "location", "content-location", "retry-after",   "www-authenticate",
      "request-id",   "etag",     "odata-version",    "cache-control", "client-request-id"};
  ordered_json headers = ordered_json::object();
  for (const auto& [name, value] : response.headers) {
    const std::string lower = lower_ascii(name);
    if (std::find(kTold.begin(), kTold.end(), lower) == kTold.end()) continue;
    headers[lower == "content-type" ? "Content-Type" : name] = value;  // the one spelling that clients look for
  }
  ordered_json out = {{"id", part.id}, {"status", response.status}, {"headers", std::move(headers)}};
  if (response.body.empty()) return out;
  ordered_json body = is_json_type(response.headers.find("Content-Type"))
                          ? ordered_json::parse(response.body, nullptr, false)
                          : ordered_json(to_base64(response.body));
  out["body"] = body.is_discarded() ? ordered_json(to_base64(response.body)) : std::move(body);
  return out;
}

std::optional<std::vector<Part>> read_parts(const Call& call, Answer& refused) {
  const auto whole = read_object(call, false, refused);
  if (!whole) return std::nullopt;
  const auto requests = whole->find("requests");
  if (requests == whole->end() || !requests->is_array() || requests->empty()) {
    refused = Answer::bad_request("Invalid batch payload format.");
    return std::nullopt;
  }
  if (requests->size() > kMostParts) {
    refused = Answer::error(400, "MaximumValueExceeded",
                            fmt::format("Number of batch request steps exceeds the maximum value of {}.", kMostParts));
    return std::nullopt;
  }
  std::vector<Part> parts;
  std::set<std::string> ids;
  for (const json& request : *requests) {
    std::string problem;
    if (!read_part(call, request, parts.emplace_back(), problem)) {
      refused = Answer::bad_request(problem);
      return std::nullopt;
    }
    if (!ids.insert(parts.back().id).second) {
      refused = Answer::bad_request(fmt::format("Request Id '{}' has to be unique in a batch.", parts.back().id));
      return std::nullopt;
    }
  }
  for (const Part& part : parts) {
    for (const std::string& other : part.depends_on) {
      if (ids.count(other) != 0) continue;
      refused =
          Answer::bad_request(fmt::format("Request Id '{}' depends on '{}', which is not there.", part.id, other));
      return std::nullopt;
    }
  }
  return parts;
}

// Indexes in an order where each part comes behind those it depends on; shorter than `parts` for a circle.
std::vector<std::size_t> in_order(const std::vector<Part>& parts) {
  std::vector<std::size_t> order;
  std::set<std::string> placed;
  for (bool more = true; more;) {
    more = false;
    for (std::size_t i = 0; i < parts.size(); ++i) {
      const auto& wanted = parts[i].depends_on;
      const auto there = [&](const std::string& id) { return placed.count(id) != 0; };
      if (there(parts[i].id) || !std::all_of(wanted.begin(), wanted.end(), there)) continue;
      placed.insert(parts[i].id);
      order.push_back(i);
      more = true;
    }
  }
  return order;
}

}  // namespace

Answer Router::batch(const http::Request& request, Turn& turn, const Caller& caller) {
  if (turn.part) return Answer::bad_request("A batch cannot be a part of a batch.");
  if (request.method != "POST") {
    return Answer::error(405, "Request_BadRequest", "Specified HTTP method is not allowed.");
  }
  const Caller whole = caller;  // `caller` holds until the first part signs in
  const Call call{request, whole, *store_, options_, stats_, turn.now, turn.base, turn.version, {}, {}};
  Answer refused;
  const auto parts = read_parts(call, refused);
  if (!parts) return refused;
  const auto order = in_order(*parts);
  if (order.size() != parts->size()) return Answer::bad_request("Parts of the batch depend on each other in a circle.");

  std::set<std::string> failed;
  ordered_json responses = ordered_json::array();
  for (const std::size_t i : order) {
    const Part& part = (*parts)[i];
    const bool blocked = std::any_of(part.depends_on.begin(), part.depends_on.end(),
                                     [&](const std::string& id) { return failed.count(id) != 0; });
    http::Response response;
    if (blocked) {
      response =
          finish(part.request, Answer::error(424, "FailedDependency", "A request that this one depends on has failed."),
                 turn.now);
    } else {
      ++stats_.requests;
      Turn own;
      own.now = turn.now;
      own.part = true;
      response = respond(part.request, own);
      turn.befallen.slow += own.befallen.slow;
      // An answer in an answer cannot be cut short: its gateway has waited in vain.
      if (own.befallen.is(Fault::reset_before) || own.befallen.is(Fault::reset_after)) {
        response = finish(part.request, Answer::error(504, "GatewayTimeout", "The request timed out."), turn.now);
      }
    }
    if (response.status >= 400) failed.insert(part.id);
    responses.push_back(print_part(part, response));
  }
  return Answer::ok(
      ordered_json{{"responses", std::move(responses)}}.dump(-1, ' ', false, ordered_json::error_handler_t::replace));
}

}  // namespace teamferry::emulator
