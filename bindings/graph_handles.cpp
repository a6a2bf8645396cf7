#include "bindings/graph_handles.h"

#include <strings.h>

#include <fmt/format.h>

#include "bindings/host.h"
#include "bindings/json.h"
#include "bindings/module.h"
#include "bindings/records.h"
#include "bindings/values.h"
#include "native/archive/json_records.h"

namespace teamferry::bindings {

namespace {

using archive::JsonValue;

char kKeysKey;  // of the registry: handle -> HandleKey, weak

const char* name_of(HandleKey::Kind kind) {
  static constexpr const char* kNames[] = {"team", "channel", "chat"};
  return kNames[static_cast<int>(kind)];
}

void push_keys(lua_State* L) {
  lua_pushlightuserdata(L, &kKeysKey);
  lua_rawget(L, LUA_REGISTRYINDEX);
  if (!lua_isnil(L, -1)) return;
  lua_pop(L, 1);
  lua_newtable(L);
  lua_createtable(L, 0, 1);
  lua_pushliteral(L, "k");
  lua_setfield(L, -2, "__mode");
  lua_setmetatable(L, -2);
  lua_pushlightuserdata(L, &kKeysKey);
  lua_pushvalue(L, -2);
  lua_rawset(L, LUA_REGISTRYINDEX);
}

HandleKey* find_key(lua_State* L, int index) {
  if (!lua_istable(L, index)) return nullptr;
  lua_pushvalue(L, index);
  push_keys(L);
  lua_insert(L, -2);
  lua_rawget(L, -2);
  auto* key = static_cast<HandleKey*>(lua_touserdata(L, -1));
  lua_pop(L, 2);
  return key;
}

int handle_to_string(lua_State* L) {
  push_text(L, handle_name(L, 1));
  return 1;
}

void push_metatable(lua_State* L, HandleKey::Kind kind) {
  static const Module* const kMethods[] = {&kTeamMethods, &kChannelMethods, &kChatMethods};
  const Module& methods = *kMethods[static_cast<int>(kind)];
  if (!luaL_newmetatable(L, fmt::format("teamferry.{}", name_of(kind)).c_str())) return;
  lua_newtable(L);
  add_functions(L, methods);
  lua_setfield(L, -2, "__index");
  lua_pushcfunction(L, guard<handle_to_string>);
  lua_setfield(L, -2, "__tostring");
  lua_pushboolean(L, 0);
  lua_setfield(L, -2, "__metatable");
}

// Absent is not null: older services leave the property out whatever the state is.
graph::MigrationMode mode_of(const JsonValue& resource) {
  using graph::MigrationMode;
  const auto mode = resource.find("migrationMode");
  if (!mode) return MigrationMode::unknown;
  if (mode->is_null()) return MigrationMode::none;
  const std::string text = mode->type() == JsonValue::Type::text ? std::string(mode->text()) : std::string();
  for (const auto known : {MigrationMode::inProgress, MigrationMode::completed}) {
    if (strcasecmp(text.c_str(), graph::to_string(known).data()) == 0) return known;
  }
  return MigrationMode::unknown;
}

Result<JsonValue> parsed(lua_State* L, const archive::Bytes& bytes) {
  bool repaired = false;
  auto value = Host::of(L).json_reader().document(bytes, "the answer", repaired);
  if (!value) return Error::transport("unreadable", "the service's answer is no JSON");
  return *value;
}

bool push_resource(lua_State* L, HandleKey::Kind kind, const std::string& team_id, const JsonValue& resource) {
  if (!resource.is_object()) return false;
  const auto id = resource.find("id");
  if (!id || id->type() != JsonValue::Type::text) return false;
  HandleKey key;
  key.kind = kind;
  const std::string own(id->text());
  if (kind == HandleKey::Kind::team) key.team_id = own;
  if (kind == HandleKey::Kind::channel) key = {kind, team_id, {team_id, own}, {}};
  if (kind == HandleKey::Kind::chat) key.ref = graph::ConversationRef::chat(own);
  key.mode = mode_of(resource);
  push_json(L, resource);
  push_metatable(L, kind);
  lua_setmetatable(L, -2);
  push_keys(L);
  lua_pushvalue(L, -2);
  new (lua_newuserdata(L, sizeof(HandleKey))) HandleKey(std::move(key));
  lua_createtable(L, 0, 1);
  lua_pushcfunction(L, collect<HandleKey>);
  lua_setfield(L, -2, "__gc");
  lua_setmetatable(L, -2);
  lua_rawset(L, -3);
  lua_pop(L, 1);
  return true;
}

int push_no_resource(lua_State* L, HandleKey::Kind kind) {
  return push_failure(
      L, Error::transport("unreadable", fmt::format("the service agreed, but its answer is no {}", name_of(kind))));
}

}  // namespace

int push_json_text(lua_State* L, const std::string& json) {
  const archive::Bytes bytes{std::string_view(json)};
  const auto value = parsed(L, bytes);
  if (!value) return push_failure(L, value.error());
  push_json(L, *value);
  return 1;
}

int push_handle(lua_State* L, HandleKey::Kind kind, const std::string& team_id, const std::string& json) {
  const archive::Bytes bytes{std::string_view(json)};
  const auto value = parsed(L, bytes);
  if (!value || !push_resource(L, kind, team_id, *value)) return push_no_resource(L, kind);
  return 1;
}

int push_handles(lua_State* L, HandleKey::Kind kind, const std::string& team_id, const std::string& json) {
  const archive::Bytes bytes{std::string_view(json)};
  const auto list = parsed(L, bytes);
  if (!list || list->type() != JsonValue::Type::array) return push_no_resource(L, kind);
  lua_newtable(L);
  int at = 0;
  for (const JsonValue item : list->items()) {
    if (!push_resource(L, kind, team_id, item)) return push_no_resource(L, kind);
    lua_rawseti(L, -2, ++at);
  }
  return 1;
}

const HandleKey& check_handle(lua_State* L, const char* method) {
  const HandleKey* key = find_key(L, 1);
  if (!key) {
    throw CallError(fmt::format("{0} takes a colon and a handle, as in channel:{0}(…); it was called on a {1}", method,
                                luaL_typename(L, 1)));
  }
  return *key;
}

const HandleKey& check_handle(lua_State* L, HandleKey::Kind kind, const char* method) {
  const HandleKey& key = check_handle(L, method);
  if (key.kind != kind) throw CallError(fmt::format("a {} has no method {}", name_of(key.kind), method));
  return key;
}

std::string handle_name(lua_State* L, int index) {
  const HandleKey* key = find_key(L, index);
  const char* kind = key ? name_of(key->kind) : "handle";
  for (const char* field : {"displayName", "topic", "id"}) {
    lua_pushstring(L, field);
    lua_rawget(L, index);
    const std::string value(text_at(L, -1));
    lua_pop(L, 1);
    if (!value.empty()) return fmt::format("{} '{}'", kind, value);
  }
  return kind;
}

HeldHandle::HeldHandle(lua_State* L, int index) : main_(Host::of(L).state()) {
  lua_pushvalue(L, index);
  anchor_ = luaL_ref(L, LUA_REGISTRYINDEX);
}

HeldHandle::~HeldHandle() {
  luaL_unref(main_, LUA_REGISTRYINDEX, anchor_);
}

void HeldHandle::push(lua_State* L) const {
  lua_rawgeti(L, LUA_REGISTRYINDEX, anchor_);
}

bool HeldHandle::refill(lua_State* L, const std::string& json) const {
  const StackGuard guard(L);
  const archive::Bytes bytes{std::string_view(json)};
  const auto value = parsed(L, bytes);
  if (!value || !value->is_object()) return false;
  push(L);
  const int handle = lua_gettop(L);
  find_key(L, handle)->mode = mode_of(*value);
  for (lua_pushnil(L); lua_next(L, handle);) {  // to clear a field while walking is allowed
    lua_pop(L, 1);
    lua_pushvalue(L, -1);
    lua_pushnil(L);
    lua_rawset(L, handle);
  }
  push_json(L, *value);
  for (lua_pushnil(L); lua_next(L, -2); lua_pop(L, 1)) {
    lua_pushvalue(L, -2);
    lua_pushvalue(L, -2);
    lua_rawset(L, handle);
  }
  return true;
}

}  // namespace teamferry::bindings
