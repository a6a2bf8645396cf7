// The methods of handles: what can be done to a team, a channel, a chat.

#include <fmt/format.h>

#include "bindings/graph_call.h"
#include "bindings/graph_handles.h"
#include "bindings/json.h"
#include "bindings/module.h"
#include "bindings/records.h"
#include "native/http/url.h"
#include "native/migrate/primitives.h"
#include "native/migrate/primitives_check.h"

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
  const std::string whole = migrate::complete_channel_body(body);
  if (const auto findings = migrate::check_new_channel(whole); validate::has_error(findings)) {
    return push_invalid(L, findings);
  }
  return answer(
      L, call, session.primitives().create_channel(team_id, whole),
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
  const auto findings = migrate::check_import(body, encode_json(L, 1), !root_id.empty());
  if (validate::has_error(findings)) return push_invalid(L, findings);
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

// One entry of a list of members: { user = id, roles = { … }, visibleHistoryStartDateTime = … }.
graph::NewMember member_at(lua_State* L, int entry, int place) {
  graph::NewMember member;
  if (!lua_istable(L, entry)) {
    throw CallError(fmt::format("members: entry {} is a {}; expected {{ user = id, roles = {{ … }} }}", place,
                                luaL_typename(L, entry)));
  }
  member.user = text_field(L, entry, "user");
  if (member.user.empty()) throw CallError(fmt::format("members: entry {} has no user", place));
  lua_getfield(L, entry, "roles");
  for (int i = 1; lua_istable(L, -1) && (lua_rawgeti(L, -1, i), !lua_isnil(L, -1)); ++i) {
    member.roles.emplace_back(check_text(L, -1, "roles"));
    lua_pop(L, 1);
  }
  lua_settop(L, entry);
  if (const std::string since = text_field(L, entry, "visibleHistoryStartDateTime"); !since.empty()) {
    member.visibleHistoryStartDateTime = DateTime::parse(since);
    if (!member.visibleHistoryStartDateTime) {
      throw CallError(fmt::format("members: entry {}: visibleHistoryStartDateTime '{}' is not a time", place, since));
    }
  }
  return member;
}

int add_members(lua_State* L) {
  const HandleKey& key = check_handle(L, "add_members");
  if (!lua_istable(L, 2))
    throw CallError("argument 2 (members): expected a list, got " + std::string(luaL_typename(L, 2)));
  lua_settop(L, 2);
  std::vector<graph::NewMember> members;
  for (int i = 1; lua_rawgeti(L, 2, i), !lua_isnil(L, -1); ++i) {
    members.push_back(member_at(L, 3, i));
    lua_settop(L, 2);
  }
  constexpr Call call{"add_members", true};
  auto& session = GraphSession::of(L);
  if (const auto refused = session.refusal(call)) return push_failure(L, *refused);
  return answer(L, call,
                session.primitives().add_members(key.ref, key.kind == Kind::team ? key.team_id : std::string(),
                                                 std::move(members)),
                [](lua_State* to, const std::vector<migrate::RefusedMember>& refused) {
                  lua_createtable(to, static_cast<int>(refused.size()), 0);
                  int at = 0;
                  for (const auto& member : refused) {
                    lua_createtable(to, 0, 2);
                    set_field(to, "user", member.user);
                    push_failure(to, member.why);
                    lua_setfield(to, -3, "err");
                    lua_pop(to, 1);
                    lua_rawseti(to, -2, ++at);
                  }
                  return 1;
                });
}

// The bytes of an entry of an export.
class EntryContent : public graph::Content {
 public:
  explicit EntryContent(archive::Bytes bytes) : bytes_(std::move(bytes)) {}
  std::uint64_t size() const override { return bytes_.size(); }
  Result<std::string> read(std::uint64_t offset, std::size_t length) override {
    return std::string(bytes_.view().substr(static_cast<std::size_t>(offset), length));
  }

 private:
  archive::Bytes bytes_;
};

int upload(lua_State* L) {
  const HandleKey& key = check_handle(L, Kind::channel, "upload");
  const std::string name(check_text(L, 2, "name"));
  if (!lua_istable(L, 3)) {
    throw CallError("argument 3 (file): expected { archive = …, path = \"…\" }, got " +
                    std::string(luaL_typename(L, 3)));
  }
  const std::string path = text_field(L, 3, "path");
  lua_getfield(L, 3, "archive");
  Handle* from = handle_or_null(L, -1);
  if (!from || path.empty())
    throw CallError("argument 3 (file): it names no entry; give { archive = a, path = \"…\" }");
  constexpr Call call{"channel:upload", true};
  auto& session = GraphSession::of(L);
  if (const auto refused = session.refusal(call)) return push_failure(L, *refused);
  archive::Bytes bytes;
  if (auto filled = from->archive->read(path, bytes); !filled) return push_failure(L, filled.error());
  return answer(L, call, session.primitives().upload(key.ref, name, std::make_shared<EntryContent>(std::move(bytes))),
                as_value);
}

constexpr Function kOfTeam[] = {
    {"create_channel", guard<create_channel>, "team:create_channel(body) -> channel | nil, err",
     "Creates a channel in migration mode and waits until it can be read. createdDateTime is needed."},
    {"channels", guard<channels>, "team:channels() -> iterator", "The channels of the team."},
    {"channel", guard<channel>, "team:channel(displayName) -> channel | nil, err",
     "One channel by its name, whose letter case does not count."},
    {"members", guard<members>, "team:members() -> iterator", "The members of the team."},
    {"add_members", guard<add_members>, "team:add_members(list) -> refused | nil, err",
     "Adds members, each { user = id, roles = { … } }. Gives those who were "
     "refused, each { user, err }."},
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
    {"upload", guard<upload>, "channel:upload(name, file) -> driveItem | nil, err",
     "Puts a file into the channel's folder; `file` is { archive = a, path = \"…\" }."},
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
    {"add_members", guard<add_members>, "chat:add_members(list) -> refused | nil, err",
     "Adds members, each { user = id, roles = { … }, visibleHistoryStartDateTime = … }. Gives those who were "
     "refused, each { user, err }."},
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
