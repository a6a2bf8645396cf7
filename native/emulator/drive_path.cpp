#include "native/emulator/drive_path.h"

#include <algorithm>

#include "native/emulator/text.h"

namespace teamferry::emulator {
namespace {

// Actions may carry their namespace here too.
void add_actions(std::vector<std::string>& segments, std::string_view rest) {
  constexpr std::string_view kNamespace = "microsoft.graph.";
  if (rest.starts_with('/')) rest.remove_prefix(1);
  if (rest.empty()) return;
  for (std::string_view part : split(rest)) {
    if (part.starts_with(kNamespace)) part.remove_prefix(kNamespace.size());
    segments.emplace_back(part);
  }
}

}  // namespace

bool names_drive(const std::vector<std::string>& segments) {
  if (segments.size() == 3) return segments[1] == "drives";
  return segments.size() == 4 && (segments[1] == "users" || segments[1] == "groups") && segments[3] == "drive";
}

void add_drive_path(std::vector<std::string>& segments, std::string_view rest) {
  if (segments.size() == 4) {
    std::string name = segments[1] + "/" + segments[2] + "/drive";
    segments.resize(1);
    segments.insert(segments.end(), {"drives", std::move(name)});
  }
  // The item's own part: "root" or "items/{id}" or "items('{id}')", and the path between two colons.
  constexpr std::string_view kItems = "items/";
  constexpr std::string_view kQuoted = "items('";
  const bool quoted = rest.starts_with(kQuoted);
  if (rest.starts_with(kItems)) {
    rest.remove_prefix(kItems.size());
  } else if (quoted) {
    rest.remove_prefix(kQuoted.size());
  } else if (!rest.starts_with("root") || (rest.size() > 4 && rest[4] != ':' && rest[4] != '/')) {
    return add_actions(segments, rest);
  }
  std::string item(rest.substr(0, quoted ? rest.find("')") : rest.find_first_of(":/")));
  rest.remove_prefix(std::min(rest.size(), item.size() + (quoted ? 2 : 0)));
  if (rest.starts_with(':')) {
    auto end = rest.find(":/", 1);
    if (end == rest.npos) end = rest.size() > 1 && rest.back() == ':' ? rest.size() - 1 : rest.size();
    item += rest.substr(0, end);
    rest.remove_prefix(std::min(rest.size(), end + 1));
  }
  segments.emplace_back("items");
  segments.push_back(std::move(item));
  add_actions(segments, rest);
}

}  // namespace teamferry::emulator
