#include "bindings/values.h"

#include <fmt/format.h>

namespace teamferry::bindings {

namespace {

// Under this key of the registry lies the metatable of errors.
constexpr const char* kErrorType = "teamferry.error";

int error_to_string(lua_State* L) {
  lua_getfield(L, 1, "line");
  return 1;
}

}  // namespace

std::string_view check_text(lua_State* L, int index, const char* name) {
  if (!lua_isstring(L, index)) {
    throw CallError(fmt::format("argument {} ({}): expected text, got {}", index, name, luaL_typename(L, index)));
  }
  std::size_t length = 0;
  const char* text = lua_tolstring(L, index, &length);
  return {text, length};
}

std::optional<std::string_view> optional_text(lua_State* L, int index, const char* name) {
  if (lua_isnoneornil(L, index)) return std::nullopt;
  return check_text(L, index, name);
}

std::string text_field(lua_State* L, int index, const char* key) {
  lua_getfield(L, index, key);
  std::string value;
  if (!lua_isnil(L, -1)) {
    if (!lua_isstring(L, -1)) throw CallError(fmt::format("{}: expected text, got {}", key, luaL_typename(L, -1)));
    std::size_t length = 0;
    const char* text = lua_tolstring(L, -1, &length);
    value.assign(text, length);
  }
  lua_pop(L, 1);
  return value;
}

bool flag_field(lua_State* L, int index, const char* key) {
  lua_getfield(L, index, key);
  const bool value = lua_toboolean(L, -1);
  lua_pop(L, 1);
  return value;
}

std::optional<double> number_field(lua_State* L, int index, const char* key) {
  lua_getfield(L, index, key);
  std::optional<double> value;
  if (!lua_isnil(L, -1)) {
    if (!lua_isnumber(L, -1)) throw CallError(fmt::format("{}: expected a number, got {}", key, luaL_typename(L, -1)));
    value = lua_tonumber(L, -1);
  }
  lua_pop(L, 1);
  return value;
}

void set_field(lua_State* L, const char* key, std::string_view value) {
  push_text(L, value);
  lua_setfield(L, -2, key);
}

void set_field(lua_State* L, const char* key, double value) {
  lua_pushnumber(L, value);
  lua_setfield(L, -2, key);
}

void set_flag(lua_State* L, const char* key, bool value) {
  lua_pushboolean(L, value);
  lua_setfield(L, -2, key);
}

int push_failure(lua_State* L, const Error& error) {
  static constexpr const char* kKinds[] = {"transport", "service", "argument", "state"};
  lua_pushnil(L);
  lua_newtable(L);
  set_field(L, "kind", kKinds[static_cast<int>(error.kind)]);
  set_field(L, "code", error.code);
  set_field(L, "message", error.message);
  set_field(L, "line", error.kind == Error::Kind::service ? error.to_string() : error.message);
  if (error.status) set_field(L, "status", error.status);
  if (!error.request_id.empty()) set_field(L, "request_id", error.request_id);
  if (!error.client_request_id.empty()) set_field(L, "client_request_id", error.client_request_id);
  if (error.retry_after) set_field(L, "retry_after_s", static_cast<double>(error.retry_after->count()) / 1000);
  if (luaL_newmetatable(L, kErrorType)) {
    lua_pushcfunction(L, error_to_string);
    lua_setfield(L, -2, "__tostring");
  }
  lua_setmetatable(L, -2);
  return 2;
}

}  // namespace teamferry::bindings
