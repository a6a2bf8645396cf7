#include "native/validate/conversation_json.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "native/validate/chat.h"
#include "native/validate/floor.h"
#include "native/validate/json_fields.h"

namespace teamferry::validate {
namespace {

constexpr auto kReadOnly = FieldRule::Use::read_only;

constexpr FieldRule kTeam[] = {{"displayName"},       {"description"},           {"visibility"},
                               {"firstChannelName"},  {"createdDateTime"},       {"classification"},
                               {"specialization"},    {"memberSettings"},        {"guestSettings"},
                               {"messagingSettings"}, {"funSettings"},           {"members"},
                               {"id", kReadOnly},     {"tenantId", kReadOnly},   {"internalId", kReadOnly},
                               {"webUrl", kReadOnly}, {"isArchived", kReadOnly}, {"summary", kReadOnly}};
constexpr FieldRule kChannel[] = {{"displayName"},
                                  {"description"},
                                  {"membershipType"},
                                  {"createdDateTime"},
                                  {"isFavoriteByDefault"},
                                  {"members"},
                                  {"layoutType"},
                                  {"id", kReadOnly},
                                  {"email", kReadOnly},
                                  {"tenantId", kReadOnly},
                                  {"webUrl", kReadOnly},
                                  {"isArchived", kReadOnly},
                                  {"migrationMode", kReadOnly},
                                  {"originalCreatedDateTime", kReadOnly},
                                  {"summary", kReadOnly}};
constexpr FieldRule kChat[] = {{"chatType"},
                               {"topic"},
                               {"members"},
                               {"id", kReadOnly},
                               {"tenantId", kReadOnly},
                               {"webUrl", kReadOnly},
                               {"createdDateTime", kReadOnly},
                               {"lastUpdatedDateTime", kReadOnly},
                               {"migrationMode", kReadOnly},
                               {"originalCreatedDateTime", kReadOnly},
                               {"onlineMeetingInfo", kReadOnly},
                               {"isHiddenForAllMembers", kReadOnly},
                               {"viewpoint", kReadOnly},
                               {"lastMessagePreview", kReadOnly}};
constexpr FieldRule kMember[] = {{"roles"},
                                 {"visibleHistoryStartDateTime"},
                                 {"id", kReadOnly},
                                 {"displayName", kReadOnly},
                                 {"userId", kReadOnly},
                                 {"email", kReadOnly},
                                 {"tenantId", kReadOnly}};

// Documented: the time without the mode, or with another one, is answered with 400.
// Source: https://learn.microsoft.com/graph/api/team-post (2026-08), example 8
void check_mode(const Fields& body, const char* rule, std::string_view annotation, Findings& findings) {
  const auto mode = body.text(annotation);
  if (mode == "migration") return;
  add_error(
      findings, rule, body.at(annotation),
      mode.empty() ? "it is missing; nothing could be imported" : fmt::format("'{}' is not migration", shown(mode)),
      "Write migration");
}

// R1, R2 of what is created; absent, the service takes the present, which no message of the past can follow.
std::optional<DateTime> check_created(const Fields& body, const BirthContext& context, Findings& findings) {
  const auto text = body.text("createdDateTime");
  const auto time = DateTime::parse(text);
  if (!time) {
    add_error(findings, "R1", "createdDateTime",
              text.empty() ? "it is missing, so it would be now, and messages have to be later"
                           : fmt::format("'{}' is not a moment with its offset", shown(text)),
              "Give a time before the oldest message, like 2019-01-07T08:00:00.000Z");
  } else if (context.now && *time > *context.now) {
    add_error(findings, "R2", "createdDateTime", fmt::format("{} is in the future", time->to_string()),
              "Give a time before the oldest message");
  }
  return time;
}

// "standard" of "https://graph.microsoft.com/v1.0/teamsTemplates('standard')", and of the form with a slash.
std::string_view template_of(std::string_view bind) {
  const auto end = bind.find_last_not_of("')/");
  if (end == bind.npos) return {};
  bind = bind.substr(0, end + 1);
  return bind.substr(bind.find_last_of("'/") + 1);
}

}  // namespace

std::string_view bound_user(std::string_view bind) {
  const auto at = bind.rfind("/users");
  if (at == bind.npos) return {};
  bind.remove_prefix(at + 6);
  if (bind.starts_with("('") && bind.ends_with("')")) return bind.substr(2, bind.size() - 4);
  if (!bind.starts_with('/') || bind.find('/', 1) != bind.npos) return {};
  return bind.substr(1);
}

Findings check_team_json(const Json& json, const BirthContext& context) {
  Findings findings;
  const Fields body(&json, "", findings);
  if (!body.there()) return findings;
  body.check_names(kTeam);
  check_mode(body, "R41", "@microsoft.graph.teamCreationMode", findings);
  const auto created = check_created(body, context, findings);
  check_birth(created, std::nullopt, context.oldest_message, findings);
  const auto visibility = body.text("visibility");
  if (!visibility.empty() && visibility != "private" && visibility != "public" && visibility != "hiddenMembership") {
    add_error(findings, "shape", "visibility", fmt::format("'{}' is unknown", shown(visibility)),
              "Write private, public or hiddenMembership");
  }
  if (body.has("members")) {
    add_error(findings, "shape", "members", "a team that is being filled takes no members (inferred for its creation)",
              "Add them after the migration is completed");
  }
  auto found =
      check_team({body.text("displayName"), body.text("description"), template_of(body.text("template@odata.bind"))});
  findings.insert(findings.end(), found.begin(), found.end());
  return findings;
}

Findings check_channel_json(const Json& json, const BirthContext& context) {
  Findings findings;
  const Fields body(&json, "", findings);
  if (!body.there()) return findings;
  body.check_names(kChannel);
  check_mode(body, "R40", "@microsoft.graph.channelCreationMode", findings);
  const auto created = check_created(body, context, findings);
  check_birth(context.team_created, created, context.oldest_message, findings);
  ChannelFacts facts;
  facts.displayName = body.text("displayName");
  facts.description = body.text("description");
  facts.membershipType = body.text("membershipType");
  facts.taken = context.taken;
  auto found = check_channel(facts);
  findings.insert(findings.end(), found.begin(), found.end());
  return findings;
}

Findings check_chat_json(const Json& json, std::string_view our_tenant) {
  Findings findings;
  const Fields body(&json, "", findings);
  if (!body.there()) return findings;
  body.check_names(kChat);
  ChatFacts facts;
  facts.chatType = body.text("chatType");
  facts.topic = body.text("topic");
  facts.id = body.text("id");
  facts.tenantId = body.text("tenantId");
  facts.our_tenant = our_tenant;
  std::vector<std::string_view> members;
  body.each("members", [&](const Fields& member) {
    // Observed: it is refused while a chat is created.
    if (member.has("visibleHistoryStartDateTime")) {
      add_error(findings, "R42", member.at("visibleHistoryStartDateTime"), "a new chat does not take it",
                "Set it when the member is added again after the import");
    }
    members.push_back(bound_user(member.text("user@odata.bind")));
  });
  facts.members = members;
  check_new_chat(facts, findings);
  return findings;
}

// Source: https://learn.microsoft.com/graph/api/team-post-members and chat-post-members (2026-08)
Findings check_member_json(const Json& json) {
  Findings findings;
  const Fields body(&json, "", findings);
  if (!body.there()) return findings;
  body.check_names(kMember);
  const auto type = body.text("@odata.type");
  if (type != "#microsoft.graph.aadUserConversationMember" && type != "microsoft.graph.aadUserConversationMember") {
    add_error(findings, "shape", "@odata.type",
              type.empty() ? "it is missing" : fmt::format("'{}' is no member", shown(type)),
              "Write #microsoft.graph.aadUserConversationMember");
  }
  if (bound_user(body.text("user@odata.bind")).empty()) {
    add_error(findings, "shape", "user@odata.bind", "it names no user",
              "Write https://graph.microsoft.com/v1.0/users('id')");
  }
  for (const auto& role : body.list("roles")) {
    if (role == "owner" || role == "guest") continue;
    add_error(findings, "shape", "roles",
              fmt::format("{} is no role", shown(role.is_string() ? role.get<std::string>() : role.type_name())),
              "Write owner, guest, or nothing for a member");
    break;
  }
  const auto since = body.text("visibleHistoryStartDateTime");
  if (!since.empty() && !DateTime::parse(since)) {
    add_error(findings, "R1", "visibleHistoryStartDateTime",
              fmt::format("'{}' is not a moment with its offset", shown(since)), "Write it like 2019-01-01T00:00:00Z");
  }
  return findings;
}

}  // namespace teamferry::validate
