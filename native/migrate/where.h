#pragma once

#include <string>

#include "native/graph/conversation.h"
#include "native/journal/journal.h"

// What a conversation of the journal is called, in Graph and to a person.
namespace teamferry::migrate {

inline bool is_chat(const journal::Conversation& conversation) {
  return conversation.kind == "chat";
}

// Whether anything is sent to it.
inline bool is_carried(const journal::Conversation& conversation) {
  return conversation.kind != "skipped";
}

// Switched to migration mode by startMigration, not born in it.
inline bool is_switched(const journal::Conversation& conversation) {
  return conversation.road == "switched";
}

// It is there, and its id is known for sure.
inline bool is_there(const journal::Conversation& conversation) {
  return conversation.state == "created" || conversation.state == "inProgress" || conversation.state == "completed";
}

// A private or shared channel, and whatever is new to a team that is made here, waits until that team is completed and
// its members are in, among whom the channel's owners have to be.
inline bool waits_for_team(const journal::Conversation& conversation, const journal::Team& team, bool lacks_members) {
  if (!is_switched(conversation) || team.state == "existing") return false;
  return team.state != "completed" || (lacks_members && !is_there(conversation));
}

inline graph::ConversationRef where(const journal::Conversation& conversation, std::string team_graph_id) {
  if (is_chat(conversation)) return graph::ConversationRef::chat(conversation.graph_id);
  return {std::move(team_graph_id), conversation.graph_id};
}

// "#general", "chat Orbit core"
inline std::string shown(const journal::Conversation& conversation) {
  return (is_chat(conversation) ? "chat " : "#") + conversation.displayName;
}

}  // namespace teamferry::migrate
