#include "native/migrate/visible_text.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <iterator>
#include <optional>

namespace teamferry::migrate {
namespace {

// The named characters U+00A0..U+00FF in their order. Source: https://www.w3.org/TR/html4/sgml/entities.html
constexpr std::array<std::string_view, 96> kLatin1 = {
    "nbsp",   "iexcl",  "cent",   "pound",  "curren", "yen",    "brvbar", "sect",   "uml",    "copy",   "ordf",
    "laquo",  "not",    "shy",    "reg",    "macr",   "deg",    "plusmn", "sup2",   "sup3",   "acute",  "micro",
    "para",   "middot", "cedil",  "sup1",   "ordm",   "raquo",  "frac14", "frac12", "frac34", "iquest", "Agrave",
    "Aacute", "Acirc",  "Atilde", "Auml",   "Aring",  "AElig",  "Ccedil", "Egrave", "Eacute", "Ecirc",  "Euml",
    "Igrave", "Iacute", "Icirc",  "Iuml",   "ETH",    "Ntilde", "Ograve", "Oacute", "Ocirc",  "Otilde", "Ouml",
    "times",  "Oslash", "Ugrave", "Uacute", "Ucirc",  "Uuml",   "Yacute", "THORN",  "szlig",  "agrave", "aacute",
    "acirc",  "atilde", "auml",   "aring",  "aelig",  "ccedil", "egrave", "eacute", "ecirc",  "euml",   "igrave",
    "iacute", "icirc",  "iuml",   "eth",    "ntilde", "ograve", "oacute", "ocirc",  "otilde", "ouml",   "divide",
    "oslash", "ugrave", "uacute", "ucirc",  "uuml",   "yacute", "thorn",  "yuml"};

struct Named {
  std::string_view name;
  std::uint32_t code;
};
constexpr Named kOthers[] = {{"amp", '&'},       {"lt", '<'},       {"gt", '>'},       {"quot", '"'},
                             {"apos", '\''},     {"ndash", 0x2013}, {"mdash", 0x2014}, {"lsquo", 0x2018},
                             {"rsquo", 0x2019},  {"sbquo", 0x201a}, {"ldquo", 0x201c}, {"rdquo", 0x201d},
                             {"bdquo", 0x201e},  {"bull", 0x2022},  {"euro", 0x20ac},  {"trade", 0x2122},
                             {"hellip", 0x2026}, {"ensp", 0x2002},  {"emsp", 0x2003}};

constexpr std::string_view kBlocks[] = {"p",  "div", "br",    "li",        "ul",    "ol",   "blockquote", "pre",
                                        "h1", "h2",  "h3",    "h4",        "h5",    "h6",   "hr",         "tr",
                                        "td", "th",  "table", "codeblock", "tbody", "thead"};

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}
bool letter(char c) {
  return lower(c) >= 'a' && lower(c) <= 'z';
}
bool blank(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v';
}

void put_utf8(std::string& out, std::uint32_t code) {
  if (code < 0x80) {
    out += static_cast<char>(code);
  } else if (code < 0x800) {
    out += static_cast<char>(0xc0 | code >> 6);
    out += static_cast<char>(0x80 | (code & 0x3f));
  } else if (code < 0x10000) {
    out += static_cast<char>(0xe0 | code >> 12);
    out += static_cast<char>(0x80 | (code >> 6 & 0x3f));
    out += static_cast<char>(0x80 | (code & 0x3f));
  } else {
    out += static_cast<char>(0xf0 | code >> 18);
    out += static_cast<char>(0x80 | (code >> 12 & 0x3f));
    out += static_cast<char>(0x80 | (code >> 6 & 0x3f));
    out += static_cast<char>(0x80 | (code & 0x3f));
  }
}

std::optional<std::uint32_t> character(std::string_view name) {
  if (name.size() > 1 && name[0] == '#') {
    const bool hex = lower(name[1]) == 'x';
    std::uint32_t code = 0;
    const std::string_view digits = name.substr(hex ? 2 : 1);
    if (digits.empty()) return std::nullopt;
    for (const char c : digits) {
      int value = c >= '0' && c <= '9' ? c - '0' : hex && lower(c) >= 'a' && lower(c) <= 'f' ? lower(c) - 'a' + 10 : -1;
      if (value < 0) return std::nullopt;
      code = code * (hex ? 16 : 10) + static_cast<std::uint32_t>(value);
      if (code > 0x10ffff) return std::nullopt;
    }
    if (code == 0 || (code >= 0xd800 && code < 0xe000)) return std::nullopt;
    return code;
  }
  for (const auto& other : kOthers) {
    if (other.name == name) return other.code;
  }
  const auto found = std::find(kLatin1.begin(), kLatin1.end(), name);
  if (found == kLatin1.end()) return std::nullopt;
  return 0xa0 + static_cast<std::uint32_t>(found - kLatin1.begin());
}

// The value of an attribute inside a tag's text, still encoded.
std::string_view attribute(std::string_view tag, std::string_view name) {
  for (std::size_t at = tag.find(name); at != std::string_view::npos; at = tag.find(name, at + 1)) {
    std::size_t i = at + name.size();
    if (at == 0 || !blank(tag[at - 1]) || i + 1 >= tag.size() || tag[i] != '=') continue;
    const char quote = tag[++i];
    if (quote != '"' && quote != '\'') continue;
    const std::size_t end = tag.find(quote, i + 1);
    if (end != std::string_view::npos) return tag.substr(i + 1, end - i - 1);
  }
  return {};
}

std::size_t end_of_tag(std::string_view html, std::size_t i) {
  char quote = 0;
  for (; i < html.size(); ++i) {
    if (quote != 0) {
      if (html[i] == quote) quote = 0;
    } else if (html[i] == '"' || html[i] == '\'') {
      quote = html[i];
    } else if (html[i] == '>') {
      return i;
    }
  }
  return html.size();
}

std::string without_tags(std::string_view html) {
  std::string out;
  out.reserve(html.size());
  std::size_t i = 0;
  while (i < html.size()) {
    const std::size_t open = html.find('<', i);
    append_decoded(out, html.substr(i, open - i));
    if (open == std::string_view::npos) break;
    if (html.substr(open, 4) == "<!--") {
      const std::size_t end = html.find("-->", open + 4);
      i = end == std::string_view::npos ? html.size() : end + 3;
      continue;
    }
    const bool closing = open + 1 < html.size() && html[open + 1] == '/';
    const std::size_t name_at = open + (closing ? 2 : 1);
    if (name_at >= html.size() || !letter(html[name_at])) {
      out += '<';
      i = open + 1;
      continue;
    }
    const std::size_t end = end_of_tag(html, name_at);
    std::string name;
    std::size_t n = name_at;
    while (n < end && !blank(html[n]) && html[n] != '/') name += lower(html[n++]);
    if (name == "emoji" && !closing) append_decoded(out, attribute(html.substr(n, end - n), "alt"));
    if (std::find(std::begin(kBlocks), std::end(kBlocks), name) != std::end(kBlocks)) out += ' ';
    i = end + 1;
  }
  return out;
}

std::string folded(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  bool gap = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool no_break_space = text.substr(i, 2) == "\xc2\xa0";
    if (no_break_space || blank(text[i])) {
      gap = true;
      if (no_break_space) ++i;
      continue;
    }
    if (gap && !out.empty()) out += ' ';
    gap = false;
    out += text[i];
  }
  return out;
}

bool is_html(std::string_view contentType) {
  return contentType.size() == 4 && lower(contentType[0]) == 'h' && lower(contentType[1]) == 't' &&
         lower(contentType[2]) == 'm' && lower(contentType[3]) == 'l';
}

}  // namespace

void append_decoded(std::string& out, std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '&') {
      const std::size_t end = text.substr(i, 12).find(';');
      if (end != std::string_view::npos) {
        if (const auto code = character(text.substr(i + 1, end - 1))) {
          put_utf8(out, *code);
          i += end;
          continue;
        }
      }
    }
    out += text[i];
  }
}

std::string visible_text(std::string_view contentType, std::string_view content) {
  return is_html(contentType) ? folded(without_tags(content)) : folded(content);
}

}  // namespace teamferry::migrate
