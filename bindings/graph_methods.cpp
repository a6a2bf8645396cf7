// The methods of handles: what can be done to a team, a channel, a chat.

#include <fmt/format.h>

#include "bindings/graph_call.h"
#include "bindings/graph_handles.h"
#include "bindings/module.h"
#include "native/http/url.h"
#include "native/migrate/primitives.h"

namespace teamferry::bindings {

namespace {

using Call = TaskBridge::Call;
using Kind = HandleKey::Kind;

int as_value(lua_State* L, const std::string& json) {
  return push_json_text(L, json);
}

// Fills the handle at 1 anew and gives it, or `true`.
auto refilling(lua_State* L, bool gives_handle) {
  return [held = std::make_shared<HeldHandle>(L, 1), gives_handle](lua_State* to, const std::string& json) {
    if (!held->refill(to, json)) {
      return push_failure(to, Error::transport("unreadable", "the service agreed, but its answer is no JSON object"));
    }
    if (gives_handle) {
      held->push(to);
    } else {
      lua_pushboolean(to, 1);
    }
    return 1;
  };
}

std::string path_of(const HandleKey& key) {
  return key.kind == Kind::team ? "/teams/" + http::percent_encode(key.team_id) : graph::path_of(key.ref);
}

int create_channel(lua_State* L) {
  const HandleKey& key = check_handle(L, Kind::team, "create_channel");
  const std::string team_id = key.team_id;
  const std::string body = check_body(L, 2, "body");
  constexpr Call call{"team:create_channel", true};
  auto& session = GraphSession::of(L);
  if (const auto refused = session.refusal(call)) return push_failure(L, *refused);
  return answer(
      L, call, session.primitives().create_channel(team_id, body),
      [team_id](lua_State* to, const std::string& json) { return push_handle(to, Kind::channel, team_id, json); });
}

int channels(lua_State* L) {
  const HandleKey& key = check_handle(L, Kind::team, "channels");
  return push_walk(L, "team:channels", path_of(key) + "/channels",
                   [team_id = key.team_id](lua_State* to, const std::string& json) {
                     return push_handles(to, Kind::channel, team_id, json);
                   });
}

int channel(lua_State* L) {
  const std::string team_id = check_handle(L, Kind::team, "channel").team_id;
  const std::string name(check_text(L, 2, "displayName"));
  constexpr Call call{"team:channel"};
  auto& session = GraphSession::of(L);
  if (const auto refused = session.refusal(call)) return push_failure(L, *refused);
  return answer(
      L, call, session.primitives().channel_named(team_id, name),
      [team_id](lua_State* to, const std::string& json) { return push_handle(to, Kind::channel, team_id, json); });
}

int refresh(lua_State* L) {
  const HandleKey& key = check_handle(L, "refresh");
  constexpr Call call{"refresh"};
  auto& session = GraphSession::of(L);
  if (const auto refused = session.refusal(call)) return push_failure(L, *refused);
  auto& primitives = session.primitives();
  return answer(L, call, key.kind == Kind::team ? primitives.team(key.team_id) : primitives.conversation(key.ref),
                refilling(L, true));
}

int start_migration(lua_State* L) {
  const HandleKey& key = check_handle(L, "start_migration");
  std::optional<DateTime> floor;
  if (!lua_isnoneornil(L, 2)) {
    if (!lua_istable(L, 2)) {
      throw CallError("argument 2 (options): expected { conversationCreationDateTime = … }, got " +
                      std::string(luaL_typename(L, 2)));
    }
    const std::string text = text_field(L, 2, "conversationCreationDateTime");
    floor = DateTime::parse(text);
    if (!floor && !text.empty()) {
      throw CallError(
          fmt::format("conversationCreationDateTime '{}' is not a time; use time.parse or time.unix", text));
    }
  }
  constexpr Call call{"start_migration", true};
  auto& session = GraphSession::of(L);
  if (const auto refused = session.refusal(call)) return push_failure(L, *refused);
  return answer(L, call, session.primitives().start_migration(key.ref, floor), refilling(L, false));
}

int complete_migration(lua_State* L) {
  const HandleKey& key = check_handle(L, "complete_migration");
  constexpr Call call{"complete_migration", true};
  auto& session = GraphSession::of(L);
  if (const auto refused = session.refusal(call)) return push_failure(L, *refused);
  auto& primitives = session.primitives();
  return answer(L, call,
                key.kind == Kind::team ? primitives.complete_team(key.team_id) : primitives.complete_migration(key.ref),
                refilling(L, false));
}

int send(lua_State* L, Call call, const HandleKey& key, std::string root_id, std::string body) {
  auto& session = GraphSession::of(L);
  if (const auto refused = session.refusal(call)) return push_failure(L, *refused);
  if (const auto refused = migrate::refuse_import(key.mode, handle_name(L, 1))) return push_failure(L, *refused);
  return answer(L, call, session.primitives().import(key.ref, std::move(root_id), std::move(body)), as_value);
}

int import(lua_State* L) {
  const HandleKey& key = check_handle(L, "import");
  return send(L, {"import", true}, key, "", check_body(L, 2, "message"));
}

int reply(lua_State* L) {
  const HandleKey& key = check_handle(L, Kind::channel, "reply");
  const std::string root_id(check_text(L, 2, "root_id"));
  return send(L, {"reply", true}, key, root_id, check_body(L, 3, "message"));
}

int messages(lua_State* L) {
  const HandleKey& key = check_handle(L, "messages");
  return push_walk(L, "messages", path_of(key) + "/messages?$top=50", as_value);
}

int replies(lua_State* L) {
  const HandleKey& key = check_handle(L, Kind::channel, "replies");
  const std::string root_id(check_text(L, 2, "root_id"));
  return push_walk(L, "replies",
                   fmt::format("{}/messages/{}/replies?$top=50", path_of(key), http::percent_encode(root_id)),
                   as_value);
}

int members(lua_State* L) {
  const HandleKey& key = check_handle(L, "members");
  return push_walk(L, "members", path_of(key) + "/members", as_value);
}

constexpr Function kOfTeam[] = {
    {"create_channel", guard<create_channel>, "team:create_channel(body) -> channel | nil, err",
     "Creates a channel in migration mode and waits until it can be read. createdDateTime is needed."},
    {"channels", guard<channels>, "team:channels() -> iterator", "The channels of the team."},
    {"channel", guard<channel>, "team:channel(displayName) -> channel | nil, err",
     "One channel by its name, whose letter case does not count."},
    {"members", guard<members>, "team:members() -> iterator", "The members of the team."},
    {"complete_migration", guard<complete_migration>, "team:complete_migration() -> true | nil, err",
     "Ends the migration of the team. Every channel is completed before it, General last."},
    {"refresh", guard<refresh>, "team:refresh() -> team | nil, err", "Reads the handle again."},
};

constexpr Function kOfChannel[] = {
    {"import", guard<import>, "channel:import(message) -> message | nil, err",
     "Imports a root at its createdDateTime, at the pace of the channel; gives it as Graph stored it."},
    {"reply", guard<reply>, "channel:reply(root_id, message) -> message | nil, err",
     "Imports an answer to a root, as import does."},
    {"messages", guard<messages>, "channel:messages() -> iterator", "The roots, the newest first."},
    {"replies", guard<replies>, "channel:replies(root_id) -> iterator", "The answers to a root, the newest first."},
    {"members", guard<members>, "channel:members() -> iterator", "The members of the channel."},
    {"start_migration", guard<start_migration>,
     "channel:start_migration([{ conversationCreationDateTime }]) -> true | nil, err",
     "Opens the channel for imports. The time, earlier than it has now, becomes that of the channel."},
    {"complete_migration", guard<complete_migration>, "channel:complete_migration() -> true | nil, err",
     "Ends the import, so that people see the channel. The state is read before and after."},
    {"refresh", guard<refresh>, "channel:refresh() -> channel | nil, err", "Reads the handle again."},
};

constexpr Function kOfChat[] = {
    {"import", guard<import>, "chat:import(message) -> message | nil, err",
     "Imports a message at its createdDateTime, at the pace of the chat; gives it as Graph stored it."},
    {"messages", guard<messages>, "chat:messages() -> iterator", "The messages, the newest first."},
    {"members", guard<members>, "chat:members() -> iterator", "The members of the chat."},
    {"start_migration", guard<start_migration>,
     "chat:start_migration([{ conversationCreationDateTime }]) -> true | nil, err",
     "Opens the chat for imports. The time, earlier than it has now, becomes that of the chat."},
    {"complete_migration", guard<complete_migration>, "chat:complete_migration() -> true | nil, err",
     "Ends the import, so that people see the messages. The state is read before and after."},
    {"refresh", guard<refresh>, "chat:refresh() -> chat | nil, err", "Reads the handle again."},
};

}  // namespace

const Module kTeamMethods = {"team", "What can be done to a team.", kOfTeam};
const Module kChannelMethods = {"channel", "What can be done to a channel.", kOfChannel};
const Module kChatMethods = {"chat", "What can be done to a chat.", kOfChat};

}  // namespace teamferry::bindings
