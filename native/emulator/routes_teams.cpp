#include <algorithm>
#include <nlohmann/json.hpp>

#include "native/emulator/collection.h"
#include "native/emulator/ids.h"
#include "native/emulator/routes.h"
#include "native/emulator/tenant.h"
#include "native/emulator/time.h"

namespace teamferry::emulator {
namespace {

using nlohmann::json;

const std::vector<std::string_view> kTeamMembers = {"displayName",
                                                    "description",
                                                    "visibility",
                                                    "createdDateTime",
                                                    "firstChannelName",
                                                    "members",
                                                    "channels",
                                                    "memberSettings",
                                                    "guestSettings",
                                                    "funSettings",
                                                    "messagingSettings",
                                                    "discoverySettings",
                                                    "classification",
                                                    "specialization",
                                                    "installedApps",
                                                    "isMembershipLimitedToOwners",
                                                    "tags",
                                                    "schedule",
                                                    "summary",
                                                    "template",
                                                    "group",
                                                    "owners"};

bool is_standard_template(const json& body) {
  const auto bound = body.find("template@odata.bind");
  if (bound == body.end() || !bound->is_string()) return false;
  const std::string& address = bound->get_ref<const std::string&>();
  for (const char* ending : {"/teamsTemplates('standard')", "/teamsTemplates/standard"}) {
    const std::string_view end = ending;
    if (address.size() > end.size() && address.compare(address.size() - end.size(), end.size(), end) == 0) return true;
  }
  return false;
}

// Who owns a team that is created normally: an app alone cannot.
std::optional<std::string> read_owner(const Call& call, const json& body) {
  const auto members = body.find("members");
  if (members == body.end() || !members->is_array() || members->size() != 1 || !(*members)[0].is_object()) {
    return std::nullopt;
  }
  const json& member = (*members)[0];
  const User* user = bound_user(call, member);
  if (member.value("roles", json()) != json::array({"owner"})) return std::nullopt;
  if (user == nullptr) return std::nullopt;
  return user->id;
}

// The rules that a new team keeps; false, and `refused` is the answer.
bool read_team(const Call& call, const json& body, bool migration, Team& team, Answer& refused) {
  if (!read_text(body, "displayName", team.display_name, refused) ||
      !read_text(body, "description", team.description, refused) ||
      !read_text(body, "visibility", team.visibility, refused)) {
    return false;
  }
  std::optional<std::int64_t> created;
  if (!read_date(body, "createdDateTime", created, refused)) return false;
  if (created && !migration) {
    refused = Answer::bad_request("CreatedDateTime can only be set for a team that is created in migration mode.");
  } else if (created && *created > call.now) {
    refused = Answer::bad_request("CreatedDateTime cannot be in the future.");
  } else if (team.display_name.find_first_not_of(' ') == std::string::npos) {
    refused = Answer::bad_request("Team display name is missing or empty.");
  } else if (utf16_length(team.display_name) > 256) {
    refused = Answer::bad_request("Team display name is longer than 256 characters.");
  } else if (utf16_length(team.description) > 1024) {
    refused = Answer::bad_request("Team description is longer than 1024 characters.");
  } else if (team.visibility != "private" && team.visibility != "public" && team.visibility != "hiddenMembership") {
    refused = Answer::bad_request(fmt::format("'{}' is not a visibility.", team.visibility));
  } else {
    team.created = created.value_or(call.now);
    return true;
  }
  return false;
}

std::string operation_path(const Call& call, const Team& team) {
  return call.options.variants.slash_locations ? fmt::format("/teams/{}/operations/{}", team.id, team.operation)
                                               : fmt::format("/teams('{}')/operations('{}')", team.id, team.operation);
}

std::optional<std::string> lookup(const Team& team, std::string_view property) {
  if (property == "id") return team.id;
  if (property == "displayName") return team.display_name;
  if (property == "description") return team.description;
  return std::nullopt;
}

Json print(const Team& team, const Call&) {
  const std::string& general = team.channels.front()->id;
  return {{"id", team.id},
          {"createdDateTime", print_time(team.created)},
          {"displayName", team.display_name},
          {"description", team.description},
          {"internalId", general},
          {"classification", nullptr},
          {"specialization", "none"},
          {"visibility", team.visibility},
          {"webUrl", fmt::format("https://teams.microsoft.com/l/team/{}/conversations?groupId={}&tenantId={}",
                                 percent_encode(general), team.id, kTenantId)},
          {"isArchived", false},
          {"isMembershipLimitedToOwners", false},
          {"tenantId", kTenantId}};
}

}  // namespace

Answer create_team(Call& call) {
  Answer refused;
  const auto body = read_object(call, false, refused);
  if (!body) return refused;
  const auto mode = body->find("@microsoft.graph.teamCreationMode");
  const bool migration = mode != body->end();
  const std::vector<std::string_view> roles = migration
                                                  ? std::vector<std::string_view>{"Teamwork.Migrate.All"}
                                                  : std::vector<std::string_view>{"Team.Create", "Group.ReadWrite.All"};
  if (auto missing = missing_role(call.caller, roles)) return *missing;
  const std::string unknown = unknown_member(*body, kTeamMembers);
  if (!unknown.empty()) return unknown_member_answer(unknown, "microsoft.graph.team");
  if (migration && *mode != "migration")
    return Answer::bad_request("The value of teamCreationMode is not 'migration'.");

  Team team;
  team.visibility = "public";
  if (!read_team(call, *body, migration, team, refused)) return refused;
  if (!is_standard_template(*body)) {
    return Answer::bad_request("A team is created here from template@odata.bind .../teamsTemplates('standard') only.");
  }
  if (migration && body->contains("members")) {
    return Answer::bad_request("Members cannot be added to a team while it is in migration mode.");
  }
  if (!migration) {
    const auto owner = read_owner(call, *body);
    if (!owner)
      return Answer::bad_request("A team owner must be provided when creating a team in application context.");
    team.members.push_back({new_member_id("", *owner), *owner, {"owner"}});
  }
  team.id = random_guid();
  team.operation = random_guid();
  team.requested = call.now;
  team.visible_at = call.now + call.options.provisioning.count();
  team.failed = call.options.variants.fail_provisioning;
  team.owner_app = call.caller.app;
  team.born_migrating = migration;

  Conversation general;
  general.id = channel_id(random_guid());
  general.display_name = "General";
  if (!read_text(*body, "firstChannelName", general.display_name, refused)) return refused;
  general.description = team.description;
  general.created = team.created;
  general.visible_at = team.visible_at;
  general.mode = migration ? Mode::in_progress : Mode::none;
  general.owner_app = migration ? call.caller.app : "";
  Status added = call.store.add_team(team, general);
  if (!added) return storage_failed(added.error());

  // No body, and so no type: clients stumble over a type without a body.
  Answer answer = Answer::success(202, "");
  answer.headers.emplace_back("Location", operation_path(call, team));
  answer.headers.emplace_back("Content-Location", call.options.variants.slash_locations
                                                      ? fmt::format("/teams/{}", team.id)
                                                      : fmt::format("/teams('{}')", team.id));
  return answer;
}

Answer list_teams(Call& call) {
  static const Shape<Team> kShape = {"teams", {"id", "displayName", "description"}, lookup, print, {}};
  std::vector<const Team*> teams;
  for (const auto& team : call.store.teams()) {
    if (!team->failed && team->visible_at <= call.now) teams.push_back(team.get());
  }
  return answer_collection(
      call, kShape, [&](const std::optional<Filter>&) { return teams; }, 100, 999);
}

Answer get_team(Call& call) {
  Answer refused;
  const Team* team = find_team(call, refused);
  if (team == nullptr) return refused;
  const auto chosen = select(call, print(*team, call), {}, refused);
  if (!chosen) return refused;
  Json body = {{"@odata.context", call.context("teams" + select_context(call) + "/$entity")}};
  body.update(*chosen);
  return Answer::ok(body.dump());
}

Answer get_operation(Call& call) {
  const Team* team = call.store.find_team(lower_ascii(call.keys[0]));
  if (team == nullptr || team->operation != lower_ascii(call.keys[1])) {
    return Answer::not_found(fmt::format("No operation found with id {}", call.keys[1]));
  }
  const bool ended = call.now >= team->visible_at;
  const bool begun = call.now >= team->requested + (team->visible_at - team->requested) / 3;
  const std::int64_t last_action = ended ? team->visible_at : begun ? call.now : team->requested;
  const char* status = ended ? (team->failed ? "failed" : "succeeded") : begun ? "inProgress" : "notStarted";
  const std::string location = fmt::format("/teams('{}')", team->id);
  const bool succeeded = ended && !team->failed;
  Json body = {{"@odata.context", call.context(fmt::format("teams('{}')/operations/$entity", team->id))},
               {"id", team->operation},
               {"operationType", "createTeam"},
               {"createdDateTime", print_long_time(team->requested)},
               {"status", status},
               {"lastActionDateTime", print_long_time(last_action)},
               {"attemptsCount", begun ? 1 : 0},
               {"targetResourceId", succeeded ? Json(team->id) : Json(nullptr)},
               {"targetResourceLocation", succeeded ? Json(location) : Json(nullptr)},
               {"error", nullptr}};
  if (ended && team->failed) {
    body["error"] = {{"code", "ProvisioningFailed"}, {"message", "The team could not be provisioned."}};
  }
  return Answer::ok(body.dump());
}

Answer list_team_members(Call& call) {
  Answer refused;
  const Team* team = find_team(call, refused);
  if (team == nullptr) return refused;
  Json value = Json::array();
  for (const Member& member : team->members) {
    const User* user = call.store.find_user(member.user);
    if (user == nullptr) continue;
    value.push_back({{"@odata.type", "#microsoft.graph.aadUserConversationMember"},
                     {"id", member.id},
                     {"roles", member.roles},
                     {"displayName", user->displayName},
                     {"userId", member.user},
                     {"email", user->mail},
                     {"tenantId", kTenantId},
                     {"visibleHistoryStartDateTime", "0001-01-01T00:00:00Z"}});
  }
  const Json body = {{"@odata.context", call.context(fmt::format("teams('{}')/members", team->id))},
                     {"@odata.count", value.size()},
                     {"value", value}};
  return Answer::ok(body.dump());
}

Answer complete_team(Call& call) {
  Answer refused;
  const Team* team = find_team(call, refused);
  if (team == nullptr) return refused;
  const auto body = read_object(call, true, refused);
  if (!body) return refused;
  if (!team->born_migrating) return Answer::bad_request("Team is not in migration mode.");
  if (team->completed) return Answer::bad_request("Team has already been finalized.");
  if (team->owner_app != call.caller.app) return not_initiator(call);
  const bool open = std::any_of(team->channels.begin(), team->channels.end(),
                                [](const Conversation* channel) { return channel->mode == Mode::in_progress; });
  if (open || team->general_too_early) return Answer::bad_request("All channels must be finalized before team.");
  Status completed = call.store.complete_team(*team);
  return completed ? Answer::none() : storage_failed(completed.error());
}

Answer delete_group(Call& call) {
  Team* team = call.store.find_team(lower_ascii(call.keys[0]));
  if (team == nullptr || team->failed || team->visible_at > call.now) {
    return Answer::error(404, "Request_ResourceNotFound",
                         fmt::format("Resource '{}' does not exist or one of its queried reference-property objects "
                                     "are not present.",
                                     call.keys[0]));
  }
  Status deleted = call.store.delete_team(*team);
  return deleted ? Answer::none() : storage_failed(deleted.error());
}

}  // namespace teamferry::emulator
