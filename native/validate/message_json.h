#pragma once

#include <nlohmann/json_fwd.hpp>

#include "native/validate/message.h"

namespace teamferry::validate {

// Every rule of check_message over a chatMessage as JSON, whoever wrote it; and "shape" for what is not a chatMessage
// as it is sent: unknown fields, fields that the service sets itself, values of another type. Never throws.
// Tested by tests/native/validate/message_json_test.cpp and fuzz_test.cpp.
Findings check_message_json(const nlohmann::json& body, const MessageContext& context = {});

// What a channel or a chat, as Graph returns them, says of the messages that it may take: in_chat and the floor.
MessageContext context_of(const nlohmann::json& channel_or_chat);

}  // namespace teamferry::validate
