#pragma once

#include <nlohmann/json_fwd.hpp>

#include "native/emulator/emulator.h"

// Users and apps as the log holds them. Reading throws on what these did not write.
// Tested by tests/native/emulator/seed_test.cpp.
namespace teamferry::emulator {

nlohmann::json user_json(const User& user);
User read_user(const nlohmann::json& j);

nlohmann::json app_json(const App& app);
App read_app(const nlohmann::json& j);

}  // namespace teamferry::emulator
