#pragma once

#include <string>

#include "native/migrate/session.h"

// Taking back a team that this migration created, to begin anew. Tested by tests/native/migrate/discard_test.cpp.
namespace teamferry::migrate {

struct Discarded {
  std::string displayName;
  std::string graph_id;
  bool gone_before = false;  // somebody else had deleted it, or an earlier discard had
};

// Deletes the team that the journal created under this name. `displayName` is what a person typed to confirm: it has to
// be the name in the journal and the one that the team has now. Refuses a team that lived before (code `not_ours`), and
// one with another name by now (`renamed`). The journal keeps everything as a record and takes no run any more.
Task<Result<Discarded>> discard(Session& session, std::string displayName);

// An error where a team of this journal was discarded (code `discarded`): what command may not go on.
Status refuse_discarded(journal::Journal& journal);

}  // namespace teamferry::migrate
