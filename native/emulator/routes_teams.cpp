#include <algorithm>
#include <nlohmann/json.hpp>

#include "native/emulator/collection.h"
#include "native/emulator/routes.h"
#include "native/emulator/session.h"
#include "native/emulator/team_rules.h"
#include "native/emulator/time.h"

namespace teamferry::emulator {
namespace {

using nlohmann::json;

std::optional<std::string> lookup(const Team& team, std::string_view property) {
  if (property == "id") return team.id;
  if (property == "displayName") return team.display_name;
  if (property == "description") return team.description;
  return std::nullopt;
}

Json print(const Team& team, const Call& call) {
  const std::string& general = team.channels.front()->id;
  Json printed = {{"id", team.id},
                  {"createdDateTime", print_time(team.created)},
                  {"displayName", team.display_name},
                  {"description", team.description},
                  {"internalId", general},
                  {"classification", nullptr},
                  {"specialization", "none"},
                  {"visibility", team.visibility},
                  {"webUrl", fmt::format("https://teams.microsoft.com/l/team/{}/conversations?groupId={}&tenantId={}",
                                         percent_encode(general), team.id, call.store.tenant().id)},
                  {"isArchived", false},
                  {"tenantId", call.store.tenant().id},
                  {"memberSettings",
                   {{"allowCreateUpdateChannels", true},
                    {"allowCreatePrivateChannels", true},
                    {"allowDeleteChannels", true},
                    {"allowAddRemoveApps", true},
                    {"allowCreateUpdateRemoveTabs", true},
                    {"allowCreateUpdateRemoveConnectors", true}}},
                  {"guestSettings", {{"allowCreateUpdateChannels", false}, {"allowDeleteChannels", false}}},
                  {"messagingSettings",
                   {{"allowUserEditMessages", true},
                    {"allowUserDeleteMessages", true},
                    {"allowOwnerDeleteMessages", true},
                    {"allowTeamMentions", true},
                    {"allowChannelMentions", true}}},
                  {"funSettings",
                   {{"allowGiphy", true},
                    {"giphyContentRating", "moderate"},
                    {"allowStickersAndMemes", true},
                    {"allowCustomMemes", true}}},
                  {"summary", nullptr}};
  if (call.version == "beta") {
    printed["isMembershipLimitedToOwners"] = false;
    printed["discoverySettings"] = {{"showInTeamsSearchAndSuggestions", true}};
  }
  return printed;
}

}  // namespace

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

Answer update_team(Call& call) {
  Answer refused;
  const Team* team = find_team(call, refused);
  if (team == nullptr) return refused;
  const auto body = read_object(call, false, refused);
  if (!body) return refused;
  // The settings are taken and not kept: nothing here acts upon them.
  const std::string fixed = unknown_member(
      *body, {"displayName", "description", "visibility", "classification", "memberSettings", "guestSettings",
              "messagingSettings", "funSettings", "discoverySettings", "isMembershipLimitedToOwners"});
  if (!fixed.empty()) return Answer::bad_request(fmt::format("The property '{}' cannot be updated.", fixed));
  if (auto missing = missing_role(call.caller, {"TeamSettings.ReadWrite.All", "Group.ReadWrite.All"})) return *missing;
  std::string name = team->display_name, description = team->description, visibility = team->visibility;
  if (!read_text(*body, "displayName", name, refused) || !read_text(*body, "description", description, refused) ||
      !read_text(*body, "visibility", visibility, refused)) {
    return refused;
  }
  const std::string problem = team_problem(name, description, visibility);
  if (!problem.empty()) return Answer::bad_request(problem);
  Status changed = call.store.describe_team(*team, name, description, visibility);
  return changed ? Answer::none() : storage_failed(changed.error());
}

Answer complete_team(Call& call) {
  Answer refused;
  const Team* team = find_team(call, refused);
  if (team == nullptr) return refused;
  if (!read_no_parameters(call, refused)) return refused;
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
