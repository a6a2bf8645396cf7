#include "native/emulator/html_marks.h"

#include <algorithm>
#include <optional>

namespace teamferry::emulator {
namespace {

constexpr std::string_view kHtmlSpace = " \t\r\n\f";

bool equal_ignoring_case(std::string_view text, std::string_view lower) {
  return std::equal(text.begin(), text.end(), lower.begin(), lower.end(),
                    [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a + 32 : a) == b; });
}

void skip_space(std::string_view& rest, std::string_view more = "") {
  while (!rest.empty() && (kHtmlSpace.find(rest.front()) != kHtmlSpace.npos || more.find(rest.front()) != more.npos)) {
    rest.remove_prefix(1);
  }
}

// Takes what comes before any of the ends.
std::string_view take_until(std::string_view& rest, std::string_view ends) {
  const std::string_view taken = rest.substr(0, rest.find_first_of(ends));
  rest.remove_prefix(taken.size());
  return taken;
}

struct Attribute {
  std::string_view name, value;
};

// The next attribute of a tag; nothing at the tag's end, which is then the front of `rest`.
std::optional<Attribute> take_attribute(std::string_view& rest) {
  skip_space(rest, "/");
  if (rest.empty() || rest.front() == '>') return std::nullopt;
  Attribute attribute;
  const std::string_view start = rest;
  rest.remove_prefix(1);  // a name may begin with '=', so that every round takes something
  take_until(rest, " \t\r\n\f/>=");
  attribute.name = start.substr(0, start.size() - rest.size());
  skip_space(rest);
  if (rest.empty() || rest.front() != '=') return attribute;
  rest.remove_prefix(1);
  skip_space(rest);
  if (!rest.empty() && (rest.front() == '"' || rest.front() == '\'')) {
    const std::string_view quote = rest.substr(0, 1);
    rest.remove_prefix(1);
    attribute.value = take_until(rest, quote);
    rest.remove_prefix(std::min<std::size_t>(1, rest.size()));
  } else {
    attribute.value = take_until(rest, " \t\r\n\f>");
  }
  return attribute;
}

struct Wanted {
  std::string_view tag, attribute;
  Mark::Kind kind;
};

constexpr Wanted kWanted[] = {
    {"at", "id", Mark::Kind::mention},
    {"attachment", "id", Mark::Kind::attachment},
    {"img", "src", Mark::Kind::image},
};

constexpr std::size_t kLongestName = 10;  // nothing behind it is looked at, so that no text is read twice

}  // namespace

std::vector<Mark> marks_of(std::string_view html) {
  std::vector<Mark> marks;
  for (;;) {
    html.remove_prefix(std::min(html.find('<'), html.size()));
    if (html.empty()) return marks;
    if (html.substr(0, 4) == "<!--") {
      const auto end = html.find("-->", 4);
      if (end == html.npos) return marks;
      html.remove_prefix(end + 3);
      continue;
    }
    html.remove_prefix(1);
    const std::string_view name = html.substr(0, html.substr(0, kLongestName + 1).find_first_of(" \t\r\n\f/>"));
    const auto wanted = std::find_if(std::begin(kWanted), std::end(kWanted),
                                     [&](const Wanted& each) { return equal_ignoring_case(name, each.tag); });
    if (wanted == std::end(kWanted)) continue;
    std::string_view rest = html.substr(name.size());
    bool found = false;  // the first attribute of a name counts
    while (const auto attribute = take_attribute(rest)) {
      if (found || !equal_ignoring_case(attribute->name, wanted->attribute)) continue;
      found = true;
      marks.push_back({wanted->kind, attribute->value});
    }
    html = rest;
  }
}

}  // namespace teamferry::emulator
