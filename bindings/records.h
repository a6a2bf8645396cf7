#pragma once

#include <fmt/format.h>

#include <memory>
#include <vector>

#include <lua.hpp>

#include "bindings/values.h"
#include "native/archive/archive.h"
#include "native/archive/json_records.h"

// Between archive.cpp, which holds the methods of a handle, and records.cpp, which reads its records.
namespace teamferry::bindings {

// What reading one file after the other needs, used again by the next iterator of the same handle.
struct Scratch {
  archive::Bytes bytes;
  archive::RecordReader reader;
};

struct Handle {
  static constexpr const char* kType = "teamferry.archive";  // its metatable in the registry
  std::unique_ptr<archive::Archive> archive;
  std::vector<std::unique_ptr<Scratch>> idle;
};

// The handle at `index`, or nullptr if there is something else.
Handle* handle_or_null(lua_State* L, int index);

// The handle that a method was called on; `call` is the method's name. Throws if it was called with a dot.
Handle& handle_at(lua_State* L, const char* call);

// __gc of a userdata that holds a T.
template <class T>
int collect(lua_State* L) {
  static_cast<T*>(lua_touserdata(L, 1))->~T();
  return 0;
}

// archive:records(...)
int open_records(lua_State* L);

}  // namespace teamferry::bindings
