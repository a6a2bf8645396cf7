#include "native/archive/json_value.h"

#include <charconv>

namespace teamferry::archive {
namespace {

constexpr int kDigitsOfLua = 14;  // what "%.14g" writes without rounding

int significant_digits(std::string_view text) {
  text = text.substr(0, text.find('e'));
  int count = 0;
  for (const char c : text) {
    if (c >= '0' && c <= '9' && (count > 0 || c != '0')) ++count;
  }
  return count;
}

template <class T>
void write(JsonValue::Number& number, T value) {
  const auto end = std::to_chars(number.digits, number.digits + sizeof number.digits, value).ptr;
  number.length = static_cast<std::uint8_t>(end - number.digits);
}

}  // namespace

JsonValue::Number JsonValue::number() const {
  constexpr std::int64_t kExact = 100'000'000'000'000;  // fifteen digits
  Number number;
  if (element_.type() == simdjson::dom::element_type::INT64) {
    const auto value = element_.get_int64().value_unsafe();
    number.value = static_cast<double>(value);
    if (value >= kExact || value <= -kExact) write(number, value);
    return number;
  }
  if (element_.type() == simdjson::dom::element_type::UINT64) {
    const auto value = element_.get_uint64().value_unsafe();
    number.value = static_cast<double>(value);
    write(number, value);  // above 2^63
    return number;
  }
  number.value = element_.get_double().value_unsafe();
  write(number, number.value);
  if (significant_digits(number.text()) <= kDigitsOfLua) number.length = 0;
  return number;
}

}  // namespace teamferry::archive
