#include "native/graph/json.h"

#include <fmt/format.h>

namespace teamferry::graph {
namespace {

using nlohmann::json;

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::string percent_decode(std::string_view text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && hex_digit(text[i + 1]) >= 0 && hex_digit(text[i + 2]) >= 0) {
      result += static_cast<char>(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2]));
      i += 2;
    } else {
      result += text[i];
    }
  }
  return result;
}

}  // namespace

std::string text_of(const json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::optional<DateTime> date_of(const json& object, const char* name) {
  return DateTime::parse(text_of(object, name));
}

const json& object_of(const json& object, const char* name) {
  static const json kNothing = json::object();
  const auto found = object.find(name);
  return found != object.end() && found->is_object() ? *found : kNothing;
}

const json& array_of(const json& object, const char* name) {
  static const json kNull;
  const auto found = object.find(name);
  return found != object.end() && found->is_array() ? *found : kNull;
}

std::string compact(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

std::string odata_text(std::string_view text) {
  std::string result = "'";
  for (char c : text) result += c == '\'' ? std::string("''") : std::string(1, c);
  return result + "'";
}

Error unreadable(std::string_view what, std::string_view why) {
  return Error::transport("unreadable", fmt::format("{}: the service agreed, but {}", what, why));
}

Result<json> read_object(const http::Response& response, std::string_view what) {
  json body = json::parse(response.body, nullptr, false);
  if (!body.is_object()) return unreadable(what, "its answer is not a JSON object");
  return body;
}

std::string key_of(std::string_view address, std::string_view collection) {
  address = address.substr(0, address.find_first_of("?#"));
  for (std::size_t at = address.find(collection); at != address.npos; at = address.find(collection, at + 1)) {
    if (at > 0 && address[at - 1] != '/') continue;
    std::string_view rest = address.substr(at + collection.size());
    if (rest.substr(0, 2) == "('") {
      rest.remove_prefix(2);
      const auto end = rest.find("')");
      return end == rest.npos ? std::string() : percent_decode(rest.substr(0, end));
    }
    if (rest.substr(0, 1) == "/") {
      rest.remove_prefix(1);
      return percent_decode(rest.substr(0, rest.find('/')));
    }
  }
  return {};
}

}  // namespace teamferry::graph
