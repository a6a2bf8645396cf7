#pragma once

#include <string_view>

namespace teamferry::archive {

// True when the whole of `name` fits `glob`: `*` any run within a folder, `**` any run, "**/" any folders or
// none, `?` one character (not a byte, not '/'); everything else is itself. No backtracking beyond the last
// star of each kind, so a strange pattern costs at most the product of both lengths a star.
// Tested by tests/native/archive/archive_test.cpp.
bool glob_matches(std::string_view glob, std::string_view name);

// The front of `glob` that every match begins with.
std::string_view literal_front(std::string_view glob);

}  // namespace teamferry::archive
