#pragma once

#include <string_view>
#include <vector>

#include "native/base/result.h"
#include "native/emulator/faults.h"

namespace teamferry::emulator {

// What went wrong for people, bundled: rules in the form of a faults file, and a pace.
struct Scenario {
  std::string_view name;
  std::string_view doc;
  std::string_view profile;  // empty: that of the options
  std::string_view faults;   // JSON, as read_faults() reads it
};

// Tested by tests/native/emulator/scenario_test.cpp.
const std::vector<Scenario>& scenarios();
Result<const Scenario*> find_scenario(std::string_view name);

}  // namespace teamferry::emulator
