// Primitives of bindings/sandbox.lua and stdlib/run.lua. No script sees them.

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <fmt/format.h>

#include "bindings/archive.h"
#include "bindings/embedded.h"
#include "bindings/host.h"
#include "bindings/module.h"
#include "bindings/values.h"

namespace teamferry::bindings {

int place_of_record(lua_State* L);  // records.cpp
int only_with(lua_State* L);        // records.cpp
int composer(lua_State* L);         // composer.cpp

namespace {

int compile(lua_State* L) {
  const auto text = check_text(L, 1, "text");
  const std::string chunk = "@" + std::string(check_text(L, 2, "chunk"));
  if (luaL_loadbufferx(L, text.data(), text.size(), chunk.c_str(), "t") == 0) return 1;
  lua_pushnil(L);
  lua_insert(L, -2);
  return 2;
}

int find(lua_State* L) {
  const auto source = Host::of(L).find_module(check_text(L, 1, "name"));
  if (!source) {
    lua_pushnil(L);
    push_text(L, source.error().message);
    return 2;
  }
  push_text(L, source->text);
  push_text(L, source->chunk);
  lua_pushboolean(L, source->trusted);
  return 3;
}

int is_trusted(lua_State* L) {
  lua_pushboolean(L, Host::is_trusted(check_text(L, 1, "name")));
  return 1;
}

int shipped(lua_State* L) {
  lua_newtable(L);
  int at = 0;
  for (const auto& file : embedded_files()) {
    if (!file.module.starts_with("scripts.")) continue;
    push_text(L, file.module);
    lua_rawseti(L, -2, ++at);
  }
  return 1;
}

// The handler of a cell: gives it time of its own, and keeps the text in case it fails.
int handle(lua_State* L) {
  Host& host = Host::of(L);
  Budget::settle();
  host.budget().begin_reading();
  host.note_problem(lua_type(L, 1) == LUA_TSTRING ? text_at(L, 1) : std::string_view());
  lua_pushvalue(L, lua_upvalueindex(1));
  lua_pushvalue(L, 1);
  lua_call(L, 1, 1);
  return 1;
}

// xpcall for trusted files: what a budget has stopped ends here, and nowhere inside a script. Whatever went wrong, the
// second result is what the handler gave, or a text.
int cell(lua_State* L) {
  luaL_checkany(L, 2);
  Host& host = Host::of(L);
  host.note_problem({});
  lua_pushvalue(L, 1);
  lua_pushvalue(L, 2);
  lua_replace(L, 1);
  lua_replace(L, 2);
  lua_pushvalue(L, 1);
  lua_pushcclosure(L, handle, 1);
  lua_replace(L, 1);
  const int outcome = lua_pcall(L, lua_gettop(L) - 2, LUA_MULTRET, 1);
  Budget::settle();
  host.budget().resume_reading();
  if (outcome == LUA_ERRMEM || outcome == LUA_ERRERR) {
    lua_pop(L, 1);
    push_text(L, host.describe_failure(outcome));
  }
  lua_pushboolean(L, outcome == 0);
  if (outcome == 0) {
    lua_replace(L, 1);
    return lua_gettop(L);
  }
  lua_insert(L, -2);
  return 2;
}

int begin_piece(lua_State* L) {
  Host::of(L).budget().begin_reading();
  return 0;
}

int warn(lua_State* L) {
  Host::of(L).warn_once(std::string(check_text(L, 1, "text")));
  return 0;
}

int exists(lua_State* L) {
  namespace fs = std::filesystem;
  std::error_code error;
  lua_pushboolean(L,
                  fs::exists(fs::path(Host::of(L).options().project) / std::string(check_text(L, 1, "path")), error));
  return 1;
}

int folder(lua_State* L) {
  std::error_code error;
  push_text(L, std::filesystem::absolute(Host::of(L).options().project, error).lexically_normal().string());
  return 1;
}

// A file that an argument names: of the project, or given on the command line.
int read_file(lua_State* L) {
  namespace fs = std::filesystem;
  const std::string name(check_text(L, 1, "path"));
  const fs::path path = fs::path(Host::of(L).options().project) / name;
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  if (in) text << in.rdbuf();
  if (!in || !text) {
    lua_pushnil(L);
    push_text(L, fmt::format("cannot read {}", name));
    return 2;
  }
  push_text(L, std::move(text).str());
  return 1;
}

int has_env(lua_State* L) {
  const char* value = std::getenv(std::string(check_text(L, 1, "name")).c_str());
  lua_pushboolean(L, value && *value);
  return 1;
}

int open_export(lua_State* L) {
  auto opened = archive::Archive::open_in(Host::of(L).options().project, std::string(check_text(L, 1, "path")));
  if (!opened) throw CallError(opened.error().message);
  push_archive(L, std::move(*opened));
  return 1;
}

int zone(lua_State* L) {
  using namespace std::chrono;
  const Zone* found = Host::of(L).zones().find(std::string(check_text(L, 1, "name")));
  if (!found && !Host::of(L).zones().any()) throw CallError("this machine has no time zones; install tzdata");
  if (!found) return 0;
  const sys_days date = std::chrono::year(luaL_checkint(L, 2)) / luaL_checkint(L, 3) / luaL_checkint(L, 4);
  const auto local = date.time_since_epoch() + hours(luaL_checkint(L, 5)) + minutes(luaL_checkint(L, 6)) +
                     seconds(luaL_checkint(L, 7));
  lua_pushnumber(L, found->offset_of_local(duration_cast<seconds>(local).count()));
  return 1;
}

// What the registration tables say of their functions, for help.
int manual(lua_State* L) {
  std::vector<const Module*> all(modules().begin(), modules().end());
  for (const Module* module : {&kArchiveMethods, &kGraph, &kTeamMethods, &kChannelMethods, &kChatMethods}) {
    all.push_back(module);
  }
  std::erase_if(all, [](const Module* module) { return module == &kHost || module == &kNative; });
  lua_createtable(L, static_cast<int>(all.size()), 0);
  int at = 0;
  for (const Module* module : all) {
    lua_newtable(L);
    set_field(L, "name", module->name);
    set_field(L, "summary", module->summary);
    set_list(L, "functions", module->functions, [L](const Function& function) {
      set_field(L, "name", function.name);
      set_field(L, "signature", function.signature);
      set_field(L, "summary", function.summary);
    });
    lua_rawseti(L, -2, ++at);
  }
  return 1;
}

// The functions of debug that say where something stands, for the messages of stdlib/.
int debug_library(lua_State* L) {
  lua_pushcfunction(L, luaopen_debug);
  lua_pushliteral(L, "debug");
  lua_call(L, 1, 1);
  lua_newtable(L);
  for (const char* name : {"getinfo", "getlocal", "traceback"}) {
    lua_getfield(L, -2, name);
    lua_setfield(L, -2, name);
  }
  lua_pushnil(L);
  lua_setglobal(L, "debug");
  return 1;
}

constexpr Function kFunctions[] = {
    {"compile", guard<compile>, "compile(text, chunk) -> function | nil, err", "Compiles Lua text, never bytecode."},
    {"find", guard<find>, "find(name) -> text, chunk, trusted | nil, where", "The text of a module."},
    {"is_trusted", guard<is_trusted>, "is_trusted(name) -> boolean",
     "Whether a module is a file of stdlib/ in the binary."},
    {"shipped", guard<shipped>, "shipped() -> { name, … }", "The names of the scripts in the binary."},
    {"cell", guard<cell>, "cell(function, handler, …) -> boolean, …", "xpcall that ends what a budget has stopped."},
    {"begin_piece", guard<begin_piece>, "begin_piece()", "Gives what runs from here on the time of a reading step."},
    {"manual", guard<manual>, "manual() -> { { name, summary, functions }, … }",
     "The native modules that scripts see; a function has name, signature and summary."},
    {"debug", guard<debug_library>, "debug() -> table", "getinfo, getlocal and traceback."},
    {"warn", guard<warn>, "warn(text)", "A line for the head of the plan; equal ones once."},
    {"exists", guard<exists>, "exists(path) -> boolean", "Whether the project has that file or folder."},
    {"folder", guard<folder>, "folder() -> path", "The project's folder, for messages to people."},
    {"read_file", guard<read_file>, "read_file(path) -> text | nil, why", "A file that an argument names."},
    {"has_env", guard<has_env>, "has_env(name) -> boolean", "Whether an environment variable is set."},
    {"open_export", guard<open_export>, "open_export(path) -> archive",
     "Opens the export, or raises what is wrong with it."},
    {"zone", guard<zone>, "zone(name, year, month, day, hour, minute, second) -> seconds east of UTC",
     "What the clocks of an IANA zone show; nothing for a name that this machine does not know."},
    {"composer", guard<composer>, "composer({ people, channels, fallback_line, repair }) -> compose",
     "compose(message) -> body, losses [, failure]: a mapped message as it would be sent, as JSON, in a tenant where "
     "everybody with an address has a user. `message.strangers` are people besides those listed."},
    {"only_with", guard<only_with>, "only_with(text or nil)",
     "From here on records() gives JSON records alone that hold this text somewhere; with nil all, as usual."},
    {"place_of", place_of_record, "place_of(record) -> file, index", "Where one of the last records came from."},
};

}  // namespace

const Module kHost = {"host", "What the sandbox and the driver need of the program.", kFunctions};

}  // namespace teamferry::bindings
