#include "native/validate/html_token.h"

#include <algorithm>

#include "native/validate/html_tags.h"
#include "native/validate/html_url.h"
#include "native/validate/text.h"

namespace teamferry::validate {
namespace {

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

// A reference to what no text can hold is U+FFFD, as it is to a parser.
char32_t allowed(char32_t point) {
  return point == 0 || point > 0x10FFFF || (point >= 0xD800 && point < 0xE000) ? 0xFFFD : point;
}

}  // namespace

bool HtmlTokens::next(HtmlToken& token) {
  if (at_ >= html_.size()) return false;
  token = {};
  token.begin = at_;
  const auto peek = [&](std::size_t i) { return at_ + i < html_.size() ? html_[at_ + i] : '\0'; };
  if (html_[at_] == '<' && is_letter(peek(1))) {
    token.kind = HtmlToken::Kind::start;
    tag(token, at_ + 1);
  } else if (html_[at_] == '<' && peek(1) == '/' && is_letter(peek(2))) {
    token.kind = HtmlToken::Kind::end;
    tag(token, at_ + 2);
  } else if (html_[at_] == '<' && (peek(1) == '!' || peek(1) == '?' || peek(1) == '/')) {
    token.kind = HtmlToken::Kind::comment;
    const bool comment = html_.substr(at_, 4) == "<!--";
    const auto end = comment ? html_.find("-->", at_ + 2) : html_.find('>', at_);
    at_ = end == html_.npos ? html_.size() : end + (comment ? 3 : 1);
  } else {
    at_ = std::min(html_.find('<', at_ + 1), html_.size());
  }
  token.end = at_;
  return true;
}

// A '>' inside a quoted value does not end the tag. A quote opens a value only behind '='.
void HtmlTokens::tag(HtmlToken& token, std::size_t name_at) {
  auto at = name_at;
  while (at < html_.size() && !is_space(html_[at]) && html_[at] != '/' && html_[at] != '>') ++at;
  token.name = html_.substr(name_at, at - name_at);
  const auto inside = at;
  HtmlAttributes attributes(html_.substr(inside));
  HtmlAttribute attribute;
  while (attributes.next(attribute)) {
  }
  at = inside + attributes.size_before_end();
  if (at >= html_.size()) {
    token.kind = HtmlToken::Kind::cut_off;
    at_ = html_.size();
    return;
  }
  token.inside = html_.substr(inside, at - inside);
  at_ = at + 1;
}

bool HtmlAttributes::next(HtmlAttribute& attribute) {
  while (at_ < inside_.size() && (is_space(inside_[at_]) || inside_[at_] == '/')) ++at_;
  if (at_ >= inside_.size() || inside_[at_] == '>') return false;
  const auto begin = at_++;  // a name may begin with '='
  while (at_ < inside_.size() && !is_space(inside_[at_]) && inside_[at_] != '/' && inside_[at_] != '>' &&
         inside_[at_] != '=') {
    ++at_;
  }
  attribute = {inside_.substr(begin, at_ - begin), {}, false};
  auto at = at_;
  while (at < inside_.size() && is_space(inside_[at])) ++at;
  if (at >= inside_.size() || inside_[at] != '=') return true;
  do {
    ++at;
  } while (at < inside_.size() && is_space(inside_[at]));
  attribute.has_value = true;
  if (at < inside_.size() && (inside_[at] == '"' || inside_[at] == '\'')) {
    const auto end = std::min(inside_.find(inside_[at], at + 1), inside_.size());
    attribute.value = inside_.substr(at + 1, end - at - 1);
    at_ = std::min(end + 1, inside_.size());
  } else {
    const auto from = at;
    while (at < inside_.size() && !is_space(inside_[at]) && inside_[at] != '>') ++at;
    attribute.value = inside_.substr(from, at - from);
    at_ = at;
  }
  return true;
}

bool find_attribute_value(std::string_view inside, std::string_view lower_name, std::string& value) {
  HtmlAttributes attributes(inside);
  for (HtmlAttribute attribute; attributes.next(attribute);) {
    if (!equals_ignoring_case(attribute.name, lower_name)) continue;
    value = decoded(attribute.value);
    return true;
  }
  return false;
}

std::string decoded(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    std::size_t taken = std::min(text.find('&'), text.size());
    out += text.substr(0, taken);
    text.remove_prefix(taken);
    if (text.empty()) break;
    const auto reference = read_reference(text);
    if (reference.numeric || reference.point != 0) {
      append_character(out, allowed(reference.point));
    } else {
      out += text.substr(0, reference.size);
    }
    text.remove_prefix(reference.size);
  }
  return out;
}

std::string text_inside(std::string_view html) {
  std::string out;
  HtmlTokens tokens(html);
  for (HtmlToken token; tokens.next(token);) {
    if (token.kind == HtmlToken::Kind::text) out += decoded(html.substr(token.begin, token.end - token.begin));
  }
  return out;
}

}  // namespace teamferry::validate
