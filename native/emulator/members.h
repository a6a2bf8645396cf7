#pragma once

#include <optional>
#include <string>
#include <vector>

#include "native/emulator/call.h"
#include "native/emulator/collection.h"

// What the routes of team members, channel members and chat members have in common.
// Tested by tests/native/emulator/members_test.cpp and chats_test.cpp.
namespace teamferry::emulator {

// What a body asks for one member.
struct Invitation {
  std::string whom;            // as user@odata.bind names the user
  const User* user = nullptr;  // nullptr: nobody of the tenant
  std::vector<std::string> roles;
  std::optional<std::int64_t> history_from;

  bool as_owner() const;
};

// Nothing, and `refused` is the answer: not the shape of a member, a bad address or an unknown role (E122).
std::optional<Invitation> read_invitation(const Call& call, const nlohmann::json& member, Answer& refused);

// The array `name` of the body, each by read_invitation.
std::optional<std::vector<Invitation>> read_invitations(const Call& call, const nlohmann::json& body, const char* name,
                                                        Answer& refused);

// "roles" of an object, none when absent. False: not a list of what there is, and `refused` is the answer.
bool read_roles(const nlohmann::json& object, std::vector<std::string>& roles, Answer& refused);

// The 400 for an invitation of nobody.
Answer nobody(const Invitation& invitation);

// A list of members, and where it is found.
struct Roster {
  std::string room;  // the id of the team, channel or chat
  const Members& members;
  std::string path;     // "teams/{id}/members"
  std::string context;  // "teams('{id}')/members"
};

Roster team_roster(const Team& team);
Roster channel_roster(const Conversation& channel);  // of a standard one: the team's
Roster chat_roster(const Conversation& chat);

Json print_member(const Call& call, const Member& member);
Answer list_members(const Call& call, const Roster& roster);                       // 200
Answer get_member(const Call& call, const Roster& roster, const std::string& id);  // 200 or 404
Answer answer_member(const Call& call, const Roster& roster, const Member& member, int status);

// The member with this id; or nullptr, and `refused` is the 404.
const Member* find_listed(const Roster& roster, const std::string& id, Answer& refused);

// Adds the invited user, who must be one; a member that is there already stays, and becomes an owner if asked.
// That a second call answers the existing member is our inference (E119).
Result<const Member*> join(const Call& call, const Roster& roster, const Invitation& invitation);

// 200, or 207 when `act` failed for some of the values: it gives the error's code, or nothing (E120, E121).
Answer answer_each(const Call& call, const std::vector<Invitation>& invitations,
                   const std::function<std::string(const Invitation&)>& act);

}  // namespace teamferry::emulator
