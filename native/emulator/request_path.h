#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// Addresses of requests, taken apart as the service does.
// Tested by tests/native/emulator/router_test.cpp.
namespace teamferry::emulator {

struct Url {
  std::string base;        // "http://127.0.0.1:4711"
  std::string_view path;   // both point into what was split
  std::string_view query;  // without the question mark
};
Url split_url(std::string_view url);

// The decoded segments, at least one; nothing for a broken escape. "teams('id')" is "teams/id", and the namespace of a
// bound action is dropped.
std::optional<std::vector<std::string>> read_path(std::string_view path);

// The decoded parameters; nothing for a broken escape.
std::optional<std::map<std::string, std::string>> read_query(std::string_view text);

}  // namespace teamferry::emulator
