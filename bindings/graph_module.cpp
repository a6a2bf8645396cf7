// The module `graph`: what scripts without a source ask of Microsoft Graph.

#include <fmt/format.h>

#include "bindings/graph_call.h"
#include "bindings/graph_handles.h"
#include "bindings/module.h"
#include "native/http/url.h"
#include "native/migrate/primitives.h"
#include "native/migrate/primitives_check.h"

namespace teamferry::bindings {

namespace {

using Call = TaskBridge::Call;
using Kind = HandleKey::Kind;

auto as_handle(Kind kind, std::string team_id = {}) {
  return [kind, team_id = std::move(team_id)](lua_State* L, const std::string& json) {
    return push_handle(L, kind, team_id, json);
  };
}

int as_value(lua_State* L, const std::string& json) {
  return push_json_text(L, json);
}

// An answer without a body is `true`.
int as_value_if_any(lua_State* L, const std::string& json) {
  if (!json.empty()) return push_json_text(L, json);
  lua_pushboolean(L, 1);
  return 1;
}

std::string check_path(lua_State* L, const char* name) {
  std::string path(check_text(L, 1, "path"));
  if (!path.starts_with('/')) {
    throw CallError(
        fmt::format("{}: the path '{}' is to begin with '/', as in /users; it is relative to the version", name, path));
  }
  return path;
}

int create_team(lua_State* L) {
  const std::string body = check_body(L, 1, "body");
  constexpr Call call{"graph.create_team", true};
  auto& session = GraphSession::of(L);
  if (const auto refused = session.refusal(call)) return push_failure(L, *refused);
  const std::string whole = migrate::complete_team_body(body, session.service_url());
  if (const auto findings = migrate::check_new_team(whole); validate::has_error(findings)) {
    return push_invalid(L, findings);
  }
  return answer(L, call, session.primitives().create_team(whole), as_handle(Kind::team));
}

int team(lua_State* L) {
  const std::string id(check_text(L, 1, "id"));
  constexpr Call call{"graph.team"};
  auto& session = GraphSession::of(L);
  if (const auto refused = session.refusal(call)) return push_failure(L, *refused);
  return answer(L, call, session.primitives().team(id), as_handle(Kind::team));
}

int channel(lua_State* L) {
  const std::string team_id(check_text(L, 1, "team_id"));
  const std::string id(check_text(L, 2, "id"));
  constexpr Call call{"graph.channel"};
  auto& session = GraphSession::of(L);
  if (const auto refused = session.refusal(call)) return push_failure(L, *refused);
  return answer(L, call, session.primitives().conversation({team_id, id}), as_handle(Kind::channel, team_id));
}

int create_chat(lua_State* L) {
  const std::string body = check_body(L, 1, "body");
  constexpr Call call{"graph.create_chat", true};
  auto& session = GraphSession::of(L);
  if (const auto refused = session.refusal(call)) return push_failure(L, *refused);
  if (const auto findings = migrate::check_new_chat(body); validate::has_error(findings)) {
    return push_invalid(L, findings);
  }
  return answer(L, call, session.primitives().create_chat(body), as_handle(Kind::chat));
}

int chat(lua_State* L) {
  const std::string id(check_text(L, 1, "id"));
  constexpr Call call{"graph.chat"};
  auto& session = GraphSession::of(L);
  if (const auto refused = session.refusal(call)) return push_failure(L, *refused);
  return answer(L, call, session.primitives().conversation(graph::ConversationRef::chat(id)), as_handle(Kind::chat));
}

int user(lua_State* L) {
  const std::string who(check_text(L, 1, "who"));
  constexpr Call call{"graph.user"};
  auto& session = GraphSession::of(L);
  if (const auto refused = session.refusal(call)) return push_failure(L, *refused);
  return answer(L, call, session.primitives().user(who), as_value);
}

int users(lua_State* L) {
  std::string path = "/users?$top=999&$select=id,displayName,mail,userPrincipalName,accountEnabled";
  if (const auto filter = optional_text(L, 1, "filter")) path += "&$filter=" + http::percent_encode(*filter);
  return push_walk(L, "graph.users", path, as_value);
}

int identity(lua_State* L) {
  std::string id, displayName;
  if (lua_istable(L, 1)) {
    id = text_field(L, 1, "id");
    displayName = text_field(L, 1, "displayName");
    if (id.empty()) throw CallError("argument 1 (user): it has no id; give what graph.user returns");
  } else {
    id = check_text(L, 1, "user");
  }
  if (const auto shown_name = optional_text(L, 2, "displayName")) displayName = *shown_name;
  lua_newtable(L);
  lua_newtable(L);
  set_field(L, "id", id);
  if (!displayName.empty()) set_field(L, "displayName", displayName);
  set_field(L, "userIdentityType", "aadUser");
  lua_setfield(L, -2, "user");
  return 1;
}

int ask(lua_State* L, Call call, const char* method, bool with_body) {
  const std::string path = check_path(L, call.name);
  const std::string body = with_body && !lua_isnoneornil(L, 2) ? check_body(L, 2, "body") : std::string();
  auto& session = GraphSession::of(L);
  if (const auto refused = session.refusal(call)) return push_failure(L, *refused);
  return answer(L, call, session.primitives().request(method, path, body), as_value_if_any);
}

int get(lua_State* L) {
  return ask(L, {"graph.get"}, "GET", false);
}

int post(lua_State* L) {
  return ask(L, {"graph.post", true}, "POST", true);
}

int patch(lua_State* L) {
  return ask(L, {"graph.patch", true}, "PATCH", true);
}

int remove(lua_State* L) {
  return ask(L, {"graph.delete", true}, "DELETE", false);
}

int items(lua_State* L) {
  return push_walk(L, "graph.items", check_path(L, "graph.items"), as_value);
}

// graph.batch { { path = "/users/1" }, { method = "POST", path = …, body = … } }
int batch(lua_State* L) {
  if (!lua_istable(L, 1))
    throw CallError("argument 1 (list): expected a list, got " + std::string(luaL_typename(L, 1)));
  lua_settop(L, 1);
  std::vector<graph::BatchPart> parts;
  bool writes = false;
  for (int i = 1; lua_rawgeti(L, 1, i), !lua_isnil(L, -1); ++i) {
    graph::BatchPart part;
    if (lua_istable(L, 2)) {
      part.path = text_field(L, 2, "path");
      if (const std::string method = text_field(L, 2, "method"); !method.empty()) part.method = method;
      lua_getfield(L, 2, "body");
      if (!lua_isnil(L, -1)) part.body_json = check_body(L, 3, "body");
    } else {
      part.path = check_text(L, 2, "path");
    }
    if (!part.path.starts_with('/')) {
      throw CallError(fmt::format("graph.batch: entry {}: its path '{}' is to begin with '/'", i, part.path));
    }
    writes = writes || part.method != "GET";
    parts.push_back(std::move(part));
    lua_settop(L, 1);
  }
  const Call call{"graph.batch", writes};
  auto& session = GraphSession::of(L);
  if (const auto refused = session.refusal(call)) return push_failure(L, *refused);
  return answer(L, call, session.primitives().batch(std::move(parts)),
                [](lua_State* to, const std::vector<graph::BatchAnswer>& answers) {
                  lua_createtable(to, static_cast<int>(answers.size()), 0);
                  int at = 0;
                  for (const auto& part : answers) {
                    lua_createtable(to, 2, 0);
                    const int pushed = part.error ? push_failure(to, *part.error) : as_value_if_any(to, part.body);
                    for (int i = pushed; i >= 1; --i) lua_rawseti(to, -1 - i, i);
                    lua_rawseti(to, -2, ++at);
                  }
                  return 1;
                });
}

constexpr Function kFunctions[] = {
    {"create_team", guard<create_team>, "create_team(body) -> team | nil, err",
     "Creates a team in migration mode and waits until its operation has succeeded. createdDateTime is needed."},
    {"team", guard<team>, "team(id) -> team | nil, err", "Reads a team."},
    {"channel", guard<channel>, "channel(team_id, id) -> channel | nil, err", "Reads a channel of a team."},
    {"create_chat", guard<create_chat>, "create_chat(body) -> chat | nil, err",
     "Creates a chat, which does not migrate yet. A pair of people gets the chat that it has."},
    {"chat", guard<chat>, "chat(id) -> chat | nil, err", "Reads a chat."},
    {"user", guard<user>, "user(who) -> user | nil, err", "Finds a user by mail address, principal name or id."},
    {"users", guard<users>, "users([filter]) -> iterator", "All users of the tenant, or those of an OData filter."},
    {"identity", guard<identity>, "identity(user [, displayName]) -> table",
     "What `from` of a message holds for this user, or for the id of one."},
    {"get", guard<get>, "get(path) -> table | nil, err",
     "Fetches one resource. `path` starts with '/' and is relative to /v1.0."},
    {"post", guard<post>, "post(path, [body]) -> table or true | nil, err",
     "Sends a body once; an unclear answer is an err with code 'unclear'. true: the answer had no body."},
    {"patch", guard<patch>, "patch(path, body) -> table or true | nil, err", "Changes a resource."},
    {"delete", guard<remove>, "delete(path) -> true | nil, err", "Deletes a resource."},
    {"batch", guard<batch>, "batch(list) -> { { table or true } or { nil, err }, … } | nil, err",
     "Asks many things at once: each entry is a path or { method, path, body }. Answers in order."},
    {"items", guard<items>, "items(path) -> iterator", "The items of any collection, page by page."},
};

}  // namespace

const Module kGraph = {"graph", "Single steps of a migration, and anything else that Microsoft Graph has.", kFunctions};

}  // namespace teamferry::bindings
