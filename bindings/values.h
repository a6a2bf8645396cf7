#pragma once

#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

#include <lua.hpp>

#include "native/base/error.h"

// Arguments in, values out: what every binding needs between C++ and the Lua stack.
// Tested by tests/bindings/json_test.cpp and archive_test.cpp, through the modules that use it.
namespace teamferry::bindings {

// A wrong call by a script; raised in Lua by guard().
struct CallError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// The text at `index`; numbers are taken as text. Throws CallError that names the argument. The view lives as long as
// the value is on the stack.
std::string_view check_text(lua_State* L, int index, const char* name);
std::optional<std::string_view> optional_text(lua_State* L, int index, const char* name);
// The text under `key` of the table at `index`; empty if absent. Throws if it is something else.
std::string text_field(lua_State* L, int index, const char* key);
bool flag_field(lua_State* L, int index, const char* key);
std::optional<double> number_field(lua_State* L, int index, const char* key);

// The text at `index`, empty if there is none; the view lives as long as the value.
inline std::string_view text_at(lua_State* L, int index) {
  std::size_t size = 0;
  const char* data = lua_tolstring(L, index, &size);
  return data ? std::string_view(data, size) : std::string_view();
}

inline void push_text(lua_State* L, std::string_view text) {
  lua_pushlstring(L, text.data(), text.size());
}
void set_field(lua_State* L, const char* key, std::string_view value);
void set_field(lua_State* L, const char* key, double value);
void set_flag(lua_State* L, const char* key, bool value);

// key = { fn(item), ... }, where fn fills the table at the top.
template <class List, class Fill>
void set_list(lua_State* L, const char* key, const List& list, Fill fill) {
  lua_createtable(L, static_cast<int>(list.size()), 0);
  int at = 0;
  for (const auto& item : list) {
    lua_newtable(L);
    fill(item);
    lua_rawseti(L, -2, ++at);
  }
  lua_setfield(L, -2, key);
}

// nil and the error as a table with the fields of teamferry::Error, which prints as its line. Returns 2.
int push_failure(lua_State* L, const Error& error);

// Leaves the stack as high as it was found.
class StackGuard {
 public:
  explicit StackGuard(lua_State* L) : L_(L), top_(lua_gettop(L)) {}
  ~StackGuard() { lua_settop(L_, top_); }
  StackGuard(const StackGuard&) = delete;
  StackGuard& operator=(const StackGuard&) = delete;

 private:
  lua_State* L_;
  int top_;
};

}  // namespace teamferry::bindings
