#pragma once

#include <string>
#include <string_view>

#include "native/auth/secret.h"
#include "native/base/result.h"

namespace teamferry::auth {

// The bytes of a file that holds a secret: read without a buffer that would keep a copy. `what` names it in the error
// (code `secret_file`), which holds the path and never the content: "the client secret", "the certificate".
// Refuses more than a mebibyte, which is no secret.
// Tested by tests/native/auth/environment_test.cpp.
Result<Secret> read_secret_file(const std::string& path, std::string_view what);

// Without the blanks and line ends around it, as editors and `echo` leave them.
Secret trimmed(const Secret& secret);

}  // namespace teamferry::auth
