#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

// Includes simdjson, since each field of each record passes through these functions. Only the reader
// itself and the one file of the bindings that builds tables need this header.
#include <simdjson.h>

namespace teamferry::archive {

// A view of one value of a parsed document. Sixteen bytes, copied freely; it and every text it hands out
// live until its reader goes on to the next record or file. Requires the right type() for each accessor.
// Nesting is at most 1,024 deep.
// Tested by tests/native/archive/json_records_test.cpp.
class JsonValue {
 public:
  enum class Type { null, boolean, number, text, array, object };

  // A number as the scripting surface hands it over: a double, unless fourteen digits cannot write it
  // exactly as it was; then its text. Integers keep every digit; a fraction is shortened to the fewest
  // digits that give the same double.
  struct Number {
    double value = 0;
    std::uint8_t length = 0;  // 0: `value` is exact; otherwise use text()
    char digits[32];
    bool is_text() const { return length != 0; }
    std::string_view text() const { return {digits, length}; }
  };

  JsonValue() = default;
  explicit JsonValue(simdjson::dom::element element) : element_(element) {}

  Type type() const {
    switch (element_.type()) {
      case simdjson::dom::element_type::ARRAY:
        return Type::array;
      case simdjson::dom::element_type::OBJECT:
        return Type::object;
      case simdjson::dom::element_type::STRING:
        return Type::text;
      case simdjson::dom::element_type::BOOL:
        return Type::boolean;
      case simdjson::dom::element_type::NULL_VALUE:
        return Type::null;
      default:
        return Type::number;
    }
  }
  bool is_object() const { return element_.is_object(); }
  bool is_array() const { return element_.is_array(); }
  bool is_null() const { return element_.is_null(); }

  bool boolean() const { return element_.get_bool().value_unsafe(); }
  std::string_view text() const { return element_.get_string().value_unsafe(); }
  Number number() const;

  // How many elements or members; 0xFFFFFF stands for that many or more.
  std::size_t size() const {
    return is_array() ? element_.get_array().value_unsafe().size() : element_.get_object().value_unsafe().size();
  }

  // for (JsonValue item : value.items())
  class Items;
  Items items() const;

  // for (auto [key, member] : value.members()). Keys may repeat in a strange file; the last one counts.
  struct Member;
  class Members;
  Members members() const;

  // The first member of that name, if this is an object and has one.
  std::optional<JsonValue> find(std::string_view key) const {
    simdjson::dom::element found;
    if (element_[key].get(found) != simdjson::SUCCESS) return std::nullopt;
    return JsonValue(found);
  }

 private:
  simdjson::dom::element element_;
};

class JsonValue::Items {
 public:
  struct Iterator {
    simdjson::dom::array::iterator at;
    JsonValue operator*() const { return JsonValue(*at); }
    Iterator& operator++() { return ++at, *this; }
    bool operator!=(const Iterator& other) const { return at != other.at; }
  };
  explicit Items(simdjson::dom::array array) : array_(array) {}
  Iterator begin() const { return {array_.begin()}; }
  Iterator end() const { return {array_.end()}; }

 private:
  simdjson::dom::array array_;
};

struct JsonValue::Member {
  std::string_view key;
  JsonValue value;
};

class JsonValue::Members {
 public:
  struct Iterator {
    simdjson::dom::object::iterator at;
    Member operator*() const { return {at.key(), JsonValue(at.value())}; }
    Iterator& operator++() { return ++at, *this; }
    bool operator!=(const Iterator& other) const { return at != other.at; }
  };
  explicit Members(simdjson::dom::object object) : object_(object) {}
  Iterator begin() const { return {object_.begin()}; }
  Iterator end() const { return {object_.end()}; }

 private:
  simdjson::dom::object object_;
};

inline JsonValue::Items JsonValue::items() const {
  return Items(element_.get_array().value_unsafe());
}
inline JsonValue::Members JsonValue::members() const {
  return Members(element_.get_object().value_unsafe());
}

}  // namespace teamferry::archive
