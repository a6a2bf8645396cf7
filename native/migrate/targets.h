#pragma once

#include "native/migrate/engine_state.h"

// The teams, channels and chats that messages go to, created once, wherever a run died: born in migration mode, or
// created normally and switched to it when their lane has something to send (start.h).
//
// A creation has no key that Graph would recognise, so each is an intent in the journal first (rule 12). One that had
// no clear answer, or that an earlier run had begun, is looked for before it is repeated: a channel by its name, which
// is unique in its team; a team by its name and its description, which holds a marker of the project. What lives
// already is only looked at.
// Tested by tests/native/migrate/targets_test.cpp.
namespace teamferry::migrate {

// A conversation that takes messages.
struct Place {
  journal::Conversation conversation;
  bool fresh = false;  // created by this very run
};

// Creates the team or finds it, or looks whether the one that lives already is there. Returns its id.
Task<Result<std::string>> ensure_team(RunState& run, journal::Team team, bool& created);

// Creates the channel or finds it; General is the one that the team was born with. `fresh_team`: this run created it.
Task<Result<Place>> ensure_channel(RunState& run, std::string team_graph_id, journal::Conversation conversation,
                                   bool fresh_team);

// The same for a conversation that is switched: created normally, or one that lives already.
Task<Result<Place>> ensure_switched(RunState& run, std::string team_graph_id, journal::Conversation conversation);

}  // namespace teamferry::migrate
