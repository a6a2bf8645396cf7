#pragma once

#include <string>

#include <lua.hpp>

#include "native/archive/json_value.h"

// Between JSON and Lua tables. Includes simdjson: few files need it.
//
// Read: objects and arrays become tables. A null member of an object is absent, a null in an array is json.null, unless
// `keep_null` keeps all. An empty array is marked as one, so that it is written as []. Numbers whose digits Lua
// would not print as they stood arrive as text (JsonValue::Number).
// Written: keys sorted, so that equal values give equal bytes; a table is an array if it was marked or has the
// keys 1..n and at least one. Tested by tests/bindings/json_test.cpp.
namespace teamferry::bindings {

void push_json(lua_State* L, const archive::JsonValue& value, bool keep_null = false);

// Throws CallError for what JSON cannot hold: functions, NaN, keys that are not text, nesting over 200.
std::string encode_json(lua_State* L, int index, bool pretty = false);

void push_json_null(lua_State* L);
bool is_json_null(lua_State* L, int index);

}  // namespace teamferry::bindings
