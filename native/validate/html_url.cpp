#include "native/validate/html_url.h"

#include <algorithm>
#include <array>
#include <string>

namespace teamferry::validate {
namespace {

struct Name {
  std::string_view name;
  char32_t point;
};
// The names that can stand for a character of a scheme's end or for what a browser drops. Nothing stands for
// a letter of a scheme but a number.
constexpr Name kNames[] = {{"amp", '&'},   {"lt", '<'},    {"gt", '>'},   {"quot", '"'},
                           {"apos", '\''}, {"colon", ':'}, {"Tab", '\t'}, {"NewLine", '\n'},
                           {"sol", '/'},   {"quest", '?'}, {"num", '#'},  {"nbsp", 0xA0}};

constexpr std::string_view kSafe[] = {"http", "https", "mailto", "tel", "ftp"};
constexpr std::string_view kDangerousSchemes[] = {"javascript", "data",  "vbscript", "blob",
                                                  "livescript", "mocha", "about"};

bool is_alnum(char32_t c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

Reference read_number(std::string_view text) {
  const bool hex = text.size() > 2 && (text[2] == 'x' || text[2] == 'X');
  const std::string_view digits = hex ? "0123456789abcdefABCDEF" : "0123456789";
  const std::size_t begin = hex ? 3 : 2;
  std::size_t at = begin;
  char32_t point = 0;
  for (; at < text.size() && digits.find(text[at]) != digits.npos; ++at) {
    const char c = text[at];
    const char32_t digit = c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;
    if (point <= 0x10FFFF) point = point * (hex ? 16 : 10) + digit;
  }
  if (at == begin) return {};
  if (at < text.size() && text[at] == ';') ++at;
  return {at, point, true};
}

}  // namespace

Reference read_reference(std::string_view text) {
  if (text.size() > 1 && text[1] == '#') return read_number(text);
  std::size_t end = 1;
  while (end < text.size() && is_alnum(static_cast<unsigned char>(text[end]))) ++end;
  const auto name = text.substr(1, end - 1);
  const bool closed = end < text.size() && text[end] == ';';
  for (const auto& known : kNames) {
    if (known.name == name && (closed || known.name == "amp" || known.name == "lt" || known.name == "gt")) {
      return {end + (closed ? 1 : 0), known.point, false};
    }
  }
  return {};
}

UrlVerdict judge_url(std::string_view value) {
  std::array<char, 16> scheme{};
  std::size_t size = 0;
  bool started = false;
  while (!value.empty()) {
    char32_t c = static_cast<unsigned char>(value.front());
    std::size_t taken = 1;
    if (c == '&') {
      const auto reference = read_reference(value);
      if (reference.point != 0 || reference.numeric) {
        c = reference.point;
        taken = reference.size;
      }
    }
    value.remove_prefix(taken);
    if (c == '\t' || c == '\n' || c == '\r') continue;
    if (!started && c <= 0x20) continue;
    started = true;
    if (c == ':') {
      const std::string_view found(scheme.data(), size);
      if (size == 0) return UrlVerdict::relative;
      if (std::find(std::begin(kSafe), std::end(kSafe), found) != std::end(kSafe)) return UrlVerdict::safe;
      const bool runs =
          std::find(std::begin(kDangerousSchemes), std::end(kDangerousSchemes), found) != std::end(kDangerousSchemes);
      return runs ? UrlVerdict::dangerous : UrlVerdict::unknown_scheme;
    }
    if (!is_alnum(c) && c != '+' && c != '-' && c != '.') return UrlVerdict::relative;
    if (size < scheme.size()) {
      scheme[size++] = static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
    }
  }
  return UrlVerdict::relative;
}

bool is_hosted_content(std::string_view value) {
  constexpr std::string_view kFront = "../hostedContents/", kEnd = "/$value";
  if (value.size() <= kFront.size() + kEnd.size() || !value.starts_with(kFront) || !value.ends_with(kEnd)) return false;
  const auto id = value.substr(kFront.size(), value.size() - kFront.size() - kEnd.size());
  return id.find_first_of("/\\?#&<>\"' \t\r\n") == id.npos;
}

bool may_run(std::string_view style) {
  // Style sheets have escapes of their own, so anything but plain declarations is refused.
  if (style.find_first_of("\\&<@") != style.npos || style.find("/*") != style.npos) return true;
  std::string lower(style);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  for (const char* word : {"url", "expression", "javascript", "behavior", "binding", "import"}) {
    if (lower.find(word) != lower.npos) return true;
  }
  return false;
}

}  // namespace teamferry::validate
