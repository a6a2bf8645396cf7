#pragma once

#include <functional>
#include <string>
#include <vector>

#include "native/migrate/diagnosis.h"
#include "native/migrate/session.h"

// Every team and conversation of a journal, held against the service; and the cures that are safe.
// Tested by tests/native/migrate/doctor_test.cpp.
namespace teamferry::migrate {

// Reads, and changes nothing on either side. One request a team lists its channels; a conversation that is not listed,
// or listed without its state, is asked for by itself. `client_id`: of the application that asks; empty: not known.
// What cannot be read becomes a line. An Error is only of the journal.
Task<Result<std::vector<Check>>> examine(graph::Client& client, journal::Journal& journal, std::string client_id);

// What came of one cure.
struct Cure {
  Check check;
  std::string outcome;         // "2 of 3 messages found in Teams"
  std::optional<Error> error;  // why it did not work
};

// Does what the remedies of `checks` say, one after the other, completions last and together. Each is handed to
// `before` when it is about to begin, and ends as a finding of kind "doctor" in the journal. Deletes nothing, opens
// nothing, and completes only what somebody has asked to complete: through the gate of complete(), with the acceptance
// given then. An Error is one that ends them all: another identity, the journal's disk.
Task<Result<std::vector<Cure>>> cure(Session& session, std::vector<Check> checks,
                                     std::function<void(const Check&)> before);

}  // namespace teamferry::migrate
