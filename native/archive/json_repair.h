#pragma once

#include <string>
#include <string_view>

namespace teamferry::archive {

// Rewrites a piece of JSON so that a strict parser takes it, if only its text or numbers are at fault:
// - stray bytes and lone surrogates, raw or escaped, become U+FFFD; NaN and Infinity become null;
//   \xNN is read, another escape that JSON lacks keeps its backslash as text: these count as damage
// - bare control characters in strings are escaped, and a number that fits no 64-bit integer or no double
//   becomes a text of its digits: nothing is lost, so these do not
// Brackets and commas are left alone. Returns true when there was damage.
// Tested by tests/native/archive/json_records_test.cpp.
bool repair_json(std::string_view piece, std::string& out);

}  // namespace teamferry::archive
