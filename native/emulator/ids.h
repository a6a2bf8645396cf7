#pragma once

#include <string>
#include <string_view>

// The ids of rooms and memberships, in the service's forms. Tested by tests/native/emulator/text_test.cpp and by the
// tests of the routes that give them out.
namespace teamferry::emulator {

// From a GUID: a random one, or one that follows from a name when the id is to be the same in every emulator.
std::string channel_id(std::string_view guid);     // "19:{32 hex}@thread.tacv2"
std::string group_chat_id(std::string_view guid);  // "19:{32 hex}@thread.v2"

// "19:{lesser}_{greater}@unq.gbl.spaces": the pair's one chat, whoever asks for it.
std::string one_on_one_id(std::string_view user, std::string_view other);

// Opaque to clients, and another one each time: who leaves and comes back has a new membership.
std::string new_member_id(std::string_view room, std::string_view user);

}  // namespace teamferry::emulator
