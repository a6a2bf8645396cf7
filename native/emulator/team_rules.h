#pragma once

#include <string>

// What teams and channels may be called. Tested by tests/native/emulator/teams_test.cpp and channels_test.cpp.
namespace teamferry::emulator {

// Why a team cannot have these; empty: it can.
std::string team_problem(const std::string& display_name, const std::string& description,
                         const std::string& visibility);

// Why no channel can have this name, or this description; empty: one can.
// Source: "Limits and specifications for Microsoft Teams".
std::string channel_name_problem(const std::string& name);
std::string channel_description_problem(const std::string& description);

}  // namespace teamferry::emulator
