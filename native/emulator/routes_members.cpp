#include <algorithm>
#include <nlohmann/json.hpp>

#include "native/emulator/members.h"
#include "native/emulator/routes.h"

// The members of teams, and of private and shared channels.
namespace teamferry::emulator {
namespace {

using nlohmann::json;

// TeamMember.ReadWriteNonOwnerRole.All opens these routes for everybody but owners.
const std::vector<std::string_view> kOwnerRoles = {"TeamMember.ReadWrite.All", "Group.ReadWrite.All"};

// A team whose members may be changed; otherwise nullptr, and `refused` is the answer. Teams born in migration mode
// take no members before their completion (E117).
Team* find_open_team(const Call& call, Answer& refused) {
  Team* team = find_team(call, refused);
  if (team == nullptr || !team->born_migrating || team->completed) return team;
  refused = Answer::error(403, "Forbidden", "You do not have permission to perform this operation.");
  return nullptr;
}

// A channel with members of its own.
Conversation* find_closed_channel(const Call& call, Answer& refused) {
  Conversation* channel = find_channel(call, refused);
  if (channel == nullptr || channel->membership != "standard") return channel;
  refused = Answer::bad_request("The members of a standard channel are those of its team.");
  return nullptr;
}

bool any_owner(const std::vector<Invitation>& invitations) {
  return std::any_of(invitations.begin(), invitations.end(), [](const Invitation& i) { return i.as_owner(); });
}

// That the last owner has to stay is our inference: groups are known to keep one.
std::optional<Answer> last_owner(const Roster& roster, const Member& member) {
  const auto owners =
      std::count_if(roster.members.begin(), roster.members.end(), [](const Member& m) { return m.is_owner(); });
  if (!member.is_owner() || owners > 1) return std::nullopt;
  return Answer::bad_request("The last owner cannot be removed.");
}

Answer add_one(const Call& call, const Roster& roster, const Invitation& invitation) {
  const auto member = join(call, roster, invitation);
  if (!member) return storage_failed(member.error());
  const int status = call.options.variants.member_status;
  return status == 204 ? Answer::none() : answer_member(call, roster, **member, status);
}

Answer remove_one(const Call& call, const Roster& roster, const Member& member) {
  if (auto refused = last_owner(roster, member)) return *refused;
  Status removed = call.store.remove_member(roster.room, member.id, call.now);
  return removed ? Answer::none() : storage_failed(removed.error());
}

Answer change_roles(const Call& call, const Roster& roster, const Member& member) {
  Answer refused;
  const auto body = read_object(call, false, refused);
  if (!body) return refused;
  const std::string unknown = unknown_member(*body, {"roles"});
  if (!unknown.empty()) return Answer::bad_request(fmt::format("The property '{}' cannot be updated.", unknown));
  std::vector<std::string> roles = member.roles;
  if (!read_roles(*body, roles, refused)) return refused;
  const bool owner = std::find(roles.begin(), roles.end(), "owner") != roles.end();
  if (!owner) {
    if (auto last = last_owner(roster, member)) return *last;
  }
  Status changed = call.store.set_roles(roster.room, member.id, roles);
  return changed ? answer_member(call, roster, member, 200) : storage_failed(changed.error());
}

// Why somebody cannot be in the channel; empty: may be. That private channels take members of the team alone is
// documented, the status is our inference.
std::string channel_problem(const Conversation& channel, const Invitation& invitation) {
  const bool outside = find_member_of(channel.team->members, invitation.user->id) == nullptr;
  return channel.membership == "private" && outside
             ? fmt::format("The user '{}' is not a member of the team.", invitation.whom)
             : "";
}

}  // namespace

Answer list_team_members(Call& call) {
  Answer refused;
  const Team* team = find_team(call, refused);
  return team == nullptr ? refused : list_members(call, team_roster(*team));
}

Answer get_team_member(Call& call) {
  Answer refused;
  const Team* team = find_team(call, refused);
  return team == nullptr ? refused : get_member(call, team_roster(*team), call.keys[1]);
}

Answer add_team_member(Call& call) {
  Answer refused;
  const Team* team = find_open_team(call, refused);
  if (team == nullptr) return refused;
  const auto body = read_object(call, false, refused);
  if (!body) return refused;
  const auto invitation = read_invitation(call, *body, refused);
  if (!invitation) return refused;
  if (invitation->as_owner()) {
    if (auto missing = missing_role(call.caller, kOwnerRoles)) return *missing;
  }
  if (invitation->user == nullptr) return nobody(*invitation);
  return add_one(call, team_roster(*team), *invitation);
}

Answer add_team_members(Call& call) {
  Answer refused;
  const Team* team = find_open_team(call, refused);
  if (team == nullptr) return refused;
  const auto body = read_object(call, false, refused);
  if (!body) return refused;
  const auto invitations = read_invitations(call, *body, "values", refused);
  if (!invitations) return refused;
  if (any_owner(*invitations)) {
    if (auto missing = missing_role(call.caller, kOwnerRoles)) return *missing;
  }
  const Roster roster = team_roster(*team);
  return answer_each(call, *invitations,
                     [&](const Invitation& each) { return join(call, roster, each) ? "" : "insufficientStorage"; });
}

Answer remove_team_members(Call& call) {
  Answer refused;
  const Team* team = find_open_team(call, refused);
  if (team == nullptr) return refused;
  const auto body = read_object(call, false, refused);
  if (!body) return refused;
  const auto invitations = read_invitations(call, *body, "values", refused);
  if (!invitations) return refused;
  const Roster roster = team_roster(*team);
  return answer_each(call, *invitations, [&](const Invitation& each) -> std::string {
    const Member* member = find_member_of(roster.members, each.user->id);
    if (member == nullptr) return "NotFound";
    if (member->is_owner() && missing_role(call.caller, kOwnerRoles)) return "Forbidden";
    return remove_one(call, roster, *member).code;
  });
}

Answer update_team_member(Call& call) {
  Answer refused;
  const Team* team = find_open_team(call, refused);
  if (team == nullptr) return refused;
  if (auto missing = missing_role(call.caller, kOwnerRoles)) return *missing;
  const Member* member = find_listed(team_roster(*team), call.keys[1], refused);
  return member == nullptr ? refused : change_roles(call, team_roster(*team), *member);
}

Answer delete_team_member(Call& call) {
  Answer refused;
  const Team* team = find_open_team(call, refused);
  if (team == nullptr) return refused;
  const Member* member = find_listed(team_roster(*team), call.keys[1], refused);
  if (member == nullptr) return refused;
  if (member->is_owner()) {
    if (auto missing = missing_role(call.caller, kOwnerRoles)) return *missing;
  }
  return remove_one(call, team_roster(*team), *member);
}

Answer list_channel_members(Call& call) {
  Answer refused;
  const Conversation* channel = find_channel(call, refused);
  return channel == nullptr ? refused : list_members(call, channel_roster(*channel));
}

Answer get_channel_member(Call& call) {
  Answer refused;
  const Conversation* channel = find_channel(call, refused);
  return channel == nullptr ? refused : get_member(call, channel_roster(*channel), call.keys[2]);
}

Answer add_channel_member(Call& call) {
  Answer refused;
  const Conversation* channel = find_closed_channel(call, refused);
  if (channel == nullptr) return refused;
  const auto body = read_object(call, false, refused);
  if (!body) return refused;
  const auto invitation = read_invitation(call, *body, refused);
  if (!invitation) return refused;
  if (invitation->user == nullptr) return nobody(*invitation);
  const std::string problem = channel_problem(*channel, *invitation);
  return problem.empty() ? add_one(call, channel_roster(*channel), *invitation) : Answer::bad_request(problem);
}

Answer update_channel_member(Call& call) {
  Answer refused;
  const Conversation* channel = find_closed_channel(call, refused);
  if (channel == nullptr) return refused;
  const Member* member = find_listed(channel_roster(*channel), call.keys[2], refused);
  return member == nullptr ? refused : change_roles(call, channel_roster(*channel), *member);
}

Answer delete_channel_member(Call& call) {
  Answer refused;
  const Conversation* channel = find_closed_channel(call, refused);
  if (channel == nullptr) return refused;
  const Member* member = find_listed(channel_roster(*channel), call.keys[2], refused);
  return member == nullptr ? refused : remove_one(call, channel_roster(*channel), *member);
}

}  // namespace teamferry::emulator
