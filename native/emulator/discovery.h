#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "native/emulator/keys.h"
#include "native/emulator/tenant.h"
#include "native/http/message.h"

// The documents by which a client finds the sign-in. Every address in them begins with `base`, the scheme, host and
// port that the request came to: clients compare the issuer with the authority they were given.
// Tested by tests/native/emulator/discovery_test.cpp.
namespace teamferry::emulator {

// .../.well-known/openid-configuration; `named` is how the path names the tenant, "common" and the like included.
http::Response openid_configuration(const Tenant& tenant, std::string_view named, std::string_view base);

// .../discovery/v2.0/keys: with what the tokens are signed.
http::Response key_set(const SigningKey& key);

// GET /common/discovery/instance: whether a login host is known. `endpoint` is the query's authorization_endpoint.
http::Response instance_discovery(std::string_view endpoint, std::string_view base, std::int64_t now);

// "common", "organizations", "consumers": no tenant, yet documents of them exist.
bool is_shared_authority(std::string_view named);

}  // namespace teamferry::emulator
