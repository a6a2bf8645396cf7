#include "bindings/script_error.h"

#include <fmt/format.h>

#include "bindings/host.h"
#include "bindings/stop.h"
#include "bindings/values.h"

namespace teamferry::bindings {

std::string_view without_our_place(std::string_view text) {
  if (!text.starts_with("stdlib/") && !text.starts_with("bindings/")) return text;
  const auto colon = text.find(".lua:");
  const auto end = colon == std::string_view::npos ? colon : text.find_first_not_of("0123456789", colon + 5);
  if (end == std::string_view::npos || !text.substr(end).starts_with(": ")) return text;
  return text.substr(end + 2);
}

std::string script_place(lua_State* L, int level, bool& inside) {
  lua_Debug frame;
  inside = false;
  for (; lua_getstack(L, level, &frame); ++level) {
    lua_getinfo(L, "Sl", &frame);
    const std::string_view source = frame.source;
    if (frame.currentline <= 0 || !source.starts_with('@')) continue;
    if (source.starts_with("@stdlib/") || source.starts_with("@bindings/")) {
      inside = true;
      continue;
    }
    return fmt::format("{:.160}:{}", source.substr(1), frame.currentline);
  }
  return {};
}

namespace {

constexpr std::chrono::hours kUnhurried{24 * 200};

// { value, where } of what went wrong, while its frames still stand.
int note_error(lua_State* L) {
  Budget::settle();
  lua_settop(L, 1);
  lua_createtable(L, 2, 0);
  lua_insert(L, 1);
  if (lua_type(L, 2) == LUA_TSTRING) {
    push_text(L, without_our_place(text_at(L, 2)));
    lua_replace(L, 2);
  }
  lua_rawseti(L, 1, 1);
  bool inside = false;
  push_text(L, script_place(L, 1, inside));
  lua_rawseti(L, 1, 2);
  return 1;
}

}  // namespace

int attempt(lua_State* L) {
  luaL_checktype(L, 1, LUA_TFUNCTION);
  Host& host = Host::of(L);
  lua_pushcfunction(L, note_error);
  lua_insert(L, 1);
  Budget::Limits limits;
  limits.record = limits.reading = kUnhurried;
  limits.stop = &stop_asked();
  auto usual = host.exchange_budget(std::make_unique<Budget>(L, limits));
  host.budget().begin_reading();
  const int outcome = lua_pcall(L, lua_gettop(L) - 2, LUA_MULTRET, 1);
  host.budget().rest();
  Budget::settle();
  host.exchange_budget(std::move(usual));
  lua_pushboolean(L, outcome == 0);
  lua_replace(L, 1);
  if (outcome == 0) return lua_gettop(L);
  if (outcome == LUA_ERRMEM || outcome == LUA_ERRERR) {
    lua_settop(L, 1);
    push_text(L, host.describe_failure(outcome));
    return 2;
  }
  lua_rawgeti(L, 2, 1);
  lua_rawgeti(L, 2, 2);
  lua_remove(L, 2);
  return 3;
}

}  // namespace teamferry::bindings
