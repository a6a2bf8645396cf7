#pragma once

#include <string>
#include <string_view>

#include "native/graph/connection.h"
#include "native/graph/conversation.h"

// Images inside messages. Facts: section 2.8 of the fact sheet.
// Tested by tests/native/graph/files_test.cpp.
namespace teamferry::graph {

struct HostedContent {
  std::string bytes;
  std::string content_type;  // "image/png"
};

// The id in an <img src> that the service rewrote; empty for any other address. Only what stands behind
// hostedContents/ is looked at: the rest comes in several forms, and may name another host.
std::string hosted_id(std::string_view src);

// The bytes of an image. `root_id` is empty unless the message is a reply.
Task<Result<HostedContent>> hosted_content(Connection& graph, ConversationRef in, std::string root_id,
                                           std::string message_id, std::string id);

}  // namespace teamferry::graph
