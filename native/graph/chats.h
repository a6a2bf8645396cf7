#pragma once

#include <string>
#include <vector>

#include "native/graph/connection.h"
#include "native/graph/conversation.h"

// The chats of a person: where one is looked for whose creation had no clear answer.
// Tested by tests/native/graph/chats_test.cpp.
namespace teamferry::graph {

// `user`: id or user principal name. Needs Chat.ReadBasic.All.
Task<Result<std::vector<Conversation>>> chats_of(Connection& graph, std::string user);

}  // namespace teamferry::graph
