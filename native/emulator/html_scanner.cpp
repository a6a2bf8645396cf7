#include "native/emulator/html_scanner.h"

#include <algorithm>
#include <array>
#include <optional>

#include "native/emulator/html_text.h"
#include "native/emulator/text.h"

namespace teamferry::emulator {
namespace {

constexpr std::string_view kSpace = " \t\r\n\f";

// Elements whose content is no HTML, and nothing to read either.
constexpr std::array<std::string_view, 6> kOpaque = {"script", "style", "iframe", "noembed", "noframes", "noscript"};

bool is_space(char c) {
  return kSpace.find(c) != kSpace.npos;
}

// Cursor functions take the position behind what they know and return the one behind what they read, npos at the end
// of the input.
constexpr std::size_t npos = std::string_view::npos;

std::size_t skip_comment(std::string_view html, std::size_t at) {
  if (html.substr(at, 1) == ">") return at + 1;
  if (html.substr(at, 2) == "->") return at + 2;
  for (auto dashes = html.find("--", at); dashes != npos; dashes = html.find("--", dashes + 1)) {
    if (html.substr(dashes + 2, 1) == ">") return dashes + 3;
    if (html.substr(dashes + 2, 2) == "!>") return dashes + 4;
  }
  return npos;
}

// "</!x>", "<!doctype>", "<?xml?>": up to the first '>'.
std::size_t skip_bogus(std::string_view html, std::size_t at) {
  const auto end = html.find('>', at);
  return end == npos ? npos : end + 1;
}

// To the end tag of an opaque element, which is left to be read.
std::size_t skip_opaque(std::string_view html, std::size_t at, std::string_view name) {
  for (auto end = html.find("</", at); end != npos; end = html.find("</", end + 2)) {
    const std::string_view found = html.substr(end + 2, name.size());
    if (lower_ascii(found) != name) continue;
    const std::string_view next = html.substr(std::min(html.size(), end + 2 + name.size()), 1);
    if (!next.empty() && (is_space(next[0]) || next[0] == '/' || next[0] == '>')) return end;
  }
  return npos;
}

std::size_t read_value(std::string_view html, std::size_t at, std::string& value) {
  if (html[at] == '"' || html[at] == '\'') {
    const auto end = html.find(html[at], at + 1);
    if (end == npos) return npos;
    value = decode_html(html.substr(at + 1, end - at - 1));
    return end + 1;
  }
  const auto end = html.find_first_of(" \t\r\n\f>", at);
  if (end == npos) return npos;
  value = decode_html(html.substr(at, end - at));
  return end;
}

// The name and attributes of a tag, from its first letter on.
std::size_t read_tag(std::string_view html, std::size_t at, Tag& tag) {
  auto end = html.find_first_of(" \t\r\n\f/>", at);
  if (end == npos) return npos;
  tag.name = lower_ascii(html.substr(at, end - at));
  tag.attributes.clear();
  for (;;) {
    at = html.find_first_not_of(" \t\r\n\f/", end);
    if (at == npos) return npos;
    if (html[at] == '>') return at + 1;
    end = html.find_first_of(" \t\r\n\f/>=", at + 1);  // a leading '=' belongs to the name
    if (end == npos) return npos;
    std::string name = lower_ascii(html.substr(at, end - at));
    std::string value;
    const auto next = html.find_first_not_of(kSpace, end);
    if (next == npos) return npos;
    if (html[next] == '=') {
      const auto start = html.find_first_not_of(kSpace, next + 1);
      if (start == npos) return npos;
      end = html[start] == '>' ? start : read_value(html, start, value);
      if (end == npos) return npos;
    }
    tag.attributes.emplace_back(std::move(name), std::move(value));
  }
}

}  // namespace

const std::string* Tag::find(std::string_view attribute) const {
  const auto found =
      std::find_if(attributes.begin(), attributes.end(), [&](const auto& a) { return a.first == attribute; });
  return found == attributes.end() ? nullptr : &found->second;
}

void scan_html(std::string_view html, const std::function<void(std::string_view text)>& on_text,
               const std::function<void(const Tag&)>& on_start,
               const std::function<void(std::string_view name)>& on_end) {
  std::size_t at = 0;
  Tag tag;
  while (at < html.size()) {
    const auto open = std::min(html.find('<', at), html.size());
    if (open > at) on_text(html.substr(at, open - at));
    if (open == html.size()) return;
    const std::string_view rest = html.substr(open + 1);
    if (rest.substr(0, 3) == "!--") {
      at = skip_comment(html, open + 4);
    } else if (!rest.empty() && is_letter(rest[0])) {
      at = read_tag(html, open + 1, tag);
      if (at == npos) return;
      on_start(tag);
      if (std::find(kOpaque.begin(), kOpaque.end(), tag.name) != kOpaque.end()) at = skip_opaque(html, at, tag.name);
    } else if (rest.size() > 1 && rest[0] == '/' && is_letter(rest[1])) {
      at = read_tag(html, open + 2, tag);
      if (at == npos) return;
      on_end(tag.name);
    } else if (!rest.empty() && (rest[0] == '!' || rest[0] == '?' || (rest[0] == '/' && rest.size() > 1))) {
      at = skip_bogus(html, open + 1);
    } else {
      on_text(html.substr(open, 1));
      at = open + 1;
    }
    if (at == npos) return;
  }
}

}  // namespace teamferry::emulator
