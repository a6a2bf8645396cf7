// The `log` module and print(): lines for people, with the script's file and line.

#include <fmt/format.h>

#include "bindings/host.h"
#include "bindings/module.h"
#include "bindings/values.h"

namespace teamferry::bindings {

namespace {

// A line of code that speaks for each of a million records is heard this often.
constexpr int kLinesOfOnePlace = 20;

char kCountsKey;

// Counts how often the script's current line has spoken. Returns its place, or nothing once that was often enough.
std::optional<std::string> place(lua_State* L) {
  luaL_where(L, 1);
  const std::string where = lua_tostring(L, -1);
  lua_pop(L, 1);
  if (Host::of(L).options().commands) return where;  // no records here
  lua_pushlightuserdata(L, &kCountsKey);
  lua_rawget(L, LUA_REGISTRYINDEX);
  if (lua_isnil(L, -1)) {
    lua_pop(L, 1);
    lua_newtable(L);
    lua_pushlightuserdata(L, &kCountsKey);
    lua_pushvalue(L, -2);
    lua_rawset(L, LUA_REGISTRYINDEX);
  }
  lua_getfield(L, -1, where.c_str());
  const int count = static_cast<int>(lua_tointeger(L, -1)) + 1;
  lua_pop(L, 1);
  lua_pushinteger(L, count);
  lua_setfield(L, -2, where.c_str());
  lua_pop(L, 1);
  if (count > kLinesOfOnePlace) return std::nullopt;
  return where + (count == kLinesOfOnePlace ? "(the last time from this line) " : "");
}

int say(lua_State* L, Host::Level level) {
  const auto where = place(L);
  if (!where) return 0;
  check_text(L, 1, "format");
  lua_getglobal(L, "string");
  lua_getfield(L, -1, "format");
  lua_insert(L, 1);
  lua_pop(L, 1);
  lua_call(L, lua_gettop(L) - 1, 1);
  Host::of(L).log(level, *where + lua_tostring(L, -1));
  return 0;
}

int debug(lua_State* L) {
  return say(L, Host::Level::debug);
}
int info(lua_State* L) {
  return say(L, Host::Level::info);
}
int warn(lua_State* L) {
  return say(L, Host::Level::warn);
}

int print(lua_State* L) {
  const auto where = place(L);
  if (!where) return 0;
  std::string line = *where;
  const int count = lua_gettop(L);
  lua_getglobal(L, "tostring");
  for (int i = 1; i <= count; ++i) {
    lua_pushvalue(L, -1);
    lua_pushvalue(L, i);
    lua_call(L, 1, 1);
    if (i > 1) line += '\t';
    if (const char* text = lua_tostring(L, -1)) line += text;
    lua_pop(L, 1);
  }
  Host::of(L).log(Host::Level::info, line);
  return 0;
}

constexpr Function kFunctions[] = {
    {"debug", guard<debug>, "debug(format, …)", "Notes a line for whoever looks closely, as string.format makes it."},
    {"info", guard<info>, "info(format, …)",
     "Notes a line, as string.format makes it; the first 20 of a line of code."},
    {"warn", guard<warn>, "warn(format, …)", "Notes a warning, as string.format makes it."},
    {"print", guard<print>, "print(…)", "Notes its arguments, separated by tabs. Scripts know it as print."},
};

}  // namespace

const Module kLog = {"log", "Lines for people, with file and line of the script.", kFunctions};

}  // namespace teamferry::bindings
