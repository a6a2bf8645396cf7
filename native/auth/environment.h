#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "native/auth/cloud.h"
#include "native/auth/given_token.h"
#include "native/auth/token.h"
#include "native/base/clock.h"
#include "native/base/result.h"

namespace teamferry::auth {

// Reads a variable of the environment: nullptr if it is not set. std::getenv in the program.
using GetEnv = std::function<const char*(const char* name)>;

// How the program signs in, as its environment says.
struct Credentials {
  std::string tenant;                  // a GUID or a domain; of a given token: what it says, empty if that is unknown
  std::string client_id;               // the same
  std::shared_ptr<const Proof> proof;  // nullptr: the given token
  std::optional<GivenToken> given;
  std::string used;                      // "the client secret in AZURE_CLIENT_SECRET"
  std::vector<std::string> passed_over;  // variables that would have done as well
};

// The names are those that Azure's own SDKs read; blanks around a value are cut, and a blank one is not set. Of several
// complete ways the first of this order is taken:
//
//   1. TEAMFERRY_ACCESS_TOKEN, a token                    } AZURE_TENANT_ID and AZURE_CLIENT_ID are optional here:
//   2. TEAMFERRY_ACCESS_TOKEN_FILE, a file that holds one } the token says them
//   3. AZURE_CLIENT_SECRET
//   4. AZURE_CLIENT_SECRET_FILE, a file that holds it, as containers mount secrets
//   5. AZURE_CLIENT_CERTIFICATE_PATH, with AZURE_CLIENT_CERTIFICATE_PASSWORD if it is encrypted,
//      AZURE_CLIENT_SEND_CERTIFICATE_CHAIN (true or 1) for x5c, and TEAMFERRY_ASSERTION_ALGORITHM (PS256 or RS256)
//   6. AZURE_FEDERATED_TOKEN_FILE
//
// 3 to 6 need AZURE_TENANT_ID and AZURE_CLIENT_ID. The error (code `no_credentials`) names everything that is missing,
// never a value; `bad_tenant`, `bad_setting` and `other_application` are the other codes, and those of the files.
// Source: https://learn.microsoft.com/dotnet/api/azure.identity.environmentcredential
// Tested by tests/native/auth/environment_test.cpp.
Result<Credentials> credentials_from_environment(const GetEnv& getenv, const WallClock& clock);

// The tokens of these credentials. `transport` and `clock` must outlive the source.
std::unique_ptr<TokenSource> tokens_of(Credentials credentials, http::Transport& transport, const WallClock& clock,
                                       Cloud cloud);

// AZURE_AUTHORITY_HOST, or the global cloud.
Result<Cloud> cloud_from_environment(const GetEnv& getenv);

}  // namespace teamferry::auth
