#pragma once

#include <string>
#include <string_view>

#include <lua.hpp>

// Where an error of a script belongs: to the nearest line of a file that is not the tool's own.
// Tested by tests/bindings/host_test.cpp and script_error_test.cpp.
namespace teamferry::bindings {

// Takes "stdlib/time.lua:108: " off the front of an error: a line of the tool helps nobody.
std::string_view without_our_place(std::string_view text);

// "minutes.lua:7": the innermost line of a script on the stack, from `level` on; empty if there is none. `inside`
// becomes true if files of the tool lie above it.
std::string script_place(lua_State* L, int level, bool& inside);

// attempt(fn, …) -> true, values… | false, problem [, "minutes.lua:7"]: runs what is not in a hurry, as plain scripts
// and what is typed at the prompt. No budget ends it but Ctrl-C, and that no pcall can swallow.
int attempt(lua_State* L);

}  // namespace teamferry::bindings
