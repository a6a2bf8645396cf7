#pragma once

#include <string>
#include <vector>

#include "native/base/datetime.h"
#include "native/journal/journal.h"
#include "native/migrate/diagnosis.h"
#include "native/migrate/identity.h"

// The file of doctor --bundle: what somebody needs who helps from afar, as one JSON object that a person can read
// before sending it.
//
// In it: versions, settings, counts, states, dates, error codes, request ids, ids of the service (tenant, application,
// teams, channels: GUIDs and 19:...@thread... as they are, since Microsoft's support asks for them; the id of a
// one-on-one chat holds the ids of two users). Conversations, teams and messages are named by their numbers in the
// journal. Never in it: secrets, tokens, texts of messages, names, mail addresses, paths, bodies, people.csv.
// Tested by tests/native/migrate/support_bundle_test.cpp.
namespace teamferry::migrate {

struct BundleInput {
  std::string version;
  DateTime now;
  Identity identity;  // of the sign-in
  std::string cloud;  // name of auth::Cloud
  std::string pace;
  std::string limits_overrides = "{}";  // limits::Limits::overrides_json()
  std::vector<Check> checks;
  journal::Journal* journal = nullptr;    // nullptr: there is none
  std::string log;                        // the end of the file that --log names
  std::vector<std::string> secrets = {};  // values that must not be in it, wherever they came from
};

// Throws journal::Failure if the journal cannot be read.
std::string support_bundle(const BundleInput& input);

}  // namespace teamferry::migrate
