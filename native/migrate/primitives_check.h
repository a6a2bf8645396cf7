#pragma once

#include <string>

#include "native/validate/finding.h"

// What the rules say of a body before it leaves: those of native/validate, over JSON as a script wrote it.
// Tested by tests/native/migrate/primitives_test.cpp.
namespace teamferry::migrate {

// The body of a team or channel with what its migration mode needs, where the script left it out. `service_url` is what
// Graph calls itself in bodies.
std::string complete_team_body(const std::string& body, const std::string& service_url);
std::string complete_channel_body(const std::string& body);

// Of bodies that are complete.
validate::Findings check_new_team(const std::string& body);
validate::Findings check_new_channel(const std::string& body);
validate::Findings check_new_chat(const std::string& body);
// `conversation`: the channel or chat as it was read last.
validate::Findings check_import(const std::string& message, const std::string& conversation, bool is_reply);

}  // namespace teamferry::migrate
