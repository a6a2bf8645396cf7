#include "native/archive/json_repair.h"

#include <fmt/format.h>

#include <charconv>
#include <cstdint>
#include <iterator>
#include <optional>

namespace teamferry::archive {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// `count` hexadecimal digits at the front of `text`.
std::optional<unsigned> hex(std::string_view text, std::size_t count) {
  if (text.size() < count) return std::nullopt;
  unsigned value = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const int digit = hex_digit(text[i]);
    if (digit < 0) return std::nullopt;
    value = value << 4 | static_cast<unsigned>(digit);
  }
  return value;
}

bool is_high(unsigned unit) {
  return unit >= 0xD800 && unit < 0xDC00;
}
bool is_low(unsigned unit) {
  return unit >= 0xDC00 && unit < 0xE000;
}

// Bytes of the character at the front; `valid` says whether it is one. What is not is taken as far as it
// could have become one, so that a cut character gives one U+FFFD.
struct Character {
  std::size_t size;
  bool valid;
};
Character character_at(std::string_view text) {
  const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u; };
  const unsigned lead = byte(0);
  if (lead < 0x80) return {1, true};
  std::size_t size = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  unsigned low = 0x80, high = 0xBF;
  if (lead < 0xC2 || lead > 0xF4) return {1, false};
  if (lead == 0xE0) low = 0xA0;
  if (lead == 0xF0) low = 0x90;
  if (lead == 0xF4) high = 0x8F;
  // Half a surrogate pair written out in three bytes is one lost character, not three.
  if (lead == 0xED && byte(1) >= 0xA0 && byte(1) <= 0xBF && (byte(2) & 0xC0) == 0x80) return {3, false};
  if (lead == 0xED) high = 0x9F;
  for (std::size_t i = 1; i < size; ++i) {
    if (byte(i) < low || byte(i) > high) return {i, false};
    low = 0x80;
    high = 0xBF;
  }
  return {size, true};
}

class Repair {
 public:
  Repair(std::string_view text, std::string& out) : text_(text), out_(out) {}

  bool run() {
    while (!text_.empty()) {
      const char c = text_.front();
      if (c == '"') {
        string();
      } else if (c == '-' || (c >= '0' && c <= '9')) {
        number();
      } else if (text_.starts_with("NaN") || text_.starts_with("Infinity")) {
        no_number(text_.front() == 'N' ? 3 : 8);
      } else {
        take(1);
      }
    }
    return damaged_;
  }

 private:
  void take(std::size_t count) {
    out_ += text_.substr(0, count);
    text_.remove_prefix(count);
  }
  void replace(std::size_t count, std::string_view by) {
    out_ += by;
    text_.remove_prefix(count);
    damaged_ = true;
  }
  void no_number(std::size_t count) { replace(count, "null"); }

  void number() {
    const auto size = std::min(text_.find_first_not_of("+-.0123456789eE"), text_.size());
    const auto digits = text_.substr(0, size);
    if (digits == "-" && text_.starts_with("-Infinity")) return no_number(9);
    const bool whole = digits.find_first_of(".eE") == digits.npos;
    if (whole ? fits<std::int64_t>(digits) || fits<std::uint64_t>(digits) : fits<double>(digits)) return take(size);
    const bool unreadable = !is_number(digits);
    if (!unreadable) out_ += '"';
    take(size);
    if (!unreadable) out_ += '"';
  }

  template <class T>
  static bool fits(std::string_view digits) {
    T value{};
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    return error == std::errc() && end == digits.data() + digits.size();
  }

  // By JSON's grammar.
  static bool is_number(std::string_view text) {
    const auto digits = [&] {
      const auto count = std::min(text.find_first_not_of("0123456789"), text.size());
      text.remove_prefix(count);
      return count;
    };
    if (text.starts_with('-')) text.remove_prefix(1);
    const bool zero = text.starts_with('0');
    const auto count = digits();
    if (count == 0 || (zero && count > 1)) return false;
    if (text.starts_with('.')) {
      text.remove_prefix(1);
      if (digits() == 0) return false;
    }
    if (text.starts_with('e') || text.starts_with('E')) {
      text.remove_prefix(1);
      if (text.starts_with('+') || text.starts_with('-')) text.remove_prefix(1);
      if (digits() == 0) return false;
    }
    return text.empty();
  }

  void string() {
    take(1);
    while (!text_.empty()) {
      // Most of a string is as it should be.
      std::size_t plain = 0;
      while (plain < text_.size() && is_plain(text_[plain])) ++plain;
      take(plain);
      if (text_.empty()) return;
      const auto c = static_cast<unsigned char>(text_.front());
      if (c == '"') return take(1);
      if (c == '\\') {
        escape();
      } else if (c < 0x20) {
        fmt::format_to(std::back_inserter(out_), "\\u{:04x}", c);
        text_.remove_prefix(1);
      } else {
        const auto character = character_at(text_);
        character.valid ? take(character.size) : replace(character.size, kReplacement);
      }
    }
  }

  static bool is_plain(char c) { return c >= 0x20 && c != '"' && c != '\\'; }  // char is signed: ASCII only

  void escape() {
    if (text_.size() < 2) return replace(1, "");
    switch (text_[1]) {
      case '"':
      case '\\':
      case '/':
      case 'b':
      case 'f':
      case 'n':
      case 'r':
      case 't':
        return take(2);
      case 'u':
        return unicode_escape();
      case 'x':
        if (const auto byte = hex(text_.substr(2), 2)) return replace(4, fmt::format("\\u{:04x}", *byte));
        break;
      case '\'':
        return replace(2, "'");
      default:
        break;
    }
    replace(1, "\\\\");
  }

  void unicode_escape() {
    const auto unit = hex(text_.substr(2), 4);
    if (!unit) return replace(1, "\\\\");
    if (!is_high(*unit) && !is_low(*unit)) return take(6);
    const auto rest = text_.substr(6);
    if (is_high(*unit) && rest.starts_with("\\u")) {
      const auto second = hex(rest.substr(2), 4);
      if (second && is_low(*second)) return take(12);
    }
    replace(6, kReplacement);
  }

  std::string_view text_;
  std::string& out_;
  bool damaged_ = false;
};

}  // namespace

bool repair_json(std::string_view piece, std::string& out) {
  out.clear();
  out.reserve(piece.size() + piece.size() / 8 + 128);
  return Repair(piece, out).run();
}

}  // namespace teamferry::archive
