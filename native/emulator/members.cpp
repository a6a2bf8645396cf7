#include "native/emulator/members.h"

#include <nlohmann/json.hpp>

#include "native/emulator/ids.h"
#include "native/emulator/time.h"

namespace teamferry::emulator {
namespace {

using nlohmann::json;

constexpr std::string_view kMemberType = "#microsoft.graph.aadUserConversationMember";

// A member and whoever that is.
struct Listed {
  const Member* member;
  const User* user;  // nullptr: no longer in the tenant
};

Json print(const Listed& listed, const Call& call) {
  const User* user = listed.user;
  return {{"@odata.type", kMemberType},
          {"id", listed.member->id},
          {"roles", listed.member->roles},
          {"displayName", user != nullptr ? Json(user->displayName) : Json(nullptr)},
          {"visibleHistoryStartDateTime", print_time(listed.member->history_from)},
          {"userId", listed.member->user},
          {"email", user != nullptr && !user->mail.empty() ? Json(user->mail) : Json(nullptr)},
          {"tenantId", call.store.tenant().id}};
}

std::optional<std::string> lookup(const Listed& listed, std::string_view property) {
  if (property == "id") return listed.member->id;
  if (property == "userId") return listed.member->user;
  if (property == "roles") return listed.member->roles.empty() ? "" : listed.member->roles.front();
  if (listed.user == nullptr) return std::nullopt;
  return property == "email" ? listed.user->mail : listed.user->displayName;
}

}  // namespace

bool Invitation::as_owner() const {
  return std::find(roles.begin(), roles.end(), "owner") != roles.end();
}

bool read_roles(const json& object, std::vector<std::string>& roles, Answer& refused) {
  const auto found = object.find("roles");
  if (found == object.end() || found->is_null()) return true;
  const bool known =
      found->is_array() && found->size() <= 1 &&
      std::all_of(found->begin(), found->end(), [](const json& r) { return r == "owner" || r == "guest"; });
  if (known) {
    roles = found->get<std::vector<std::string>>();
    return true;
  }
  refused = Answer::bad_request("Invalid role specified for member.");
  return false;
}

std::optional<Invitation> read_invitation(const Call& call, const json& member, Answer& refused) {
  if (!member.is_object()) {
    refused = Answer::bad_request("A member is an object.");
    return std::nullopt;
  }
  const auto type = member.find("@odata.type");
  if (type != member.end() && *type != kMemberType && *type != kMemberType.substr(1)) {
    refused = Answer::bad_request("Only members of type aadUserConversationMember can be added.");
    return std::nullopt;
  }
  const std::string unknown = unknown_member(
      member, {"id", "roles", "displayName", "visibleHistoryStartDateTime", "user", "userId", "email", "tenantId"});
  if (!unknown.empty()) {
    refused = unknown_member_answer(unknown, kMemberType.substr(1));
    return std::nullopt;
  }
  const auto bound = read_bound(call, member, "user@odata.bind");
  if (!bound || lower_ascii(bound->collection) != "users") {
    refused = Answer::bad_request("The value of 'user@odata.bind' is not the address of a user.");
    return std::nullopt;
  }
  Invitation read;
  read.whom = bound->key;
  read.user = call.store.find_user(bound->key);
  if (!read_roles(member, read.roles, refused) ||
      !read_date(member, "visibleHistoryStartDateTime", read.history_from, refused)) {
    return std::nullopt;
  }
  if (read.user != nullptr && read.user->userType == "Guest") {
    if (read.as_owner()) {
      refused = Answer::bad_request("Invalid role specified for member: a guest cannot be an owner.");
      return std::nullopt;
    }
    read.roles = {"guest"};
  }
  return read;
}

std::optional<std::vector<Invitation>> read_invitations(const Call& call, const json& body, const char* name,
                                                        Answer& refused) {
  const auto list = body.find(name);
  if (list == body.end() || !list->is_array() || list->empty()) {
    refused = Answer::bad_request(fmt::format("'{}' is not a list of members.", name));
    return std::nullopt;
  }
  std::vector<Invitation> read;
  for (const json& member : *list) {
    auto invitation = read_invitation(call, member, refused);
    if (!invitation) return std::nullopt;
    read.push_back(std::move(*invitation));
  }
  return read;
}

Answer nobody(const Invitation& invitation) {
  return Answer::bad_request(
      fmt::format("The value of 'user@odata.bind' names no user of the tenant: '{}'.", invitation.whom));
}

Roster team_roster(const Team& team) {
  return {team.id, team.members, fmt::format("teams/{}/members", team.id), fmt::format("teams('{}')/members", team.id)};
}

Roster channel_roster(const Conversation& channel) {
  const bool standard = channel.membership == "standard";
  const std::string encoded = percent_encode(channel.id);
  return {channel.id, standard ? channel.team->members : channel.members,
          fmt::format("teams/{}/channels/{}/members", channel.team->id, encoded),
          fmt::format("teams('{}')/channels('{}')/members", channel.team->id, encoded)};
}

Roster chat_roster(const Conversation& chat) {
  const std::string encoded = percent_encode(chat.id);
  return {chat.id, chat.members, fmt::format("chats/{}/members", encoded), fmt::format("chats('{}')/members", encoded)};
}

Json print_member(const Call& call, const Member& member) {
  return print({&member, call.store.find_user(member.user)}, call);
}

Answer list_members(const Call& call, const Roster& roster) {
  std::vector<Listed> all;
  for (const Member& member : roster.members) all.push_back({&member, call.store.find_user(member.user)});
  std::vector<const Listed*> listed;
  for (const Listed& each : all) listed.push_back(&each);
  const Shape<Listed> shape = {roster.path,   {"id", "userId", "displayName", "email", "roles"}, lookup, print, {},
                               roster.context};
  return answer_collection(
      call, shape, [&](const std::optional<Filter>&) { return listed; }, 100, 999);
}

Answer answer_member(const Call& call, const Roster& roster, const Member& member, int status) {
  Json body = {{"@odata.context", call.context(roster.context + "/$entity")}};
  body.update(print_member(call, member));
  return Answer::success(status, body.dump());
}

const Member* find_listed(const Roster& roster, const std::string& id, Answer& refused) {
  const Member* member = find_member(roster.members, id);
  if (member == nullptr) refused = Answer::not_found(fmt::format("No member found with membership id {}", id));
  return member;
}

Answer get_member(const Call& call, const Roster& roster, const std::string& id) {
  Answer refused;
  const Member* member = find_listed(roster, id, refused);
  return member == nullptr ? refused : answer_member(call, roster, *member, 200);
}

Result<const Member*> join(const Call& call, const Roster& roster, const Invitation& invitation) {
  const std::string& user = invitation.user->id;
  const Member* known = find_member_of(roster.members, user);
  if (known != nullptr && invitation.as_owner() && !known->is_owner()) {
    Status changed = call.store.set_roles(roster.room, known->id, {"owner"});
    if (!changed) return changed.error();
  } else if (known == nullptr) {
    Member member{new_member_id(roster.room, user), user, invitation.roles};
    member.history_from = invitation.history_from.value_or(member.history_from);
    Status added = call.store.add_member(roster.room, member, call.now);
    if (!added) return added.error();
  }
  return find_member_of(roster.members, user);
}

Answer answer_each(const Call& call, const std::vector<Invitation>& invitations,
                   const std::function<std::string(const Invitation&)>& act) {
  Json value = Json::array();
  bool all = true;
  for (const Invitation& invitation : invitations) {
    const std::string code = invitation.user == nullptr ? "NotFound" : act(invitation);
    all = all && code.empty();
    value.push_back({{"@odata.type", "#microsoft.graph.aadUserConversationMemberResult"},
                     {"userId", invitation.user == nullptr ? invitation.whom : invitation.user->id},
                     {"error", code.empty() ? Json(nullptr) : Json{{"code", code}, {"message", ""}}}});
  }
  const Json body = {{"@odata.context", call.context("Collection(microsoft.graph.aadUserConversationMemberResult)")},
                     {"value", value}};
  return Answer::success(all ? 200 : 207, body.dump());
}

}  // namespace teamferry::emulator
