#pragma once

#include "native/migrate/targets.h"

// For the sources of targets.h only.
namespace teamferry::migrate {

inline constexpr int kCreationAttempts = 5;  // of one creation in one run

Error interrupted();
graph::Patience patience_of(RunState& run, graph::Patience patience);

// Stores where the conversation stands. `ended`: its creation has ended with this; of one that is born in migration
// mode that is the beginning of an import session.
Task<Result<Unit>> store_created(RunState& run, journal::Conversation conversation, bool ended);

// Asks for the channel until there is one, and stores its id at once. `fresh` when this call has created it.
Task<Result<Place>> request_channel(RunState& run, std::string team, journal::Conversation conversation);

}  // namespace teamferry::migrate
