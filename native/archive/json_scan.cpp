#include "native/archive/json_scan.h"

#include <array>
#include <cstring>
#include <string>

namespace teamferry::archive {
namespace {

// The place behind the string whose first quote is at `at`; the size of the text when it never closes.
std::size_t skip_string(std::string_view text, std::size_t at) {
  const std::size_t first = at + 1;
  for (std::size_t from = first; from < text.size();) {
    const auto* quote = static_cast<const char*>(std::memchr(text.data() + from, '"', text.size() - from));
    if (quote == nullptr) break;
    const auto place = static_cast<std::size_t>(quote - text.data());
    std::size_t backslashes = 0;
    while (place - backslashes > first && text[place - backslashes - 1] == '\\') ++backslashes;
    if (backslashes % 2 == 0) return place + 1;
    from = place + 1;
  }
  return text.size();
}

bool string_closes(std::string_view text, std::size_t at, std::size_t end) {
  return end > at + 1 && text[end - 1] == '"' && skip_string(text.substr(0, end), at) == end;
}

constexpr auto make_marks() {
  std::array<bool, 256> marks{};
  for (const unsigned char c : {'"', '{', '}', '[', ']', ','}) marks[c] = true;
  return marks;
}
constexpr auto kMarks = make_marks();

std::size_t next_mark(std::string_view text, std::size_t at) {
  while (at < text.size() && !kMarks[static_cast<unsigned char>(text[at])]) ++at;
  return at;
}

std::size_t trim_end(std::string_view text, std::size_t begin, std::size_t end) {
  while (end > begin && kJsonSpace.find(text[end - 1]) != kJsonSpace.npos) --end;
  return end;
}

// The brackets that are open. One that closes the wrong way tells that those inside it were never closed, and
// takes them along; one that closes nothing is left out. So damage ends with the bracket around it.
class Brackets {
 public:
  bool none() const { return open_.empty(); }

  void take(char c) {
    const bool curly = c == '{' || c == '}';
    if (c == '{' || c == '[') {
      open_ += c;
      ++count_[curly];
    } else if (count_[curly] > 0) {
      while (open_.back() != (curly ? '{' : '[')) pop();
      pop();
    }
  }

  bool holds_square() const { return count_[0] > 0; }

 private:
  void pop() {
    --count_[open_.back() == '{'];
    open_.pop_back();
  }
  std::string open_;
  std::size_t count_[2] = {};  // square, curly
};

}  // namespace

std::size_t skip_space(std::string_view text, std::size_t at) {
  while (at < text.size() && kJsonSpace.find(text[at]) != kJsonSpace.npos) ++at;
  return at;
}

Element scan_element(std::string_view text, std::size_t at) {
  const auto begin = skip_space(text, at);
  const auto ends_at = [&](std::size_t place, bool closed) {
    return Element{{begin, trim_end(text, begin, place), closed}, place};
  };
  Brackets open;
  for (auto place = next_mark(text, begin); place < text.size(); place = next_mark(text, place)) {
    const char c = text[place];
    if (c == '"') {
      place = skip_string(text, place);
      continue;
    }
    if (c == ',') {
      if (open.none()) return ends_at(place, true);
    } else if (c == ']' && !open.holds_square()) {
      // The array's own end; inside an element that was not closed, only if nothing follows.
      if (open.none() || skip_space(text, place + 1) == text.size()) return ends_at(place, open.none());
    } else {
      open.take(c);
    }
    ++place;
  }
  return ends_at(text.size(), false);
}

Slice scan_value(std::string_view text, std::size_t at) {
  if (text[at] == '"') {
    const auto end = skip_string(text, at);
    return {at, end, string_closes(text, at, end)};
  }
  if (text[at] != '{' && text[at] != '[') {
    auto end = text.find_first_of(" \t\r\n,", at + 1);
    if (end == text.npos) end = text.size();
    return {at, end, true};
  }
  Brackets open;
  for (auto place = at; place < text.size(); place = next_mark(text, place)) {
    if (text[place] == '"') {
      place = skip_string(text, place);
      continue;
    }
    if (text[place] != ',') open.take(text[place]);
    ++place;
    if (open.none()) return {at, place, true};
  }
  return {at, text.size(), false};
}

std::optional<std::size_t> find_member(std::string_view text, std::size_t at, std::string_view key) {
  if (at >= text.size() || text[at] != '{') return std::nullopt;
  for (++at;;) {
    at = skip_space(text, at);
    if (at >= text.size() || text[at] != '"') return std::nullopt;
    const auto end = skip_string(text, at);
    if (!string_closes(text, at, end)) return std::nullopt;
    const auto name = text.substr(at + 1, end - at - 2);
    at = skip_space(text, end);
    if (at >= text.size() || text[at] != ':') return std::nullopt;
    at = skip_space(text, at + 1);
    if (at >= text.size()) return std::nullopt;
    if (name == key) return at;
    // A member's value ends like an element: at a comma, or where the object closes.
    const auto value = text[at] == '{' || text[at] == '[' || text[at] == '"'
                           ? scan_value(text, at)
                           : Slice{at, std::min(text.find_first_of(",}", at), text.size()), true};
    at = skip_space(text, value.end);
    if (at >= text.size() || text[at] != ',') return std::nullopt;
    ++at;
  }
}

std::optional<std::size_t> next_record_line(std::string_view text, const Slice& piece, std::string_view indent,
                                            char bracket) {
  std::string line_start = "\n";
  line_start += indent;
  line_start += bracket;
  const auto found = text.substr(0, piece.end).find(line_start, piece.begin + 1);
  if (found == text.npos) return std::nullopt;
  return found + line_start.size() - 1;
}

std::optional<std::string_view> indent_before(std::string_view text, std::size_t at) {
  auto begin = at;
  while (begin > 0 && (text[begin - 1] == ' ' || text[begin - 1] == '\t')) --begin;
  if (begin > 0 && text[begin - 1] != '\n') return std::nullopt;
  return text.substr(begin, at - begin);
}

}  // namespace teamferry::archive
