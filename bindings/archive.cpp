#include "bindings/archive.h"

#include <filesystem>

#include <fmt/format.h>

#include "bindings/host.h"
#include "bindings/json.h"
#include "bindings/module.h"
#include "bindings/records.h"
#include "bindings/values.h"
#include "native/archive/json_records.h"

namespace teamferry::bindings {

namespace {

using archive::Archive;
using archive::Bytes;

int list(lua_State* L) {
  Handle& handle = handle_at(L, "list");
  const auto glob = optional_text(L, 2, "glob").value_or("**");
  const auto names = handle.archive->list(glob);
  lua_createtable(L, static_cast<int>(names.size()), 0);
  for (std::size_t i = 0; i < names.size(); ++i) {
    push_text(L, names[i]);
    lua_rawseti(L, -2, static_cast<int>(i + 1));
  }
  return 1;
}

int has(lua_State* L) {
  Handle& handle = handle_at(L, "has");
  lua_pushboolean(L, handle.archive->has(check_text(L, 2, "name")));
  return 1;
}

int read(lua_State* L) {
  Handle& handle = handle_at(L, "read");
  const auto text = handle.archive->read_text(check_text(L, 2, "name"));
  if (!text) return push_failure(L, text.error());
  push_text(L, *text);
  Host::of(L).budget().progress();
  return 1;
}

int json(lua_State* L) {
  Handle& handle = handle_at(L, "json");
  const std::string name(check_text(L, 2, "name"));
  lua_settop(L, 3);
  const bool keep_null = lua_istable(L, 3) && flag_field(L, 3, "null");
  Bytes bytes;
  if (auto filled = handle.archive->read(name, bytes); !filled) return push_failure(L, filled.error());
  bool repaired = false;
  const auto value = Host::of(L).json_reader().document(bytes, name, repaired);
  if (!value) return push_failure(L, value.error());
  Host::of(L).budget().progress();
  if (repaired) Host::of(L).warn_once(fmt::format("{} has damaged text, which was repaired", name));

  const bool pick = lua_istable(L, 3) && (lua_getfield(L, 3, "only"), lua_istable(L, -1)) && value->is_object();
  if (!pick) {
    push_json(L, *value, keep_null);
    return 1;
  }
  const int only = lua_gettop(L);
  lua_newtable(L);
  for (int i = 1; lua_rawgeti(L, only, i), lua_type(L, -1) == LUA_TSTRING; ++i) {
    if (const auto member = value->find(lua_tostring(L, -1)); member && (keep_null || !member->is_null())) {
      push_json(L, *member, keep_null);
      lua_rawset(L, -3);
    } else {
      lua_pop(L, 1);
    }
  }
  lua_pop(L, 1);
  return 1;
}

// The next line of the text in upvalue 1, from the byte in upvalue 2 on.
int next_line(lua_State* L) {
  std::size_t size = 0;
  const char* data = lua_tolstring(L, lua_upvalueindex(1), &size);
  const auto from = static_cast<std::size_t>(lua_tonumber(L, lua_upvalueindex(2)));
  if (from >= size) return 0;
  const std::string_view rest(data + from, size - from);
  const std::size_t end = rest.find_first_of("\r\n");
  std::size_t next = size;
  if (end != std::string_view::npos) {
    const bool pair = rest[end] == '\r' && end + 1 < rest.size() && rest[end + 1] == '\n';
    next = from + end + (pair ? 2 : 1);
  }
  lua_pushnumber(L, static_cast<double>(next));
  lua_replace(L, lua_upvalueindex(2));
  push_text(L, rest.substr(0, end));
  return 1;
}

int lines(lua_State* L) {
  Handle& handle = handle_at(L, "lines");
  const std::string name(check_text(L, 2, "name"));
  const auto text = handle.archive->read_text(name);
  if (!text) {
    if (!handle.archive->has(name)) {
      Host::of(L).warn_once(fmt::format("the export has no {}", name));
    } else {
      throw CallError(text.error().message);
    }
  }
  std::string_view view = text ? std::string_view(*text) : std::string_view();
  if (view.starts_with("\xEF\xBB\xBF")) view.remove_prefix(3);
  push_text(L, view);
  lua_pushnumber(L, 0);
  lua_pushcclosure(L, guard<next_line>, 2);
  return 1;
}

int handle_to_string(lua_State* L) {
  push_text(L, "export " + handle_at(L, "tostring").archive->path());
  return 1;
}

// Another export inside the project's folder.
int open(lua_State* L) {
  namespace fs = std::filesystem;
  const std::string name(check_text(L, 1, "path"));
  const fs::path project = fs::weakly_canonical(Host::of(L).options().project);
  const fs::path path = fs::weakly_canonical(project / name);
  const auto inside = path.lexically_relative(project);
  if (inside.empty() || *inside.begin() == "..") {
    return push_failure(L, Error::argument("outside", fmt::format("archive.open: {} is outside of the project {}", name,
                                                                  project.string())));
  }
  auto opened = Archive::open(path.string());
  if (!opened) return push_failure(L, opened.error());
  push_archive(L, std::move(*opened));
  return 1;
}

// An archive inside of this one.
int open_inside(lua_State* L) {
  Handle& handle = handle_at(L, "open");
  auto opened = handle.archive->open_inside(check_text(L, 2, "name"));
  if (!opened) return push_failure(L, opened.error());
  push_archive(L, std::move(*opened));
  Host::of(L).budget().progress();
  return 1;
}

constexpr Function kOpening[] = {
    {"open", guard<open>, "open(path) -> archive | nil, err",
     "Opens another zip, tar, folder or file inside the project's folder."},
};

constexpr Function kMethods[] = {
    {"records", guard<open_records>, "archive:records([name or glob] [, options]) -> iterator",
     "Gives the records of JSON, JSONL, CSV and BSON files, several in name order; by default of every file of JSON or "
     "CSV. Options: "
     "at, "
     "format, separator, sql, null. A named file that is missing gives none, and one warning. In a "
     "database of SQLite, at is a table, or sql a select."},
    {"list", guard<list>, "archive:list([glob]) -> { name, … }",
     "The names of entries, sorted. * within a folder, ** across, ? one character; a glob that ends in / lists "
     "folders."},
    {"json", guard<json>, "archive:json(name [, { only, null }]) -> value | nil, err",
     "One JSON file as a value; `only` picks members of the top object."},
    {"lines", guard<lines>, "archive:lines(name) -> iterator", "The lines of a text file, whatever ends them."},
    {"read", guard<read>, "archive:read(name) -> text | nil, err", "A whole file as text, at most 64 MiB."},
    {"open", guard<open_inside>, "archive:open(name) -> archive | nil, err", "Opens a zip or tar that lies inside."},
    {"has", guard<has>, "archive:has(name) -> boolean",
     "Whether there is such a file; a name that ends in / is a folder."},
};

}  // namespace

const Module kArchive = {"archive", "Opens exports.", kOpening};
const Module kArchiveMethods = {"export", "What a handle on an export can do.", kMethods};

Handle* handle_or_null(lua_State* L, int index) {
  void* data = lua_touserdata(L, index);
  if (!data || !lua_getmetatable(L, index)) return nullptr;
  lua_getfield(L, LUA_REGISTRYINDEX, Handle::kType);
  const bool fits = lua_rawequal(L, -1, -2);
  lua_pop(L, 2);
  return fits ? static_cast<Handle*>(data) : nullptr;
}

Handle& handle_at(lua_State* L, const char* call) {
  Handle* handle = handle_or_null(L, 1);
  if (!handle) throw CallError(fmt::format("{} takes a colon: export:{}(…)", call, call));
  return *handle;
}

void push_archive(lua_State* L, std::unique_ptr<Archive> archive) {
  for (const auto& problem : archive->problems()) {
    if (problem.data) {
      reading_log(L).refused.push_back({problem.entry, 0, problem.message});
    } else {
      Host::of(L).warn_once(problem.message);
    }
  }
  new (lua_newuserdata(L, sizeof(Handle))) Handle{std::move(archive), {}};
  if (luaL_newmetatable(L, Handle::kType)) {
    lua_newtable(L);
    add_functions(L, kArchiveMethods);
    lua_setfield(L, -2, "__index");
    lua_pushcfunction(L, collect<Handle>);
    lua_setfield(L, -2, "__gc");
    lua_pushcfunction(L, guard<handle_to_string>);
    lua_setfield(L, -2, "__tostring");
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
  }
  lua_setmetatable(L, -2);
}

}  // namespace teamferry::bindings
