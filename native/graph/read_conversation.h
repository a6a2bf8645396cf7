#pragma once

#include <nlohmann/json.hpp>
#include <string_view>

#include "native/graph/conversation.h"
#include "native/http/message.h"

namespace teamferry::graph {

// Reads a channel or a chat out of an answer; `what` names the call. For this folder's sources only.
Result<Conversation> read_conversation(const nlohmann::json& body, std::string_view what);
Result<Conversation> read_conversation(const Result<http::Response>& response, std::string_view what);

}  // namespace teamferry::graph
