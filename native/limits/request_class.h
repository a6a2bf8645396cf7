#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace teamferry::limits {

// What a request is to the service's table of rates: each class has its own budgets. `start` is also every other
// POST of a conversation, `read_other` every GET without a row of its own. `unpaced` has no row: uploads, sign-in.
enum class RequestClass {
  unpaced,
  import_to_channel,
  import_to_chat,
  read_channel_messages,
  read_chat_messages,
  create_team,
  create_channel,
  create_chat,
  complete,
  start,
  read_team,
  read_channel,
  read_chat,
  list_channels,
  add_team_member,
  add_team_members,
  change_chat_member,
  read_other,
};

// Their names in service.json, in the same order.
inline constexpr std::array<std::string_view, 18> kRequestClasses = {
    "unpaced",
    "import_to_channel",
    "import_to_chat",
    "read_channel_messages",
    "read_chat_messages",
    "create_team",
    "create_channel",
    "create_chat",
    "complete",
    "start",
    "read_team",
    "read_channel",
    "read_chat",
    "list_channels",
    "add_team_member",
    "add_team_members",
    "change_chat_member",
    "read_other",
};

inline constexpr std::string_view name_of(RequestClass which) {
  return kRequestClasses[static_cast<std::size_t>(which)];
}

}  // namespace teamferry::limits
