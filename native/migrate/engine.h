#pragma once

#include "native/migrate/session.h"

namespace teamferry::migrate {

// Sends what is planned, exactly once, wherever an earlier run ended: creates the teams and channels that are
// missing, binds each conversation to what lives there, and drives its lane to the end.
//
// An Error means that nothing was started: no finished plan, another identity. What happened later, also what
// ended the run early, is in the summary.
// Tested by tests/native/migrate/engine_test.cpp and its neighbours.
Task<Result<RunSummary>> run(Session& session);

// Reads every conversation back and compares it with the journal. Writes nothing.
// Tested by tests/native/migrate/verify_test.cpp.
Task<Result<VerifySummary>> verify(Session& session);

// Ends the migration: every channel, General last, then the team. Refuses (code `unsettled`) as long as messages
// are unsent, failed or in doubt, unless Options::accept_failures covers them.
// Tested by tests/native/migrate/complete_test.cpp.
Task<Result<CompleteSummary>> complete(Session& session);

}  // namespace teamferry::migrate
