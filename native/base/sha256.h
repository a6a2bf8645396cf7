#pragma once

#include <string>
#include <string_view>

namespace teamferry {

// SHA-256 of the bytes: 32 bytes, which are no text, or their 64 digits in lower case.
// Tested by tests/native/base/sha256_test.cpp.
std::string sha256(std::string_view bytes);
std::string sha256_hex(std::string_view bytes);

}  // namespace teamferry
