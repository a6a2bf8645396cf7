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

const std::vector<std::string_view> kChannelMembers = {"displayName",    "description",         "createdDateTime",
                                                       "membershipType", "isFavoriteByDefault", "email",
                                                       "members",        "layoutType",          "moderationSettings"};

const char* print_mode(Mode mode) {
  return mode == Mode::in_progress ? "inProgress" : "completed";
}

Json or_null(const std::string& text) {
  return text.empty() ? Json(nullptr) : Json(text);
}

Json print(const Conversation& channel, const Call& call) {
  // Clients that do not ask for late members of an enumeration do not get them.
  const std::string* prefer = call.request.headers.find("Prefer");
  const bool late = prefer != nullptr && prefer->find("include-unknown-enum-members") != prefer->npos;
  const std::string membership = channel.membership == "shared" && !late ? "unknownFutureValue" : channel.membership;
  return {{"id", channel.id},
          {"createdDateTime", print_time(channel.created)},
          {"displayName", channel.display_name},
          {"description", or_null(channel.description)},
          {"isFavoriteByDefault", nullptr},
          {"email", ""},
          {"tenantId", kTenantId},
          {"webUrl",
           fmt::format("https://teams.microsoft.com/l/channel/{}/{}?groupId={}&tenantId={}", percent_encode(channel.id),
                       percent_encode(channel.display_name), channel.team->id, kTenantId)},
          {"membershipType", membership},
          {"isArchived", false},
          {"migrationMode", channel.mode == Mode::none ? Json(nullptr) : Json(print_mode(channel.mode))},
          {"originalCreatedDateTime",
           channel.original_created ? Json(print_time(*channel.original_created)) : Json(nullptr)}};
}

// Source: "Limits and specifications for Microsoft Teams", channel names. Empty: a good name.
std::string name_problem(const std::string& name) {
  if (name.find_first_not_of(' ') == std::string::npos) return "Channel display name is missing or empty.";
  if (utf16_length(name) > 50) return "Channel name is longer than 50 characters.";
  const bool control = std::any_of(name.begin(), name.end(), [](char c) { return static_cast<unsigned char>(c) < 32; });
  if (control || name.find_first_of("~#%&*{}+/\\:<>?|'\"") != std::string::npos || name.front() == '_' ||
      name.front() == '.' || name.back() == '.') {
    return "Channel name contains characters that are not allowed.";
  }
  return "";
}

bool taken(const Team& team, const std::string& name) {
  const std::string folded = fold_case(name);
  return folded == "general" || std::any_of(team.channels.begin(), team.channels.end(), [&](const Conversation* other) {
           return fold_case(other->display_name) == folded;
         });
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
  const std::string problem = name_problem(channel.display_name);
  if (created && !migration) {
    refused = Answer::bad_request("CreatedDateTime can only be set for a channel that is created in migration mode.");
  } else if (created && *created > call.now) {
    refused = Answer::bad_request("CreatedDateTime cannot be in the future.");
  } else if (!problem.empty()) {
    refused = Answer::bad_request(problem);
  } else if (utf16_length(channel.description) > 1024) {
    refused = Answer::bad_request("Channel description is longer than 1024 characters.");
  } else if (channel.membership != "standard" && channel.membership != "private" && channel.membership != "shared") {
    refused = Answer::bad_request(fmt::format("'{}' is not a membershipType.", channel.membership));
  } else if (migration && channel.membership != "standard" && call.options.variants.refuse_private_channels) {
    refused = Answer::bad_request("Only standard channels can be created in migration mode.");
  } else if (migration && !team.under_migration()) {
    refused = Answer::bad_request("Migration channels can only be created in a team under migration.");
  } else if (taken(team, channel.display_name)) {
    refused = Answer::bad_request("Channel name already existed, please use other name.");
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

}  // namespace teamferry::emulator
