#include "bindings/json.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include <fmt/format.h>

#include "bindings/host.h"
#include "bindings/module.h"
#include "bindings/values.h"
#include "native/archive/json_records.h"

namespace teamferry::bindings {

namespace {

using archive::JsonValue;

// Keys of the registry: only their addresses matter.
char kNullKey, kArrayKey;

constexpr int kMaxDepth = 200;

void push_array_mark(lua_State* L) {
  lua_pushlightuserdata(L, &kArrayKey);
  lua_rawget(L, LUA_REGISTRYINDEX);
  if (!lua_isnil(L, -1)) return;
  lua_pop(L, 1);
  lua_newtable(L);
  lua_pushlightuserdata(L, &kArrayKey);
  lua_pushvalue(L, -2);
  lua_rawset(L, LUA_REGISTRYINDEX);
}

bool has_array_mark(lua_State* L, int index) {
  if (!lua_getmetatable(L, index)) return false;
  push_array_mark(L);
  const bool marked = lua_rawequal(L, -1, -2);
  lua_pop(L, 2);
  return marked;
}

int null_to_string(lua_State* L) {
  lua_pushliteral(L, "null");
  return 1;
}

void push_value(lua_State* L, const JsonValue& value, bool keep_null) {
  switch (value.type()) {
    case JsonValue::Type::null:
      push_json_null(L);
      return;
    case JsonValue::Type::boolean:
      lua_pushboolean(L, value.boolean());
      return;
    case JsonValue::Type::number: {
      const auto number = value.number();
      if (number.is_text()) {
        push_text(L, number.text());
      } else {
        lua_pushnumber(L, number.value);
      }
      return;
    }
    case JsonValue::Type::text:
      push_text(L, value.text());
      return;
    case JsonValue::Type::array: {
      luaL_checkstack(L, 8, "JSON is nested too deep");
      const auto size = value.size();
      lua_createtable(L, static_cast<int>(size), 0);
      int at = 0;
      for (const JsonValue item : value.items()) {
        push_value(L, item, keep_null);
        lua_rawseti(L, -2, ++at);
      }
      if (at == 0) {
        push_array_mark(L);
        lua_setmetatable(L, -2);
      }
      return;
    }
    case JsonValue::Type::object: {
      luaL_checkstack(L, 8, "JSON is nested too deep");
      lua_createtable(L, 0, static_cast<int>(value.size()));
      for (const auto [key, member] : value.members()) {
        if (!keep_null && member.is_null()) continue;
        push_text(L, key);
        push_value(L, member, keep_null);
        lua_rawset(L, -3);
      }
      return;
    }
  }
}

// Writes one value after the other into a text.
class Writer {
 public:
  Writer(lua_State* L, bool pretty) : L_(L), pretty_(pretty) {}

  void value(int index, int depth) {
    switch (lua_type(L_, index)) {
      case LUA_TBOOLEAN:
        out_ += lua_toboolean(L_, index) ? "true" : "false";
        return;
      case LUA_TNUMBER:
        number(lua_tonumber(L_, index));
        return;
      case LUA_TSTRING: {
        std::size_t length = 0;
        const char* data = lua_tolstring(L_, index, &length);
        text({data, length});
        return;
      }
      case LUA_TTABLE:
        if (depth > kMaxDepth)
          throw CallError(fmt::format("json.encode: nested deeper than {}, or in a circle", kMaxDepth));
        luaL_checkstack(L_, 8, "json.encode");
        table(index < 0 ? lua_gettop(L_) + index + 1 : index, depth);
        return;
      default:
        if (!is_json_null(L_, index)) {
          throw CallError(fmt::format("json.encode: JSON has no {}", luaL_typename(L_, index)));
        }
        out_ += "null";
    }
  }
  std::string take() { return std::move(out_); }

 private:
  void number(double value) {
    if (!std::isfinite(value)) throw CallError("json.encode: JSON has no number that is infinite or not a number");
    if (value == std::floor(value) && std::fabs(value) < 1e15) {
      fmt::format_to(std::back_inserter(out_), "{:.0f}", value);
    } else {
      fmt::format_to(std::back_inserter(out_), "{}", value);  // the fewest digits that give the same number
    }
  }

  void text(std::string_view raw) {
    static constexpr char kHex[] = "0123456789abcdef";
    out_ += '"';
    for (std::size_t i = 0; i < raw.size(); ++i) {
      const auto c = static_cast<unsigned char>(raw[i]);
      if (c == '"' || c == '\\') {
        out_ += '\\';
        out_ += raw[i];
      } else if (c >= 0x20 && c < 0x80) {
        out_ += raw[i];
      } else if (c < 0x20) {
        switch (c) {
          case '\n':
            out_ += "\\n";
            break;
          case '\r':
            out_ += "\\r";
            break;
          case '\t':
            out_ += "\\t";
            break;
          default:
            out_ += "\\u00";
            out_ += kHex[c >> 4];
            out_ += kHex[c & 15];
        }
      } else {
        const std::size_t length = sequence(raw.substr(i));
        if (length == 0) {
          out_ += "\xEF\xBF\xBD";
        } else {
          out_ += raw.substr(i, length);
          i += length - 1;
        }
      }
    }
    out_ += '"';
  }

