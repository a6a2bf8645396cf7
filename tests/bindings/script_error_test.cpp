#include "bindings/script_error.h"

#include <catch2/catch.hpp>

#include "tests/bindings/lua_fixture.h"

using namespace teamferry::bindings;
using namespace teamferry::bindings::test;
using Catch::Matchers::Contains;

namespace {

// attempt() over a text of script; "true …", or "false", the problem and its place.
std::string attempted(const std::string& text) {
  Host::Options options;
  options.commands = true;
  Script script(std::move(options));
  lua_State* L = script.host->state();
  REQUIRE(script.host->require("bindings.testing"));
  lua_settop(L, 0);
  lua_pushcfunction(L, attempt);
  REQUIRE(luaL_loadbuffer(L, text.data(), text.size(), "@minutes.lua") == 0);
  REQUIRE(lua_pcall(L, 1, LUA_MULTRET, 0) == 0);
  std::string all = lua_toboolean(L, 1) ? "true" : "false";
  for (int i = 2; i <= lua_gettop(L); ++i) {
    lua_getglobal(L, "tostring");
    lua_pushvalue(L, i);
    lua_call(L, 1, 1);
    all += "|" + std::string(lua_tostring(L, -1));
    lua_pop(L, 1);
  }
  return all;
}

}  // namespace

TEST_CASE("An attempt gives what the script gives, or what went wrong and where", "[script]") {
  CHECK(attempted("return 1, nil, 'x'") == "true|1|nil|x");
  CHECK(attempted("\n\nerror('no', 0)") == "false|no|minutes.lua:3");
  CHECK(attempted("local t\nreturn t.x") ==
        "false|minutes.lua:2: attempt to index local 't' (a nil value)|minutes.lua:2");
  CHECK_THAT(attempted("\nerror({ code = 'x' })"), Contains("false|table") && Contains("|minutes.lua:2"));
}

TEST_CASE("An error of the tool's own files is put at the script's line", "[script]") {
  CHECK(attempted("local walk = require('stdlib.pager').items(function() return nil, 'gone' end)\nwalk()") ==
        "false|gone|minutes.lua:2");
}
