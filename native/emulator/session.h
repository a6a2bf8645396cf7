#pragma once

#include "native/emulator/call.h"
#include "native/emulator/collection.h"

// What shows of import sessions outside their own routes. Tested by tests/native/emulator/migration_test.cpp.
namespace teamferry::emulator {

// Appends migrationMode and originalCreatedDateTime, unless v1.0 is to lack them (E57).
void print_session(const Call& call, const Conversation& conversation, Json& printed);

// The answer to a completion by an app that does not own the session (E108).
Answer not_initiator(const Call& call);

// Whether the body of a completion is none or {}; otherwise `refused` is the answer.
bool read_no_parameters(const Call& call, Answer& refused);

}  // namespace teamferry::emulator
