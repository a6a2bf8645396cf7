#pragma once

#include <set>
#include <string>
#include <string_view>

#include "native/validate/finding.h"

namespace teamferry::validate {

// The names of the channels of one team, compared as the service does: without regard to case.
class ChannelNames {
 public:
  bool has(std::string_view name) const;
  // False when an equal name is there already.
  bool add(std::string_view name);

 private:
  std::set<std::string> folded_;
};

// What the rules want to know of a channel that is to be created in migration mode.
struct ChannelFacts {
  std::string_view displayName, description, membershipType;
  bool is_general = false;              // the team's own first channel, which is not created
  const ChannelNames* taken = nullptr;  // R38: the names before it in the same team
};

// R38, R39, R40. Tested by tests/native/validate/conversation_test.cpp.
Findings check_channel(const ChannelFacts& facts);

struct TeamFacts {
  std::string_view displayName, description;
  std::string_view template_name = "standard";
};

// R39, R41, and the length of a team's name.
Findings check_team(const TeamFacts& facts);

// R38: a name that a new channel may have, as near to `name` as can be: reserved characters become '-',
// control characters and outer dots, spaces and underscores go, cut to 50, numbered "name (2)" when taken.
// A name that leaves nothing becomes "channel"; "General" becomes "General (2)". The caller adds it to `taken`.
std::string legal_channel_name(std::string_view name, const ChannelNames& taken);

// R39: cut to 1,024 units, control characters gone.
std::string legal_description(std::string_view text);

}  // namespace teamferry::validate
