#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "native/journal/journal.h"
#include "native/migrate/conversation_state.h"

// What doctor says about a conversation or a team, from what the journal holds and what the service has answered.
// Pure: doctor.h asks, this judges. Tested by tests/native/migrate/diagnosis_test.cpp.
namespace teamferry::migrate {

enum class Level { ok, warning, problem };
std::string_view to_string(Level level);

// What --fix may do about it: what is safe whatever else is true. Nothing is ever deleted, and no conversation is
// opened.
enum class Remedy {
  none,
  complete,        // a completion that the journal holds as asked for is finished
  note_completed,  // the journal is told that the service has completed it, after plan_again
  plan_again,      // messages on their way are looked for once more; those that are not there are planned again
  read_doubts,     // messages in doubt are looked for once more
};
std::string_view to_string(Remedy remedy);
std::string_view sentence(Remedy remedy);  // "finish the completion that was asked for"

// One line of doctor.
struct Check {
  std::string area;     // network, sign-in, clock, roles, cloud, limits, journal, team, conversation
  std::string subject;  // whose name stands in front, for a team and a conversation
  Level level = Level::ok;
  std::string code;  // one word, stable: "ready_to_complete"
  std::string text;  // in plain words; goes on after the subject
  std::string step;  // the next safe step; empty: none is needed
  Remedy remedy = Remedy::none;
  int team = 0;                               // of the journal; 0: none
  journal::ConversationId conversation = 0;   // the same
  std::optional<Error> error = std::nullopt;  // what the service or the disk said
};

// What the journal knows of a conversation.
struct JournalFacts {
  journal::Conversation conversation;
  std::optional<journal::ImportSession> session;  // the newest
  std::int64_t sent = 0, planned = 0, sending = 0, failed = 0, blocked = 0, doubt = 0;
  bool creation_unclear = false;     // its creation was begun, and no answer was read
  bool completion_asked = false;     // somebody has asked for the completion of this journal
  std::int64_t accepted = 0;         // how many messages may stay behind, as was said then
  std::optional<Error> start_error;  // how the last startMigration was refused
  std::string client_id;             // of the application that asks now; empty: not known

  std::int64_t open() const { return planned + sending; }
  std::int64_t missing() const { return failed + blocked + doubt; }
};

// What the service said: the conversation, or why it could not be seen.
struct ServiceFacts {
  std::optional<graph::Conversation> conversation;
  std::optional<Error> error;
  bool team_gone = false;
};

// The lines about one conversation: where it stands, and, if there are any, its messages in doubt.
std::vector<Check> diagnose(const JournalFacts& journal, const ServiceFacts& service);

// What is known of a team: its channels, as both sides see them.
struct TeamFacts {
  journal::Team team;
  std::optional<Error> error;  // why the team could not be seen
  MigrationMode general = MigrationMode::unknown;
  int open_channels = 0;               // inProgress, General not counted
  std::vector<std::string> strangers;  // channels in progress that the journal does not know
  bool channels_seen = false;          // false: they could not be listed
  bool completion_asked = false;
};
Check diagnose(const TeamFacts& facts);

}  // namespace teamferry::migrate
