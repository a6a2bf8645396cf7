#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "native/emulator/keys.h"
#include "native/emulator/signin_error.h"

namespace teamferry::emulator {

// What a client assertion is held against.
struct AssertionRules {
  std::string_view client_id;
  const std::vector<Certificate>& certificates;  // registered for the app
  const std::vector<std::string>& audiences;     // every spelling of the token endpoint
  std::int64_t now;                              // ms since 1970
};

// Checks a JWT that stands in place of a secret: PS256 or RS256, with x5t#S256 or x5t, signed by a registered
// certificate. Nothing when it is good.
// Source: https://learn.microsoft.com/entra/identity-platform/certificate-credentials
// Tested by tests/native/emulator/assertion_test.cpp.
std::optional<Refused> check_assertion(std::string_view jwt, const AssertionRules& rules);

}  // namespace teamferry::emulator
