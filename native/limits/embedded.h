#pragma once

#include <string_view>

namespace teamferry::limits {

// The text of service.json. Generated when the program is built.
std::string_view shipped_json();

}  // namespace teamferry::limits
