#pragma once

#include "native/base/datetime.h"
#include "native/base/error.h"
#include "native/http/message.h"

namespace teamferry::auth {

// Reads a refusal of the token endpoint: {error, error_description, error_codes, trace_id, ...}. The message ends
// with what the user should do, where that is known.
// Source: https://learn.microsoft.com/entra/identity-platform/reference-error-codes
// Tested by tests/native/auth/token_test.cpp.
Error sign_in_error(const http::Response& response, DateTime now);

}  // namespace teamferry::auth
