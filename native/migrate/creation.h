#pragma once

#include <string>

#include "native/migrate/engine_state.h"

// Calls that create or complete something have no key that Graph would recognise, so each is an intent in the journal
// first (rule 12 of DESIGN.md 4a). `begun` says there: a call may have been made whose answer nobody has read.
// `kind` and `subject` are those of journal::Transaction::creation_begun.
// Tested by tests/native/migrate/targets_test.cpp and complete_test.cpp.
namespace teamferry::migrate {

// Durable when it returns done(). An Error is what has ended the run. `note`: what will help to recognise it.
Task<Status> begin_creation(RunState& run, const char* kind, std::string subject, std::string note = "");

// The answer said that nothing has happened: takes the intent back.
Task<void> give_up_creation(RunState& run, const char* kind, std::string subject, Error error);

// Pauses after a 429 or an unclear answer. `doing`: "creating team Orbit". false: the run is closing.
Task<bool> pause_after(RunState& run, std::string doing, int failures, Error error);

}  // namespace teamferry::migrate
