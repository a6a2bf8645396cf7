#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "native/base/datetime.h"
#include "native/base/result.h"

// Channels and chats: what a migration fills. Facts: sections 1.2, 2.4 to 2.6 of the fact sheet.
namespace teamferry::graph {

// Where a conversation stands. `unknown`: the answer had no such property, as older services give it, or a value of
// later times; `none`: null, it never was in migration mode. Read without regard to case.
enum class MigrationMode { unknown, none, inProgress, completed };
std::string_view to_string(MigrationMode mode);

// A channel of a team, or, where chat_id is set, a chat. In the calls of this folder that is all there is to choose.
struct ConversationRef {
  std::string team_id;
  std::string channel_id;
  std::string chat_id = {};

  static ConversationRef chat(std::string id) { return {"", "", std::move(id)}; }
  bool is_chat() const { return !chat_id.empty(); }
};

// "/teams/{id}/channels/{id}" or "/chats/{id}", below the version, its ids encoded.
std::string path_of(const ConversationRef& ref);
// The same as a log names it: "/teams/{team}/channels/{channel}" or "/chats/{chat}".
std::string_view route_of(const ConversationRef& ref);

// A channel has displayName, description and membershipType; a chat has chatType, and a group chat a topic.
struct Conversation {
  std::string id;
  std::string displayName;
  std::string description;
  std::string membershipType;  // standard, private, shared
  std::string topic;
  std::string chatType;  // oneOnOne, group, meeting
  std::string webUrl;
  std::optional<DateTime> createdDateTime;          // the import floor: every message is later
  std::optional<DateTime> originalCreatedDateTime;  // the true one, once a migration has moved the floor
  MigrationMode migrationMode = MigrationMode::unknown;
  std::string json;  // the whole resource as the service printed it
};
using Channel = Conversation;

// A private channel asked for in migration mode silently becomes a standard one (observed), so whoever creates a
// channel compares what came of it. An error of code `other_membership` names both.
Status check_membership(const Channel& created, std::string_view wanted_membershipType);

}  // namespace teamferry::graph
