#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "native/emulator/answer.h"
#include "native/emulator/emulator.h"
#include "native/emulator/signin.h"
#include "native/emulator/store.h"
#include "native/http/message.h"

// What a route is handed, and the helps that several routes share.
namespace teamferry::emulator {

struct Call {
  const http::Request& request;
  const Caller& caller;
  Store& store;
  const Options& options;
  Stats& stats;
  std::int64_t now;                          // ms
  std::string base;                          // "http://127.0.0.1:4711", as the client named it
  std::string version;                       // "v1.0" or "beta"
  std::vector<std::string> keys;             // what stood in place of each {} of the route
  std::map<std::string, std::string> query;  // decoded, "$top" with its dollar

  // "http://host/v1.0/$metadata#teams", the beginning of each @odata.context.
  std::string context(std::string_view rest) const { return base + "/" + version + "/$metadata#" + std::string(rest); }
};

// The JSON object in the body; or nothing, and `refused` is the answer. An absent body is {} if `may_be_absent`.
std::optional<nlohmann::json> read_object(const Call& call, bool may_be_absent, Answer& refused);

// Whether the Content-Type says so, and the 400 for what is no JSON or does not say so.
bool says_json(const http::Request& request);
Answer unreadable_json();

// The first member that is neither an annotation ("@odata.type") nor in the list: OData refuses it. Empty: none.
std::string unknown_member(const nlohmann::json& object, const std::vector<std::string_view>& known);
Answer unknown_member_answer(const std::string& name, std::string_view type);

// Read a member that may be absent or null, which leaves `value` as it is. False: not of that kind, and `refused` is
// the answer.
bool read_text(const nlohmann::json& object, const char* name, std::string& value, Answer& refused);
bool read_date(const nlohmann::json& object, const char* name, std::optional<std::int64_t>& value, Answer& refused);

// The thing that key 0 (and 1) of the path name, if it can be seen already; otherwise nullptr, and `refused` is the
// answer.
Team* find_team(const Call& call, Answer& refused);
Conversation* find_channel(const Call& call, Answer& refused);  // keys 0 and 1
Conversation* find_primary_channel(const Call& call, Answer& refused);
Conversation* find_chat(const Call& call, Answer& refused);

Conversation* find_user_chat(const Call& call, Answer& refused);  // key 1, of a user who is key 0

// What an "...@odata.bind" speaks of: ".../users('id')" or ".../users/id".
struct Bound {
  std::string collection, key;
};

// The address under `name`. It must be absolute, of v1.0 or beta, and of a Graph: of one of the clouds, of this
// machine, or as this emulator was addressed. Nothing for any other.
std::optional<Bound> read_bound(const Call& call, const nlohmann::json& object, const char* name);

// $top: between 1 and `most`, or the default; nothing for anything else, and `refused` is the answer.
std::optional<int> read_top(const Call& call, int by_default, int most, Answer& refused);

// Marks that point behind the last item of a page. Signed, so that a changed one is found out, and bound to `scope`.
std::string make_skip_token(const Call& call, std::string_view scope, std::int64_t last);
std::optional<std::int64_t> read_skip_token(const Call& call, std::string_view scope, Answer& refused);

// The 403 for a caller that has none of these roles.
std::optional<Answer> missing_role(const Caller& caller, const std::vector<std::string_view>& roles);

std::string dump(const nlohmann::json& value);

}  // namespace teamferry::emulator
