#include "native/migrate/scrub.h"

#include <algorithm>
#include <array>

#include "native/validate/text.h"

namespace teamferry::migrate {
namespace {

constexpr std::size_t kShortestName = 3;
constexpr std::size_t kShortestSecret = 4;

bool alnum(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
// Bytes of other letters than ASCII's belong to words.
bool in_word(char c) {
  return alnum(c) || (static_cast<unsigned char>(c) & 0x80) != 0;
}
bool in_address(char c) {
  return in_word(c) || std::string_view("._+-").find(c) != std::string_view::npos;
}
bool in_token(char c) {
  return alnum(c) || c == '-' || c == '_' || c == '.';
}

std::string_view first_word(std::string_view text) {
  std::size_t n = 0;
  while (n < text.size() && in_word(text[n])) ++n;
  return text.substr(0, n == 0 ? 1 : n);
}

void replace_all(std::string& text, std::string_view what, std::string_view with) {
  for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += with.size()) {
    text.replace(at, what.size(), with);
  }
}

std::string without_tokens(const std::string& text) {
  constexpr std::size_t kLongWord = 40;
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = at;
    while (end < text.size() && in_token(text[end])) ++end;
    const auto word = std::string_view(text).substr(at, end - at);
    const bool token = word.starts_with("eyJ") && word.size() >= kLongWord;
    out += token ? std::string_view("<token>") : word;
    if (end < text.size()) out += text[end++];
    at = end;
  }
  return out;
}

// "19:...@thread.tacv2" is a conversation, not a person.
bool conversation_id(std::string_view domain) {
  return domain.starts_with("thread.") || domain.starts_with("unq.gbl.spaces");
}

std::string without_addresses(std::string text) {
  constexpr std::string_view kMail = "<mail>";
  for (const std::string_view sign : std::array<std::string_view, 2>{"@", "%40"}) {
    for (std::size_t at = 0; (at = text.find(sign, at)) != std::string::npos;) {
      std::size_t begin = at, end = at + sign.size();
      while (begin > 0 && in_address(text[begin - 1])) --begin;
      while (end < text.size() && (in_word(text[end]) || text[end] == '.' || text[end] == '-')) ++end;
      const auto domain = std::string_view(text).substr(at + sign.size(), end - at - sign.size());
      if (begin == at || domain.empty() || conversation_id(domain)) {
        at += sign.size();
        continue;
      }
      text.replace(begin, end - begin, kMail);
      at = begin + kMail.size();
    }
  }
  return text;
}

// Words of an API, alone or with commas between: 'Channel.ReadBasic.All, Team.ReadBasic.All'.
bool technical(std::string_view quoted) {
  bool after_comma = false;
  for (std::size_t i = 0; i < quoted.size(); ++i) {
    const char c = quoted[i];
    if (c == ' ' && !after_comma) return false;
    if (c != ' ' && c != ',' && !in_token(c) && std::string_view(":/@{}$").find(c) == std::string_view::npos)
      return false;
    after_comma = c == ',';
  }
  return true;
}

std::string without_quotations(const std::string& text) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const char mark = text[at];
    const bool opens = (mark == '\'' || mark == '"') && (at == 0 || !in_word(text[at - 1]));
    const std::size_t end = opens ? text.find(mark, at + 1) : std::string::npos;
    if (end == std::string::npos) {
      out += text[at++];
      continue;
    }
    const auto quoted = std::string_view(text).substr(at + 1, end - at - 1);
    out += mark;
    out += technical(quoted) ? quoted : std::string_view("…");
    out += mark;
    at = end + 1;
  }
  return out;
}

}  // namespace

void Scrubber::hide_name(std::string_view name) {
  if (name.size() < kShortestName) return;
  std::string folded = validate::fold_case(std::string(name));
  auto& same = names_[std::string(first_word(folded))];
  if (std::find(same.begin(), same.end(), folded) == same.end()) same.push_back(std::move(folded));
}

void Scrubber::hide_secret(std::string_view secret) {
  if (secret.size() >= kShortestSecret) secrets_.emplace_back(secret);
}

// How long the longest hidden name is that stands there; 0: none does.
std::size_t Scrubber::name_at(std::string_view folded, std::size_t at) const {
  const auto found = names_.find(std::string(first_word(folded.substr(at))));
  if (found == names_.end()) return 0;
  std::size_t longest = 0;
  for (const auto& name : found->second) {
    const std::size_t end = at + name.size();
    if (folded.compare(at, name.size(), name) != 0 || (end < folded.size() && in_word(folded[end]))) continue;
    longest = std::max(longest, name.size());
  }
  return longest;
}

std::string Scrubber::operator()(std::string_view given) const {
  std::string text(given);
  for (const auto& secret : secrets_) replace_all(text, secret, "<secret>");
  text = without_addresses(without_tokens(text));
  // Folding may change the length of rare letters: then there is no telling what stands where, and all of it goes.
  const std::string folded = validate::fold_case(text);
  if (folded.size() != text.size()) return "<text>";
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const bool begins = at == 0 || !in_word(text[at - 1]);
    const std::size_t length = begins ? name_at(folded, at) : 0;
    if (length > 0) {
      out += "<name>";
      at += length;
    } else {
      out += text[at++];
    }
  }
  return without_quotations(out);
}

}  // namespace teamferry::migrate
