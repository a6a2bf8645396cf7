#pragma once

#include <functional>
#include <string>

#include "native/auth/cloud.h"
#include "native/auth/secret.h"
#include "native/base/result.h"

namespace teamferry::auth {

// An application of one tenant and the secret it signs in with.
struct ClientSecret {
  std::string tenant;  // a GUID or a domain
  std::string client_id;
  Secret secret;
};

// Reads a variable of the environment: nullptr if it is not set. std::getenv in the program.
using GetEnv = std::function<const char*(const char* name)>;

// AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET, as Azure's own SDKs read them. Blanks around a value
// are cut. The error (code `no_credentials`) names every variable that is missing, never a value.
// Source: https://learn.microsoft.com/dotnet/api/azure.identity.environmentcredential
// Tested by tests/native/auth/environment_test.cpp.
Result<ClientSecret> client_secret_from_environment(const GetEnv& getenv);

// AZURE_AUTHORITY_HOST, or the global cloud.
Result<Cloud> cloud_from_environment(const GetEnv& getenv);

}  // namespace teamferry::auth
