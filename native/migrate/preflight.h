#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "native/auth/roles.h"
#include "native/auth/token.h"
#include "native/base/result.h"
#include "native/base/task.h"

namespace teamferry::journal {
class Journal;
}

namespace teamferry::migrate {

// What "run", "verify" and "complete" are about to do, as the journal stands: an application that only imports needs
// no permission to create.
// `accept_doubt`: where others write too, nobody need be able to tell their messages from ours; a message that may have
// arrived then stays in doubt (DESIGN.md 4a, rule 8).
std::vector<auth::Work> works_of(journal::Journal& journal, const std::vector<std::string>& commands,
                                 bool accept_doubt = false);

// Signs in and looks whether the token allows these commands (auth::check_roles), so that a permission that is missing
// shows before the first call and not in the middle. The value holds what a person should know and may pass over:
// recommended permissions, a clock that is off.
//
// A sign-in that may succeed later (429, 5xx, no connection) is left to the command, whose calls try again; any other
// failure is the Error.
// Tested by tests/native/migrate/preflight_test.cpp.
Task<Result<std::vector<std::string>>> preflight(journal::Journal& journal, auth::TokenSource& tokens,
                                                 std::vector<std::string> commands, bool accept_doubt = false);

}  // namespace teamferry::migrate
