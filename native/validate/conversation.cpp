#include "native/validate/conversation.h"

#include <fmt/format.h>

#include <algorithm>

#include "native/limits/limits.h"
#include "native/validate/text.h"

namespace teamferry::validate {
namespace {

// R38. Documented; names are compared without regard to case.
// Source: https://learn.microsoft.com/microsoftteams/limits-specifications-teams (2026-08)
constexpr std::string_view kReserved = "~#%&*{}+/\\:<>?|'\"";
constexpr std::string_view kGeneral = "general";  // folded; the team's own channel

// R39. Documented: https://learn.microsoft.com/graph/api/resources/channel (2026-08), and for teams likewise. R47:
// inferred.
void check_description(std::string_view text, Findings& findings) {
  const auto units = utf16_units(text);
  const auto most = limits::in_force().sizes.description_units;
  if (units > most) {
    add_error(findings, "R39", "description", fmt::format("it has {} characters, the limit is {}", units, most),
              "Shorten it");
  }
  if (!is_clean(text)) {
    add_error(findings, "R47", "description", "it holds control characters or is not UTF-8", "Remove them");
  }
}

bool is_control(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
}

// Why a name cannot be a channel's; empty if it can.
std::string name_fault(std::string_view name) {
  const auto units = utf16_units(name);
  const auto most = limits::in_force().sizes.channel_name_units;
  if (name.find_first_not_of(" ") == name.npos) return "it is empty";
  if (units > most) return fmt::format("'{}' has {} characters, the limit is {}", shown(name), units, most);
  if (const auto at = name.find_first_of(kReserved); at != name.npos) {
    return fmt::format("'{}' holds the reserved character {}", shown(name), name[at]);
  }
  if (!is_clean(name) || std::any_of(name.begin(), name.end(), is_control)) {
    return "it holds control characters or is not UTF-8";
  }
  if (name.front() == '_' || name.front() == '.') return fmt::format("'{}' begins with {}", shown(name), name.front());
  if (name.back() == '.') return fmt::format("'{}' ends with a dot", shown(name));
  if (name.front() == ' ' || name.back() == ' ') return fmt::format("'{}' begins or ends with a space", shown(name));
  if (fold_case(name) == kGeneral) return "General is the team's own first channel";
  return {};
}

// Spaces, dots and underscores off the front; spaces and dots off the end.
std::string_view trimmed(std::string_view name) {
  const auto begin = name.find_first_not_of(" ._");
  if (begin == name.npos) return {};
  name.remove_prefix(begin);
  return name.substr(0, name.find_last_not_of(" .") + 1);
}

}  // namespace

bool ChannelNames::has(std::string_view name) const {
  return folded_.count(fold_case(name)) > 0;
}
bool ChannelNames::add(std::string_view name) {
  return folded_.insert(fold_case(name)).second;
}

// R40. Documented for the creation; observed: a private one came out as standard without an error.
// Source: https://github.com/MicrosoftDocs/msteams-docs/issues/14011 (2026-01)
Findings check_channel(const ChannelFacts& facts) {
  Findings findings;
  if (!facts.is_general) {
    if (const auto fault = name_fault(facts.displayName); !fault.empty()) {
      add_error(findings, "R38", "displayName", fault, "Give the channel another name");
    } else if (facts.taken != nullptr && facts.taken->has(facts.displayName)) {
      add_error(findings, "R38", "displayName",
                fmt::format("'{}' is taken in this team, where case does not count", shown(facts.displayName)),
                "Give one of the two another name");
    }
  }
  check_description(facts.description, findings);
  if (!facts.membershipType.empty() && facts.membershipType != "standard") {
    add_error(
        findings, "R40", "membershipType",
        fmt::format("a channel that is created for migration is standard, not {}; the service would make it public",
                    shown(facts.membershipType)),
        "Skip the conversation, or say that it may become a standard channel");
  }
  return findings;
}

// R41. Documented: https://learn.microsoft.com/graph/api/team-post (2026-08), example 8
Findings check_team(const TeamFacts& facts) {
  Findings findings;
  const auto units = utf16_units(facts.displayName);
  const auto most = limits::in_force().sizes.team_name_units;
  if (facts.displayName.find_first_not_of(" ") == facts.displayName.npos || units > most) {
    add_error(findings, "R39", "displayName",
              units == 0 ? "it is empty" : fmt::format("it has {} characters, the limit is {}", units, most),
              fmt::format("Give the team a name of 1 to {} characters", most));
  }
  if (!is_clean(facts.displayName)) {
    add_error(findings, "R47", "displayName", "it holds control characters or is not UTF-8", "Remove them");
  }
  check_description(facts.description, findings);
  if (facts.template_name != "standard") {
    add_error(findings, "R41", "template@odata.bind",
              fmt::format("a team that is created for migration has the template standard, not {}",
                          shown(facts.template_name)),
              "Use teamsTemplates('standard')");
  }
  return findings;
}

std::string legal_channel_name(std::string_view name, const ChannelNames& taken) {
  std::string legal;
  for (const char c : cleaned(name)) {
    if (is_control(c)) {
      legal += ' ';
    } else {
      legal += kReserved.find(c) == kReserved.npos ? c : '-';
    }
  }
  const auto most = limits::in_force().sizes.channel_name_units;
  std::string base(trimmed(cut_to_units(trimmed(legal), most)));
  if (base.empty()) base = "channel";
  legal = base;
  for (int number = 2; taken.has(legal) || fold_case(legal) == kGeneral; ++number) {
    const auto ending = fmt::format(" ({})", number);
    legal = std::string(trimmed(cut_to_units(base, most - ending.size()))) + ending;
  }
  return legal;
}

std::string legal_description(std::string_view text) {
  return std::string(cut_to_units(cleaned(text), limits::in_force().sizes.description_units));
}

}  // namespace teamferry::validate
