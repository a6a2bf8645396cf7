#include "native/emulator/call.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

#include "native/emulator/text.h"
#include "native/emulator/time.h"

namespace teamferry::emulator {
namespace {

using nlohmann::json;

constexpr char kUnreadable[] =
    "Unable to read JSON request payload. Please ensure Content-Type header is set and payload is of valid JSON "
    "format.";

// Printing recurses, so what is nested deeper than any real body never gets to be a value.
bool too_deep(std::string_view text) {
  constexpr int kDepth = 64;
  int depth = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') {
        ++i;
      } else if (c == '"') {
        in_string = false;
      }
    } else if (c == '"') {
      in_string = true;
    } else if (c == '{' || c == '[') {
      if (++depth > kDepth) return true;
    } else if (c == '}' || c == ']') {
      --depth;
    }
  }
  return false;
}

}  // namespace

bool says_json(const http::Request& request) {
  const std::string* type = request.headers.find("Content-Type");
  if (type == nullptr) return false;
  const std::string media = lower_ascii(std::string_view(*type).substr(0, type->find(';')));
  return media.compare(0, 16, "application/json") == 0;
}

Answer unreadable_json() {
  return Answer::bad_request(kUnreadable);
}

std::string dump(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

std::optional<json> read_object(const Call& call, bool may_be_absent, Answer& refused) {
  const std::string& body = call.request.body;
  if (body.empty() && may_be_absent) return json::object();
  json read =
      says_json(call.request) && !too_deep(body) ? json::parse(body, nullptr, false) : json(json::value_t::discarded);
  if (read.is_object()) return read;
  refused = unreadable_json();
  return std::nullopt;
}

std::string unknown_member(const json& object, const std::vector<std::string_view>& known) {
  for (const auto& item : object.items()) {
    const std::string& name = item.key();
    if (name.find('@') == name.npos && std::find(known.begin(), known.end(), name) == known.end()) return name;
  }
  return "";
}

Answer unknown_member_answer(const std::string& name, std::string_view type) {
  return Answer::bad_request(fmt::format(
      "The property '{}' does not exist on type '{}'. Make sure to only use property names that are defined by the "
      "type.",
      name, type));
}

bool read_text(const json& object, const char* name, std::string& value, Answer& refused) {
  const auto found = object.find(name);
  if (found == object.end() || found->is_null()) return true;
  if (!found->is_string()) {
    refused =
        Answer::bad_request(fmt::format("Cannot convert the value of '{}' to the expected type 'Edm.String'.", name));
    return false;
  }
  value = found->get_ref<const std::string&>();
  return true;
}

bool read_date(const json& object, const char* name, std::optional<std::int64_t>& value, Answer& refused) {
  const auto found = object.find(name);
  if (found == object.end() || found->is_null()) return true;
  if (found->is_string()) value = read_time(found->get_ref<const std::string&>());
  if (found->is_string() && value) return true;
  refused = Answer::bad_request(
      fmt::format("Cannot convert the value of '{}' to the expected type 'Edm.DateTimeOffset'.", name));
  return false;
}

Team* find_team(const Call& call, Answer& refused) {
  Team* team = call.store.find_team(lower_ascii(call.keys[0]));
  if (team != nullptr && !team->failed && team->visible_at <= call.now) return team;
  refused = Answer::not_found(fmt::format("No team found with Group Id {}", call.keys[0]));
  return nullptr;
}

Conversation* find_channel(const Call& call, Answer& refused) {
  Team* team = find_team(call, refused);
  if (team == nullptr) return nullptr;
  Conversation* channel = call.store.find_channel(*team, call.keys[1]);
  if (channel != nullptr && channel->visible_at <= call.now) return channel;
  refused = Answer::not_found(
      fmt::format("No channel found with ThreadId {} in the team with Group Id {}", call.keys[1], call.keys[0]));
  return nullptr;
}

Conversation* find_primary_channel(const Call& call, Answer& refused) {
  Team* team = find_team(call, refused);
  return team == nullptr ? nullptr : team->channels.front();
}

Conversation* find_chat(const Call& call, Answer& refused) {
  Conversation* chat = call.store.find_chat(call.keys[0]);
  if (chat == nullptr) refused = Answer::not_found(fmt::format("No chat found with ThreadId {}", call.keys[0]));
  return chat;
}

Conversation* find_user_chat(const Call& call, Answer& refused) {
  const User* user = call.store.find_user(call.keys[0]);
  Conversation* chat = call.store.find_chat(call.keys[1]);
  if (user != nullptr && chat != nullptr && find_member_of(chat->members, user->id) != nullptr) return chat;
  refused =
      Answer::not_found(fmt::format("No chat found with ThreadId {} for the user {}", call.keys[1], call.keys[0]));
  return nullptr;
}

namespace {

bool is_graph(const Call& call, std::string_view base) {
  if (base == call.base) return true;
  std::string_view host = base.substr(std::min(base.find("://"), base.size() - 3) + 3);
  if (host.find(']') != host.npos) {
    host = host.substr(0, host.find(']') + 1);
  } else {
    host = host.substr(0, host.find(':'));
  }
  constexpr std::string_view kHosts[] = {"graph.microsoft.com",
                                         "graph.microsoft.us",
                                         "dod-graph.microsoft.us",
                                         "microsoftgraph.chinacloudapi.cn",
                                         "localhost",
                                         "127.0.0.1",
                                         "[::1]"};
  return std::find(std::begin(kHosts), std::end(kHosts), lower_ascii(host)) != std::end(kHosts);
}

// "'o''hara@x'" without its quotes.
std::string unquote(std::string_view quoted) {
  std::string key(quoted.substr(1, quoted.size() - 2));
  for (auto quote = key.find("''"); quote != key.npos; quote = key.find("''", quote + 1)) key.erase(quote, 1);
  return key;
}

}  // namespace

std::optional<Bound> read_bound(const Call& call, const json& object, const char* name) {
  const auto found = object.find(name);
  if (found == object.end() || !found->is_string()) return std::nullopt;
  const std::string& address = found->get_ref<const std::string&>();
  const auto scheme = address.find("://");
  const auto version = scheme == address.npos ? scheme : address.find('/', scheme + 3);
  const auto thing = version == address.npos ? version : address.find('/', version + 1);
  if (thing == address.npos || !is_graph(call, std::string_view(address).substr(0, version))) return std::nullopt;
  const std::string_view spoken = std::string_view(address).substr(version + 1, thing - version - 1);
  if (spoken != "v1.0" && spoken != "beta") return std::nullopt;
  const auto rest = percent_decode(std::string_view(address).substr(thing + 1), false);
  if (!rest) return std::nullopt;

  const auto end = rest->find_first_of("(/");
  if (end == rest->npos || end == 0) return std::nullopt;
  Bound bound{rest->substr(0, end), rest->substr(end + 1)};
  if ((*rest)[end] == '(') {
    if (bound.key.size() < 4 || bound.key.front() != '\'' || bound.key.compare(bound.key.size() - 2, 2, "')") != 0) {
      return std::nullopt;
    }
    bound.key = unquote(std::string_view(bound.key).substr(0, bound.key.size() - 1));
  }
  if (bound.key.empty()) return std::nullopt;
  return bound;
}

std::optional<int> read_top(const Call& call, int by_default, int most, Answer& refused) {
  const auto found = call.query.find("$top");
  if (found == call.query.end()) return by_default;
  const std::string& text = found->second;
  long top = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), top);
  if (failure == std::errc() && end == text.data() + text.size() && top >= 1 && top <= most) {
    return static_cast<int>(top);
  }
  const bool too_many = failure == std::errc::result_out_of_range || (failure == std::errc() && top > most);
  refused = Answer::bad_request(
      too_many ? fmt::format("The limit of '{}' for Top query has been exceeded. The value from the incoming request "
                             "is '{}'.",
                             most, text)
               : fmt::format("Invalid value '{}' for $top query option found. The $top query option requires a "
                             "positive integer value.",
                             text));
  return std::nullopt;
}

std::string make_skip_token(const Call& call, std::string_view scope, std::int64_t last) {
  const std::string mark = std::to_string(last);
  const std::string seal = hmac_sha256(call.store.key(), fmt::format("page {} {}", scope, mark)).substr(0, 12);
  return base64url(seal + mark);
}

std::optional<std::int64_t> read_skip_token(const Call& call, std::string_view scope, Answer& refused) {
  const auto bytes = from_base64url(call.query.at("$skiptoken"));
  std::int64_t last = 0;
  if (bytes && bytes->size() > 12) {
    std::from_chars(bytes->data() + 12, bytes->data() + bytes->size(), last);
    if (make_skip_token(call, scope, last) == call.query.at("$skiptoken")) return last;
  }
  refused = Answer::bad_request("The $skiptoken is not valid: follow @odata.nextLink as it was answered.");
  return std::nullopt;
}

}  // namespace teamferry::emulator
