#pragma once

#include <optional>
#include <string>
#include <vector>

#include "native/base/datetime.h"
#include "native/graph/connection.h"
#include "native/graph/conversation.h"

// Members of teams, of chats, and of private and shared channels. Facts: sections 2.10 and 2.12 of the fact sheet.
// Adding and removing are tried once, as Connection::post_once says; listing rides the retry policy.
// Tested by tests/native/graph/members_test.cpp.
namespace teamferry::graph {

struct Member {
  std::string id;      // of the membership: opaque, and another one after removing and adding again
  std::string userId;  // empty for what is not a user
  std::string displayName;
  std::string email;
  std::vector<std::string> roles;                       // empty: a plain member; else "owner", "guest"
  std::optional<DateTime> visibleHistoryStartDateTime;  // chats only
  std::string json;                                     // the whole resource as the service printed it
};

struct NewMember {
  std::string user;  // id, or user principal name
  std::vector<std::string> roles = {};
  // For chats: how far back the history is shared. Nothing: no further than the moment of adding.
  std::optional<DateTime> visibleHistoryStartDateTime = {};
};

// The value that shares all of a chat's history.
inline constexpr DateTime kAllHistory{-62'135'596'800'000};  // 0001-01-01T00:00:00Z

// A new member as bodies name one, the address of the user being that of this Graph.
std::string member_json(const Connection& graph, const NewMember& member);

// Who was added. Whoever was there already is a success of its own kind, seen from a chat's 409.
struct Joined {
  std::string id;  // of the membership; empty if the service did not tell
  bool was_there = false;
};

Task<Result<std::vector<Member>>> team_members(Connection& graph, std::string team_id);
Task<Result<std::vector<Member>>> members(Connection& graph, ConversationRef of);

Task<Result<Joined>> add_team_member(Connection& graph, std::string team_id, NewMember member);
Task<Result<Joined>> add_member(Connection& graph, ConversationRef to, NewMember member);

// Many members at once, with what became of each, in the order they were given. One call; the service takes some four
// a minute and team. How many it takes: counts.members_per_call of the limits.
std::size_t members_at_once();
Task<Result<std::vector<Status>>> add_team_members(Connection& graph, std::string team_id,
                                                   std::vector<NewMember> members);
Task<Result<std::vector<Status>>> add_members(Connection& graph, ConversationRef to, std::vector<NewMember> members);

// `membership_id` is Member::id. Whoever removes in order to add again notes it down before: a member that is lost in
// between can be added by anyone who knows the note.
Task<Status> remove_member(Connection& graph, ConversationRef from, std::string membership_id);

}  // namespace teamferry::graph
