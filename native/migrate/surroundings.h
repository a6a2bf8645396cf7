#pragma once

#include <string>
#include <vector>

#include "native/auth/cloud.h"
#include "native/auth/token.h"
#include "native/base/clock.h"
#include "native/base/loop.h"
#include "native/http/transport.h"
#include "native/limits/limits.h"
#include "native/migrate/diagnosis.h"
#include "native/migrate/identity.h"

// What must be right before anything can be moved: network, clock, sign-in, permissions, cloud, the age of what we
// believe about the service, the journal's file. Tested by tests/native/migrate/surroundings_test.cpp.
namespace teamferry::migrate {

// The world, handed in; it must outlive the task.
struct Surroundings {
  Loop& loop;
  http::Transport& transport;  // the network itself: no token, no second attempt
  auth::TokenSource& tokens;
  const WallClock& clock;
  const limits::Limits& limits;
  auth::Cloud cloud;
  std::string sign_in;    // how, for a person: "the client secret (AZURE_CLIENT_SECRET)"
  std::string proxy;      // the variable of the environment that names one: "https_proxy"; empty: none
  Identity journal = {};  // whom the journal belongs to; empty without one
};

// Two requests without a token, one sign-in.
Task<std::vector<Check>> check_surroundings(Surroundings world);

// `ours` and `theirs` at the same moment: five minutes apart no assertion is accepted and "in the future" means
// nothing any more (hidden knowledge 28).
Check check_clock(DateTime ours, DateTime theirs);

// Numbers that nobody has looked at for half a year may be wrong by now. `as_of`: "2026-08", "2026-08-14".
Check check_age_of_limits(const std::string& as_of, DateTime now);

// Reads the whole file, and asks for the room beside it.
std::vector<Check> check_journal(journal::Journal& journal);

}  // namespace teamferry::migrate
