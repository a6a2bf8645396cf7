#pragma once

#include <string>
#include <string_view>

namespace teamferry::archive {

// What bytes look like, for an error a person can act on: "a web page, probably a sign-in page (it starts
// with '<!DOCTYPE html')", "an empty file", "a gzip file", "binary data", "text that starts with 'id;na'".
// Looks at the first bytes only.
// Tested by tests/native/archive/json_records_test.cpp.
std::string looks_like(std::string_view bytes);

}  // namespace teamferry::archive
