#pragma once

#include <memory>
#include <string>

#include "native/auth/token.h"

namespace teamferry::auth {

// A bearer token that something outside has fetched. There is no sign-in of ours behind it, so nothing here can make a
// new one.
struct GivenToken {
  Secret text;       // the token, or
  std::string file;  // where it stands; read anew for each call, so that a helper outside can renew it
  std::string name;  // what the user set: "TEAMFERRY_ACCESS_TOKEN"
};

// The token of now: of a file what it holds, as long as that is one; while it is being written, what it held before.
// Ends where the token says it ends. Codes: `secret_file` (no file), `bad_token` (not a token), `token_expired`,
// `token_rejected` (Graph refuses it and there is no other).
// Tested by tests/native/auth/given_token_test.cpp.
std::unique_ptr<TokenSource> use_given_token(const WallClock& clock, GivenToken given);

}  // namespace teamferry::auth