  // The length of the UTF-8 sequence at the front; 0 if there is none that is well formed.
  static std::size_t sequence(std::string_view raw) {
    const auto byte = [&](std::size_t at) {
      return at < raw.size() ? static_cast<unsigned char>(raw[at]) : static_cast<unsigned char>(0);
    };
    const auto continues = [&](std::size_t at) { return (byte(at) & 0xC0) == 0x80; };
    const unsigned char first = byte(0), second = byte(1);
    if (first >= 0xC2 && first <= 0xDF) return continues(1) ? 2 : 0;
    if (first >= 0xE0 && first <= 0xEF) {
      if ((first == 0xE0 && second < 0xA0) || (first == 0xED && second > 0x9F)) return 0;
      return continues(1) && continues(2) ? 3 : 0;
    }
    if (first >= 0xF0 && first <= 0xF4) {
      if ((first == 0xF0 && second < 0x90) || (first == 0xF4 && second > 0x8F)) return 0;
      return continues(1) && continues(2) && continues(3) ? 4 : 0;
    }
    return 0;
  }

  void line(int depth) {
    if (!pretty_) return;
    out_ += '\n';
    out_.append(static_cast<std::size_t>(depth) * 2, ' ');
  }

  void table(int index, int depth) {
    const std::size_t length = lua_objlen(L_, index);
    if (length > 0 || has_array_mark(L_, index)) {
      std::size_t members = 0;
      for (lua_pushnil(L_); lua_next(L_, index); lua_pop(L_, 1)) ++members;
      if (members != length) {
        throw CallError("json.encode: a table with both a list and named fields; JSON has no such thing");
      }
      out_ += '[';
      for (std::size_t i = 1; i <= length; ++i) {
        if (i > 1) out_ += ',';
        line(depth + 1);
        lua_rawgeti(L_, index, static_cast<int>(i));
        value(-1, depth + 1);
        lua_pop(L_, 1);
      }
      if (length > 0) line(depth);
      out_ += ']';
      return;
    }
    std::vector<std::string_view> keys;
    for (lua_pushnil(L_); lua_next(L_, index); lua_pop(L_, 1)) {
      if (lua_type(L_, -2) != LUA_TSTRING) {
        throw CallError(
            fmt::format("json.encode: a field is named by a {}; JSON takes text only", luaL_typename(L_, -2)));
      }
      std::size_t size = 0;
      const char* key = lua_tolstring(L_, -2, &size);
      keys.emplace_back(key, size);
    }
    std::ranges::sort(keys);
    out_ += '{';
    for (std::size_t i = 0; i < keys.size(); ++i) {
      if (i > 0) out_ += ',';
      line(depth + 1);
      text(keys[i]);
      out_ += pretty_ ? ": " : ":";
      push_text(L_, keys[i]);
      lua_rawget(L_, index);
      value(-1, depth + 1);
      lua_pop(L_, 1);
    }
    if (!keys.empty()) line(depth);
    out_ += '}';
  }

  lua_State* L_;
  bool pretty_;
  std::string out_;
};

int decode(lua_State* L) {
  const auto text = check_text(L, 1, "text");
  const bool keep_null = lua_istable(L, 2) && flag_field(L, 2, "null");
  const archive::Bytes bytes(text);
  bool repaired = false;
  const auto value = Host::of(L).json_reader().document(bytes, "json.decode", repaired);
  if (!value) return push_failure(L, value.error());
  push_json(L, *value, keep_null);
  return 1;
}

int encode(lua_State* L) {
  luaL_checkany(L, 1);
  const bool pretty = lua_istable(L, 2) && flag_field(L, 2, "pretty");
  push_text(L, encode_json(L, 1, pretty));
  return 1;
}

int array(lua_State* L) {
  if (!lua_istable(L, 1)) throw CallError(fmt::format("json.array takes a table, not a {}", luaL_typename(L, 1)));
  lua_settop(L, 1);
  push_array_mark(L);
  lua_setmetatable(L, 1);
  return 1;
}

int null(lua_State* L) {
  push_json_null(L);
  return 1;
}

constexpr Function kFunctions[] = {
    {"decode", guard<decode>, "decode(text [, { null }]) -> value | nil, err",
     "Reads JSON. A null in an object is absent unless `null` is true; long numbers arrive as text."},
    {"encode", guard<encode>, "encode(value [, { pretty }]) -> text",
     "Writes JSON with sorted keys. Raises for what JSON cannot hold."},
    {"array", guard<array>, "array(table) -> table",
     "Marks a table as a list, so that it is written as [] when empty."},
    {"get_null", guard<null>, "get_null() -> null", "The value that scripts know as json.null: a null inside a list."},
};

}  // namespace

const Module kJson = {"json", "Reads and writes JSON.", kFunctions};

void push_json_null(lua_State* L) {
  lua_pushlightuserdata(L, &kNullKey);
  lua_rawget(L, LUA_REGISTRYINDEX);
  if (!lua_isnil(L, -1)) return;
  lua_pop(L, 1);
  lua_newuserdata(L, 1);
  lua_newtable(L);
  lua_pushcfunction(L, null_to_string);
  lua_setfield(L, -2, "__tostring");
  lua_pushboolean(L, 0);
  lua_setfield(L, -2, "__metatable");
  lua_setmetatable(L, -2);
  lua_pushlightuserdata(L, &kNullKey);
  lua_pushvalue(L, -2);
  lua_rawset(L, LUA_REGISTRYINDEX);
}

bool is_json_null(lua_State* L, int index) {
  if (lua_type(L, index) != LUA_TUSERDATA) return false;
  const void* value = lua_touserdata(L, index);
  push_json_null(L);
  const bool same = lua_touserdata(L, -1) == value;
  lua_pop(L, 1);
  return same;
}

void push_json(lua_State* L, const JsonValue& value, bool keep_null) {
  push_value(L, value, keep_null);
}

std::string encode_json(lua_State* L, int index, bool pretty) {
  Writer writer(L, pretty);
  writer.value(index, 0);
  return writer.take();
}

}  // namespace teamferry::bindings
