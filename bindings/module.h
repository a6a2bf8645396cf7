#pragma once

#include <cstdio>
#include <exception>
#include <span>

#include <lua.hpp>

namespace teamferry::bindings {

// One function that scripts can call. The table registers it and documents it; a test finds an entry
// without signature or summary.
struct Function {
  const char* name;
  lua_CFunction call;
  const char* signature;  // "decode(text [, opt]) -> value | nil, err"
  const char* summary;    // one or two sentences: shape, unit, failure
};

struct Module {
  const char* name;
  const char* summary;
  std::span<const Function> functions;
};

// The modules of which the master list consists, each in the file of its name.
extern const Module kJson;
extern const Module kArchive;         // archive.open
extern const Module kArchiveMethods;  // what a handle can do
extern const Module kLog;
extern const Module kValidate;
extern const Module kHost;    // primitives of the sandbox and the driver; no script sees them
extern const Module kNative;  // primitives of the commands; no script sees them
extern const Module kProject;
extern const Module kGraph;           // of plain scripts: graph.team(…)
extern const Module kTeamMethods;     // what a handle on a team can do
extern const Module kChannelMethods;  // … on a channel
extern const Module kChatMethods;     // … on a chat
std::span<const Module* const> modules();

// The one place where C++ meets lua_error: an exception is caught, its text copied, and only then, outside
// of the `try`, raised in Lua with the line of the caller. Inside a binding, throw. Errors of Lua itself pass
// through untouched, and the destructors in their way run.
template <lua_CFunction function>
int guard(lua_State* L) {
  char message[1024];
  try {
    return function(L);
  } catch (const std::exception& e) {
    std::snprintf(message, sizeof message, "%s", e.what());
  }
  return luaL_error(L, "%s", message);
}

// The metatable of projects, for the state of the commands.
void open_native(lua_State* L);

// Fills the table at the top of the stack with the functions of `module`.
void add_functions(lua_State* L, const Module& module);

}  // namespace teamferry::bindings
