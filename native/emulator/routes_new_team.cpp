#include <algorithm>
#include <nlohmann/json.hpp>

#include "native/emulator/ids.h"
#include "native/emulator/members.h"
#include "native/emulator/routes.h"
#include "native/emulator/team_rules.h"

// Two ways to a team: born in migration mode, without anybody in it, or normally, with an owner.
namespace teamferry::emulator {
namespace {

using nlohmann::json;

const std::vector<std::string_view> kKnown = {"displayName",       "description",
                                              "visibility",        "createdDateTime",
                                              "firstChannelName",  "members",
                                              "memberSettings",    "guestSettings",
                                              "funSettings",       "messagingSettings",
                                              "discoverySettings", "classification",
                                              "specialization",    "isMembershipLimitedToOwners"};

bool is_standard_template(const Call& call, const json& body) {
  const auto bound = read_bound(call, body, "template@odata.bind");
  return bound && lower_ascii(bound->collection) == "teamstemplates" && bound->key == "standard";
}

// The rules that a new team keeps; false, and `refused` is the answer.
bool read_team(const Call& call, const json& body, bool migration, Team& team, Answer& refused) {
  std::optional<std::int64_t> created;
  if (!read_text(body, "displayName", team.display_name, refused) ||
      !read_text(body, "description", team.description, refused) ||
      !read_text(body, "visibility", team.visibility, refused) ||
      !read_date(body, "createdDateTime", created, refused)) {
    return false;
  }
  const std::string problem = team_problem(team.display_name, team.description, team.visibility);
  if (created && !migration) {
    refused = Answer::bad_request("CreatedDateTime can only be set for a team that is created in migration mode.");
  } else if (created && *created > call.now) {
    refused = Answer::bad_request("CreatedDateTime cannot be in the future.");
  } else if (!problem.empty()) {
    refused = Answer::bad_request(problem);
  } else if (!is_standard_template(call, body)) {
    refused =
        Answer::bad_request("A team is created here from template@odata.bind .../teamsTemplates('standard') only.");
  } else {
    team.created = created.value_or(call.now);
    return true;
  }
  return false;
}

// Who is in a team from the start: nobody while it is in migration mode, otherwise an owner at least, for an app
// cannot be one. Source: "Create team", application permissions.
bool read_members(const Call& call, const json& body, bool migration, Team& team, Answer& refused) {
  if (migration) {
    if (!body.contains("members")) return true;
    refused = Answer::bad_request("Members cannot be added to a team while it is in migration mode.");
    return false;
  }
  constexpr std::size_t kMost = 200;
  const auto list = body.find("members");
  if (list != body.end() && list->is_array() && list->size() > kMost) {
    refused = Answer::bad_request("A team is created with 200 members at most.");
    return false;
  }
  std::vector<Invitation> invitations;
  if (list != body.end()) {
    auto read = read_invitations(call, body, "members", refused);
    if (!read) return false;
    invitations = std::move(*read);
  }
  for (const Invitation& each : invitations) {
    if (each.user == nullptr || find_member_of(team.members, each.user->id) != nullptr) {
      refused = each.user == nullptr ? nobody(each) : Answer::bad_request("A member of the team is named twice.");
      return false;
    }
    team.members.push_back({new_member_id(team.id, each.user->id), each.user->id, each.roles});
  }
  if (std::any_of(team.members.begin(), team.members.end(), [](const Member& m) { return m.is_owner(); })) return true;
  refused = Answer::bad_request("A team owner must be provided when creating a team in application context.");
  return false;
}

// No body, and so no type: clients stumble over a type without a body.
Answer accepted(const Call& call, const Team& team) {
  const bool slash = call.options.variants.slash_locations;
  Answer answer = Answer::success(202, "");
  answer.headers.emplace_back("Location", slash
                                              ? fmt::format("/teams/{}/operations/{}", team.id, team.operation)
                                              : fmt::format("/teams('{}')/operations('{}')", team.id, team.operation));
  answer.headers.emplace_back("Content-Location",
                              slash ? fmt::format("/teams/{}", team.id) : fmt::format("/teams('{}')", team.id));
  return answer;
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
  for (const char* name : {"channels", "installedApps"}) {
    if (!body->contains(name)) continue;
    return Answer::bad_request(fmt::format("This emulator makes no '{}' together with a team.", name));
  }
  const std::string unknown = unknown_member(*body, kKnown);
  if (!unknown.empty()) return unknown_member_answer(unknown, "microsoft.graph.team");
  if (migration && *mode != "migration") {
    return Answer::bad_request("The value of teamCreationMode is not 'migration'.");
  }

  Team team;
  team.id = random_guid();
  team.operation = random_guid();
  team.visibility = "public";
  if (!read_team(call, *body, migration, team, refused) || !read_members(call, *body, migration, team, refused)) {
    return refused;
  }
  team.requested = call.now;
  team.visible_at = call.now + call.options.provisioning.count();
  team.failed = call.options.variants.fail_provisioning;
  team.owner_app = call.caller.app;
  team.born_migrating = migration;

  Conversation general;
  general.id = channel_id(random_guid());
  general.display_name = "General";
  if (!read_text(*body, "firstChannelName", general.display_name, refused)) return refused;
  const std::string problem = channel_name_problem(general.display_name);
  if (!problem.empty()) return Answer::bad_request(problem);
  general.description = team.description;
  general.created = team.created;
  general.visible_at = team.visible_at;
  general.mode = migration ? Mode::in_progress : Mode::none;
  general.owner_app = migration ? call.caller.app : "";
  Status added = call.store.add_team(team, general);
  return added ? accepted(call, team) : storage_failed(added.error());
}

}  // namespace teamferry::emulator
