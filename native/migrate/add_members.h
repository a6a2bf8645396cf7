#pragma once

#include "native/migrate/engine_state.h"

// The people of teams, private channels and chats, once their history is in place.
// Tested by tests/native/migrate/roads_test.cpp and roads_chat_test.cpp.
namespace teamferry::migrate {

struct Added {
  std::int64_t members = 0;  // by this command
  std::int64_t refused = 0;  // whom the service does not take: noted in the journal, and passed over
};

// Adds whoever of the journal is to be a member of this team (`conversation` 0) or of this channel or chat, and is not
// yet: owners first, fifty a call. Adding somebody twice changes nothing, so what was unclear is simply asked again.
// The Error is one that stands in the way of all, such as a missing permission.
Task<Result<Added>> add_members(RunState& run, int team, std::string team_graph_id, journal::Conversation conversation);

}  // namespace teamferry::migrate
