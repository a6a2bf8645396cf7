#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "native/base/datetime.h"
#include "native/base/result.h"
#include "native/graph/client.h"

// What may be done to a conversation and to a team, as tables: one row a transition, the legal ones and the illegal
// ones alike, each with the rule, a sentence in plain words, and the one safe next step. Pure: nothing is asked here.
//
//                     start                            complete (owner only)
//   none ────────────────────────────▶ inProgress ───────────────────────────▶ completed
//                                          ▲              start again              │
//   born migrating: begins here ───────────┘◀──────────────────────────────────────┘
//
// Sections are those of the fact sheet (GRAPH.md): 1.2 conversations, 1.3 teams, 2.5 the arguments of a start.
// Tested by tests/native/migrate/conversation_state_test.cpp, which walks both tables.
namespace teamferry::migrate {

using graph::MigrationMode;

// How a conversation came into migration mode: created in it, in a new team; or switched by startMigration while
// people may be using it.
enum class Road { born, switched };
std::string_view to_string(Road road);

// Whose import session it is, seen from us. No read of Graph tells: it is what the journal noted, or what a refusal
// said (8.1 row 1).
enum class Owner { ours, another, unknown };
std::string_view to_string(Owner owner);

struct ConversationState {
  MigrationMode mode = MigrationMode::unknown;
  Owner owner = Owner::unknown;
  // Says `completed`, and is still importing inside: it refuses a start and ignores a completion (8.1 row 2). Only a
  // start that was refused although the state allowed it shows this; see wedged_by().
  bool wedged = false;

  bool operator==(const ConversationState&) const = default;
};

// As read from the service, with the client id that the journal noted for the session; empty: it noted none.
ConversationState seen_state(MigrationMode mode, std::string_view session_client_id, std::string_view our_client_id);

enum class Act { start, import_message, complete };
std::string_view to_string(Act act);

// `unsure`: what we know does not decide it; the service's answer does.
enum class Answer { legal, illegal, unsure };

struct Verdict {
  Answer answer = Answer::unsure;
  std::string_view name;  // of the transition: "restart", "import into a completed one"
  std::string_view code;  // of the Error if it is illegal: "not_in_progress", "other_application", ...
  std::string_view rule;  // the section or rule that says so
  std::string_view why;   // continues the conversation's name: "takes no imports: its migration is completed"
  std::string_view step;  // the one safe next step
  ConversationState after;

  bool legal() const { return answer == Answer::legal; }
  bool illegal() const { return answer == Answer::illegal; }
  // "#general takes no imports: ...; <step>". Requires illegal().
  Error error(std::string_view name_of_conversation) const;
};

// `after` is the state once the service has said yes; of an illegal act the state as it is.
Verdict judge(const ConversationState& state, Act act);

// Between a completion and the next start: one that comes sooner can leave a conversation stuck (8.1 row 2).
inline constexpr std::chrono::milliseconds kRestAfterCompletion{60'000};

// The arguments of a start, which the state alone does not decide (2.5, R7, R8, 4.6, 4.20, 8.1 row 2). Which date to
// send is decided by validate::decide_start.
struct Start {
  std::string_view cloud = "global";  // name of auth::Cloud
  DateTime now;
  std::optional<DateTime> completed_at;                  // when this conversation was last seen completed
  std::optional<DateTime> createdDateTime;               // of the conversation, now
  std::optional<DateTime> conversationCreationDateTime;  // to be sent; nothing: no body
};
Verdict judge(const ConversationState& state, const Start& start);

// A start was refused although the state allowed it, and the state has not changed: the conversation is stuck.
bool wedged_by(const ConversationState& before, const Error& refusal, MigrationMode after);

// The refusal says that another application owns the import session: of an import, or of a completion (8.1 row 1).
bool another_owns(const Error& refusal);

// A team of road A. General must be the last channel: completing it closes the team to new channels (1.3).
enum class TeamPhase {
  open,           // takes new channels
  general_early,  // General is completed while other channels are not
  closing,        // every channel is completed, the team is not
  completed,
};
std::string_view to_string(TeamPhase phase);

struct TeamState {
  TeamPhase phase = TeamPhase::open;
  int open_channels = 0;  // in migration mode still, General not counted
  bool operator==(const TeamState&) const = default;
};
TeamState team_state(bool completed, MigrationMode general, int open_channels);

enum class TeamAct { create_channel, complete_channel, complete_general, complete_team, add_member };
std::string_view to_string(TeamAct act);

struct TeamVerdict {
  Answer answer = Answer::unsure;
  std::string_view name, code, rule, why, step;
  TeamState after;

  bool legal() const { return answer == Answer::legal; }
  bool illegal() const { return answer == Answer::illegal; }
  Error error(std::string_view name_of_team) const;
};
TeamVerdict judge(const TeamState& state, TeamAct act);

}  // namespace teamferry::migrate
