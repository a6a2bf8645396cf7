#include "native/validate/chat.h"

#include <fmt/format.h>

#include <set>
#include <string>

#include "native/limits/limits.h"
#include "native/validate/html.h"
#include "native/validate/text.h"

namespace teamferry::validate {
namespace {

void check_topic(const ChatFacts& facts, Findings& findings) {
  if (facts.topic.empty()) return;
  if (facts.chatType == "oneOnOne") {
    add_error(findings, "R42", "topic", "a chat of two has no topic", "Leave it out, or make a group chat");
  }
  const auto most = limits::in_force().sizes.chat_topic_units;
  if (const auto units = utf16_units(facts.topic); units > most) {
    add_error(findings, "R42", "topic", fmt::format("it has {} characters, the limit is {}", units, most),
              "Shorten it");
  }
  add_first(findings, check_text(facts.topic, "topic"));
}

}  // namespace

// Documented but for the number of members at once, which is inferred from Teams' own connector.
// Source: https://learn.microsoft.com/graph/api/chat-post (2026-08)
void check_new_chat(const ChatFacts& facts, Findings& findings) {
  check_target_chat(facts, findings);
  if (facts.chatType != "oneOnOne" && facts.chatType != "group") return;
  std::set<std::string> different;
  for (const auto member : facts.members) different.insert(fold_case(member));
  if (different.size() < facts.members.size()) {
    add_error(findings, "R42", "members", "somebody is in it twice", "Name each member once");
  }
  const auto at_once = static_cast<std::size_t>(limits::in_force().counts.chat_members_at_creation);
  const bool two = facts.chatType == "oneOnOne";
  if (two ? different.size() != 2 : different.size() < 2) {
    add_error(findings, "R42", "members",
              fmt::format("it has {} different members, {}", different.size(),
                          two ? "a chat of two has exactly 2" : "a group has at least 2"),
              two ? "Name both, or make a group chat" : "Name everybody: an app is no member itself");
  } else if (facts.members.size() > at_once) {
    add_warning(findings, "R42", "members", fmt::format("{} members at once may be refused", facts.members.size()),
                fmt::format("Create the chat with {} of them and add the others after", at_once));
  }
  check_topic(facts, findings);
}

// Documented: https://learn.microsoft.com/graph/api/chat-startmigration (2026-08)
void check_target_chat(const ChatFacts& facts, Findings& findings) {
  if (facts.chatType == "meeting" || facts.id.starts_with("19:meeting_")) {
    add_error(findings, "R43", "chatType", "the chat of a meeting takes no import", "Create a group chat for it");
  } else if (facts.chatType != "oneOnOne" && facts.chatType != "group") {
    add_error(findings, "R43", "chatType",
              facts.chatType.empty() ? "it is missing" : fmt::format("'{}' is unknown", shown(facts.chatType)),
              "Write group or oneOnOne");
  }
  if (!facts.tenantId.empty() && !facts.our_tenant.empty() &&
      fold_case(facts.tenantId) != fold_case(facts.our_tenant)) {
    add_error(findings, "R43", "tenantId", fmt::format("the chat belongs to the tenant {}", shown(facts.tenantId)),
              "Only chats of the own tenant take an import; create one here");
  }
}

// Documented; the refusals that another app gets were observed.
// Source: https://learn.microsoft.com/graph/teams-import-messages (2026-08),
// https://github.com/MicrosoftDocs/msteams-docs/issues/14151
void check_session(std::string_view owner_client_id, std::string_view our_client_id, Findings& findings) {
  if (owner_client_id.empty() || fold_case(owner_client_id) == fold_case(our_client_id)) return;
  add_error(findings, "R44", "migrationMode",
            fmt::format("the app {} has started it, this one is {}", shown(owner_client_id), shown(our_client_id)),
            "Sign in as the app that started it: only that one can import and complete");
}

}  // namespace teamferry::validate
