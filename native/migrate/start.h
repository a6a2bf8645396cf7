#pragma once

#include "native/migrate/engine_state.h"

// Road B: a conversation that was created normally is switched to migration mode, and back again for what a later
// export adds.
// Tested by tests/native/migrate/roads_test.cpp and its neighbours.
namespace teamferry::migrate {

// Opens the conversation for imports from `oldest` on, unless it is open already, and notes whose session it is; gives
// it with the state and createdDateTime that the service shows then.
//
// The date is solved by validate::decide_start from what the service shows. A start has no key, so its intent is in the
// journal first, and after an unclear answer the state tells. Less than a minute after a completion it waits, since a
// start so soon can leave a conversation stuck (8.1 row 2 of the fact sheet).
//
// Errors: `not_confirmed` for the first start by this journal of a conversation that lived before, unless
// Options::confirm_existing: its createdDateTime moves back for ever; `floor` if no start can make room for `oldest`;
// `wedged`; those of the state (conversation_state.h) and of the service.
Task<Result<journal::Conversation>> open_conversation(RunState& run, journal::Conversation conversation,
                                                      graph::ConversationRef where, DateTime oldest);

}  // namespace teamferry::migrate
