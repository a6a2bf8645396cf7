#include "native/emulator/team_rules.h"

#include <fmt/format.h>

#include <algorithm>

#include "native/emulator/text.h"

namespace teamferry::emulator {

std::string team_problem(const std::string& display_name, const std::string& description,
                         const std::string& visibility) {
  if (display_name.find_first_not_of(' ') == std::string::npos) return "Team display name is missing or empty.";
  if (utf16_length(display_name) > 256) return "Team display name is longer than 256 characters.";
  if (utf16_length(description) > 1024) return "Team description is longer than 1024 characters.";
  if (visibility != "private" && visibility != "public" && visibility != "hiddenMembership") {
    return fmt::format("'{}' is not a visibility.", visibility);
  }
  return "";
}

std::string channel_name_problem(const std::string& name) {
  if (name.find_first_not_of(' ') == std::string::npos) return "Channel display name is missing or empty.";
  if (utf16_length(name) > 50) return "Channel name is longer than 50 characters.";
  const bool control = std::any_of(name.begin(), name.end(), [](char c) { return static_cast<unsigned char>(c) < 32; });
  if (control || name.find_first_of("~#%&*{}+/\\:<>?|'\"") != std::string::npos || name.front() == '_' ||
      name.front() == '.' || name.back() == '.') {
    return "Channel name contains characters that are not allowed.";
  }
  return "";
}

std::string channel_description_problem(const std::string& description) {
  return utf16_length(description) > 1024 ? "Channel description is longer than 1024 characters." : "";
}

}  // namespace teamferry::emulator
