#include <algorithm>
#include <nlohmann/json.hpp>

#include "native/emulator/collection.h"
#include "native/emulator/ids.h"
#include "native/emulator/members.h"
#include "native/emulator/routes.h"
#include "native/emulator/session.h"
#include "native/emulator/team_rules.h"
#include "native/emulator/time.h"

namespace teamferry::emulator {
namespace {

using nlohmann::json;

const std::vector<std::string_view> kChannelMembers = {"displayName",    "description",         "createdDateTime",
                                                       "membershipType", "isFavoriteByDefault", "email",
                                                       "members",        "layoutType",          "moderationSettings"};

Json or_null(const std::string& text) {
  return text.empty() ? Json(nullptr) : Json(text);
}

Json print(const Conversation& channel, const Call& call) {
  // Clients that do not ask for late members of an enumeration do not get them.
  const std::string* prefer = call.request.headers.find("Prefer");
  const bool late = prefer != nullptr && prefer->find("include-unknown-enum-members") != prefer->npos;
  const std::string membership = channel.membership == "shared" && !late ? "unknownFutureValue" : channel.membership;
  Json printed = {{"id", channel.id},
                  {"createdDateTime", print_time(channel.created)},
                  {"displayName", channel.display_name},
                  {"description", or_null(channel.description)},
                  {"isFavoriteByDefault", nullptr},
                  {"email", ""},
                  {"tenantId", call.store.tenant().id},
                  {"webUrl", fmt::format("https://teams.microsoft.com/l/channel/{}/{}?groupId={}&tenantId={}",
                                         percent_encode(channel.id), percent_encode(channel.display_name),
                                         channel.team->id, call.store.tenant().id)},
                  {"membershipType", membership},
                  {"isArchived", false}};
  print_session(call, channel, printed);
  return printed;
}

// `itself`: the channel that is to have the name, nullptr for a new one.
bool taken(const Team& team, const std::string& name, const Conversation* itself = nullptr) {
  const std::string folded = fold_case(name);
  if (folded == "general" && itself != team.channels.front()) return true;
  return std::any_of(team.channels.begin(), team.channels.end(), [&](const Conversation* other) {
    return other != itself && fold_case(other->display_name) == folded;
  });
}

constexpr char kTaken[] = "Channel name already existed, please use other name.";

// The members of a channel that is not born migrating: a private or shared one needs an owner out of the team, and a
// private one takes nobody from outside. Source: "Create channel". False, and `refused` is the answer.
bool read_members(const Call& call, const json& body, const Team& team, Conversation& channel, Answer& refused) {
  const bool standard = channel.membership == "standard";
  const auto list = body.find("members");
  std::vector<Invitation> invitations;
  if (list != body.end() && *list != json::array()) {
    if (standard) {
      refused = Answer::bad_request("The members of a standard channel are those of its team.");
      return false;
    }
    auto read = read_invitations(call, body, "members", refused);
    if (!read) return false;
    invitations = std::move(*read);
  }
  bool owned = standard;
  for (const Invitation& each : invitations) {
    const bool inside = each.user != nullptr && find_member_of(team.members, each.user->id) != nullptr;
    if (each.user == nullptr) {
      refused = nobody(each);
    } else if (channel.membership == "private" && !inside) {
      refused = Answer::bad_request(fmt::format("The user '{}' is not a member of the team.", each.whom));
    } else if (find_member_of(channel.members, each.user->id) != nullptr) {
      refused = Answer::bad_request("A member of the channel is named twice.");
    } else {
      channel.members.push_back({new_member_id(channel.id, each.user->id), each.user->id, each.roles});
      owned = owned || (inside && each.as_owner());
      continue;
    }
    return false;
  }
  if (!owned) refused = Answer::bad_request("A private or shared channel needs an owner who is a member of the team.");
  return owned;
}

// The rules that a new channel keeps; false, and `refused` is the answer.
bool read_channel(const Call& call, const json& body, const Team& team, bool migration, Conversation& channel,
                  Answer& refused) {
  std::optional<std::int64_t> created;
  if (!read_text(body, "displayName", channel.display_name, refused) ||
      !read_text(body, "description", channel.description, refused) ||
      !read_text(body, "membershipType", channel.membership, refused) ||
      !read_date(body, "createdDateTime", created, refused)) {
    return false;
  }
  const std::string problem = channel_name_problem(channel.display_name);
  const std::string other_problem = channel_description_problem(channel.description);
  if (created && !migration) {
    refused = Answer::bad_request("CreatedDateTime can only be set for a channel that is created in migration mode.");
  } else if (created && *created > call.now) {
    refused = Answer::bad_request("CreatedDateTime cannot be in the future.");
  } else if (!problem.empty()) {
    refused = Answer::bad_request(problem);
  } else if (!other_problem.empty()) {
    refused = Answer::bad_request(other_problem);
  } else if (channel.membership != "standard" && channel.membership != "private" && channel.membership != "shared") {
    refused = Answer::bad_request(fmt::format("'{}' is not a membershipType.", channel.membership));
  } else if (migration && channel.membership != "standard" && call.options.variants.refuse_private_channels) {
    refused = Answer::bad_request("Only standard channels can be created in migration mode.");
  } else if (migration && !team.under_migration()) {
    refused = Answer::bad_request("Migration channels can only be created in a team under migration.");
  } else if (taken(team, channel.display_name)) {
    refused = Answer::bad_request(kTaken);
  } else {
    channel.created = created.value_or(call.now);
    return true;
  }
  return false;
}

}  // namespace

Answer create_channel(Call& call) {
  Answer refused;
  Team* team = find_team(call, refused);
  if (team == nullptr) return refused;
  const auto body = read_object(call, false, refused);
  if (!body) return refused;
  const std::string unknown = unknown_member(*body, kChannelMembers);
  if (!unknown.empty()) return unknown_member_answer(unknown, "microsoft.graph.channel");
  const auto mode = body->find("@microsoft.graph.channelCreationMode");
  const bool migration = mode != body->end();
  if (migration && *mode != "migration") {
    return Answer::bad_request("The value of channelCreationMode is not 'migration'.");
  }
  Conversation channel;
  channel.team = team;
  if (!read_channel(call, *body, *team, migration, channel, refused)) return refused;
  // What users saw: a private channel asked for in migration mode becomes a standard one without a word.
  if (migration) channel.membership = "standard";
  channel.id = channel_id(random_guid());
  if (!migration && !read_members(call, *body, *team, channel, refused)) return refused;
  channel.visible_at = call.now + call.options.provisioning.count();
  channel.mode = migration ? Mode::in_progress : Mode::none;
  channel.owner_app = migration ? call.caller.app : "";
  Status added = call.store.add_channel(channel);
  if (!added) return storage_failed(added.error());

  Json answered = {{"@odata.context", call.context(fmt::format("teams('{}')/channels/$entity", team->id))}};
  if (migration) {
    answered.update({{"id", channel.id},
                     {"createdDateTime", nullptr},
                     {"displayName", channel.display_name},
                     {"description", or_null(channel.description)},
                     {"isFavoriteByDefault", nullptr},
                     {"email", nullptr},
                     {"webUrl", nullptr},
                     {"membershipType", nullptr},
                     {"moderationSettings", nullptr}});
  } else {
    answered.update(print(channel, call));
  }
  Answer answer = Answer::success(migration ? call.options.variants.channel_status : 201, answered.dump());
  answer.headers.emplace_back("Location", call.options.variants.slash_locations
                                              ? fmt::format("/teams/{}/channels/{}", team->id, channel.id)
                                              : fmt::format("/teams('{}')/channels('{}')", team->id, channel.id));
  return answer;
}

Answer list_channels(Call& call) {
  Answer refused;
  const Team* team = find_team(call, refused);
  if (team == nullptr) return refused;
  static const std::vector<std::string_view> kFilterable = {"id", "displayName", "membershipType"};
  std::optional<Filter> filter;
  const auto wanted = call.query.find("$filter");
  if (wanted != call.query.end()) {
    std::string problem;
    filter = Filter::parse(wanted->second, kFilterable, problem);
    if (!filter) return Answer::bad_request(problem);
  }
  Json value = Json::array();
  for (const Conversation* channel : team->channels) {
    if (channel->visible_at > call.now) continue;
    const auto property = [&](std::string_view name) -> std::optional<std::string> {
      return name == "id" ? channel->id : name == "displayName" ? channel->display_name : channel->membership;
    };
    if (filter && !filter->matches(property)) continue;
    auto chosen = select(call, print(*channel, call), {}, refused);
    if (!chosen) return refused;
    value.push_back(std::move(*chosen));
  }
  const Json body = {
      {"@odata.context", call.context(fmt::format("teams('{}')/channels{}", team->id, select_context(call)))},
      {"@odata.count", value.size()},
      {"value", value}};
  return Answer::ok(body.dump());
}

static Answer answer_channel(const Call& call, const Conversation* channel, const Answer& not_there) {
  if (channel == nullptr) return not_there;
  Answer refused;
  const auto chosen = select(call, print(*channel, call), {}, refused);
  if (!chosen) return refused;
  Json body = {{"@odata.context",
                call.context(fmt::format("teams('{}')/channels{}/$entity", channel->team->id, select_context(call)))}};
  body.update(*chosen);
  return Answer::ok(body.dump());
}

Answer get_channel(Call& call) {
  Answer refused;
  const Conversation* channel = find_channel(call, refused);
  return answer_channel(call, channel, refused);
}

Answer get_primary_channel(Call& call) {
  Answer refused;
  const Conversation* channel = find_primary_channel(call, refused);
  return answer_channel(call, channel, refused);
}

Answer update_channel(Call& call) {
  Answer refused;
  const Conversation* channel = find_channel(call, refused);
  if (channel == nullptr) return refused;
  const auto body = read_object(call, false, refused);
  if (!body) return refused;
  const std::string fixed =
      unknown_member(*body, {"displayName", "description", "isFavoriteByDefault", "moderationSettings", "layoutType"});
  if (!fixed.empty()) return Answer::bad_request(fmt::format("The property '{}' cannot be updated.", fixed));
  if (auto missing = missing_role(call.caller, {"ChannelSettings.ReadWrite.All", "Group.ReadWrite.All"})) {
    return *missing;
  }
  std::string name = channel->display_name, description = channel->description;
  if (!read_text(*body, "displayName", name, refused) || !read_text(*body, "description", description, refused)) {
    return refused;
  }
  for (const std::string& problem : {channel_name_problem(name), channel_description_problem(description)}) {
    if (!problem.empty()) return Answer::bad_request(problem);
  }
  if (taken(*channel->team, name, channel)) return Answer::bad_request(kTaken);
  Status changed = call.store.describe(*channel, name, description, call.now);
  return changed ? Answer::none() : storage_failed(changed.error());
}

}  // namespace teamferry::emulator
