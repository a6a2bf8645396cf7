#pragma once

#include <optional>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include "native/base/datetime.h"
#include "native/validate/conversation.h"
#include "native/validate/finding.h"

namespace teamferry::validate {

// The bodies that create what messages go into, as JSON, whoever wrote them. Besides the rules each names "shape" for
// what is not such a body. None throws. Tested by tests/native/validate/conversation_json_test.cpp and fuzz_test.cpp.

// What may be known besides a body itself; what is not known is not judged.
struct BirthContext {
  std::optional<DateTime> now;             // R2
  std::optional<DateTime> team_created;    // R6: of a channel's team
  std::optional<DateTime> oldest_message;  // R6
  const ChannelNames* taken = nullptr;     // R38
};

// POST /teams and POST /teams/{id}/channels in migration mode: R1, R2, R6, R38 to R41.
Findings check_team_json(const nlohmann::json& body, const BirthContext& context = {});
Findings check_channel_json(const nlohmann::json& body, const BirthContext& context = {});

// POST /chats: R42, R43; `our_tenant` may be empty.
Findings check_chat_json(const nlohmann::json& body, std::string_view our_tenant = {});

// A member of a team, channel or chat.
Findings check_member_json(const nlohmann::json& body);

// The user that a member binds: "https://graph.microsoft.com/v1.0/users('id')" and ".../users/id" give id.
std::string_view bound_user(std::string_view bind);

}  // namespace teamferry::validate
