#pragma once

#include <string>
#include <string_view>
#include <vector>

// Addresses in drives have slashes of their own: "drives/d/items/i:/a/b.txt:/content", "users/u/drive/root:/a". They
// become "drives/{drive}/items/{item}/content" for the table of routes, where {drive} may be "users/u/drive" and {item}
// may be "root" or "i:/a/b.txt".
// Tested by tests/native/emulator/files_test.cpp.
namespace teamferry::emulator {

// Whether the decoded segments so far, version first, end with the name of a drive.
bool names_drive(const std::vector<std::string>& segments);

// Adds the decoded rest of the path behind the name of a drive, and gives a user's or group's drive its one segment.
void add_drive_path(std::vector<std::string>& segments, std::string_view rest);

}  // namespace teamferry::emulator
