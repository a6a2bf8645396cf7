#include "native/emulator/html_text.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <utility>

namespace teamferry::emulator {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";
constexpr std::size_t kLongestReference = 40;  // "&CounterClockwiseContourIntegral;" is the longest name

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_hex(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

// The length of the UTF-8 sequence at the start, which is not ASCII; zero: none.
std::size_t sequence_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned lead = byte(0);
  const std::size_t length = lead >= 0xC2 && lead <= 0xDF   ? 2
                             : (lead & 0xF0) == 0xE0        ? 3
                             : lead >= 0xF0 && lead <= 0xF4 ? 4
                                                            : 0;
  if (length == 0 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return 0;
  }
  const unsigned second = byte(1);
  const bool bad = (lead == 0xE0 && second < 0xA0) || (lead == 0xED && second > 0x9F) ||
                   (lead == 0xF0 && second < 0x90) || (lead == 0xF4 && second > 0x8F);
  return bad ? 0 : length;
}

// "&amp;", "&#39;" or "&#x27;" at the start, which is '&'; empty: none.
std::string_view reference_at(std::string_view text) {
  const std::size_t semicolon = text.substr(0, kLongestReference).find(';');
  if (semicolon == text.npos || semicolon < 2) return {};
  const std::string_view name = text.substr(1, semicolon - 1);
  bool good;
  if (name[0] != '#') {
    good =
        is_letter(name[0]) && std::all_of(name.begin(), name.end(), [](char c) { return is_letter(c) || is_digit(c); });
  } else if (name.size() > 1 && (name[1] == 'x' || name[1] == 'X')) {
    good = name.size() > 2 && name.size() <= 8 && std::all_of(name.begin() + 2, name.end(), is_hex);
  } else {
    good = name.size() > 1 && name.size() <= 8 && std::all_of(name.begin() + 1, name.end(), is_digit);
  }
  return good ? text.substr(0, semicolon + 1) : std::string_view();
}

void append(std::string& out, std::string_view text, bool keep_references) {
  for (std::size_t i = 0; i < text.size();) {
    const char c = text[i];
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x80) {
      const std::size_t length = sequence_length(text.substr(i));
      out += length == 0 ? kReplacement : text.substr(i, length);
      i += std::max<std::size_t>(length, 1);
      continue;
    }
    if (c == '&') {
      const std::string_view reference = keep_references ? reference_at(text.substr(i)) : std::string_view();
      out += reference.empty() ? std::string_view("&amp;") : reference;
      i += std::max<std::size_t>(reference.size(), 1);
      continue;
    }
    if (c == '<') {
      out += "&lt;";
    } else if (c == '>') {
      out += "&gt;";
    } else if (c == '"') {
      out += "&quot;";
    } else if ((byte >= ' ' && byte != 0x7F) || c == '\t' || c == '\n') {
      out += c;
    }
    ++i;
  }
}

void append_utf8(std::string& out, std::uint32_t code) {
  if (code == 0 || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF)) {
    out += kReplacement;
  } else if (code < 0x80) {
    out += static_cast<char>(code);
  } else if (code < 0x800) {
    out += static_cast<char>(0xC0 | (code >> 6));
    out += static_cast<char>(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    out += static_cast<char>(0xE0 | (code >> 12));
    out += static_cast<char>(0x80 | ((code >> 6) & 0x3F));
    out += static_cast<char>(0x80 | (code & 0x3F));
  } else {
    out += static_cast<char>(0xF0 | (code >> 18));
    out += static_cast<char>(0x80 | ((code >> 12) & 0x3F));
    out += static_cast<char>(0x80 | ((code >> 6) & 0x3F));
    out += static_cast<char>(0x80 | (code & 0x3F));
  }
}

// "&#58" and "&#x3a", the semicolon being optional in attributes. Returns the characters read; zero: no reference.
std::size_t read_number(std::string_view text, std::uint32_t& code) {
  if (text.size() < 3 || text[1] != '#') return 0;
  const bool hex = text[2] == 'x' || text[2] == 'X';
  std::size_t i = hex ? 3 : 2;
  const std::size_t first = i;
  code = 0;
  for (; i < text.size() && (hex ? is_hex(text[i]) : is_digit(text[i])); ++i) {
    const auto digit = static_cast<std::uint32_t>(is_digit(text[i]) ? text[i] - '0' : (text[i] | 0x20) - 'a' + 10);
    code = std::min<std::uint32_t>(code * (hex ? 16 : 10) + digit, 0x110000);
  }
  if (i == first) return 0;
  return i < text.size() && text[i] == ';' ? i + 1 : i;
}

}  // namespace

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

std::string escape_html(std::string_view text) {
  std::string out;
  out.reserve(text.size() + text.size() / 8);
  append(out, text, false);
  return out;
}

void append_html_text(std::string& out, std::string_view text) {
  append(out, text, true);
}

std::string decode_html(std::string_view text) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 6> kNames = {
      {{"&amp;", "&"}, {"&lt;", "<"}, {"&gt;", ">"}, {"&quot;", "\""}, {"&apos;", "'"}, {"&nbsp;", "\xC2\xA0"}}};
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size();) {
    const std::string_view rest = text.substr(i);
    std::uint32_t code = 0;
    if (rest[0] != '&') {
      out += rest[0];
      ++i;
    } else if (const std::size_t read = read_number(rest, code)) {
      append_utf8(out, code);
      i += read;
    } else {
      const auto named = std::find_if(kNames.begin(), kNames.end(), [&](const auto& name) {
        return rest.substr(0, name.first.size()) == name.first;
      });
      out += named == kNames.end() ? std::string_view("&") : named->second;
      i += named == kNames.end() ? 1 : named->first.size();
    }
  }
  return out;
}

}  // namespace teamferry::emulator
