#include "native/validate/message.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "native/limits/limits.h"
#include "native/validate/html.h"
#include "native/validate/html_tags.h"
#include "native/validate/html_token.h"
#include "native/validate/text.h"

namespace teamferry::validate {
namespace {

constexpr const char* kTimeField = "createdDateTime";

std::size_t fraction_digits(std::string_view text) {
  const auto dot = text.find('.');
  if (dot == text.npos) return 0;
  return std::min(text.find_first_not_of("0123456789", dot + 1), text.size()) - dot - 1;
}

// R1 and R3. Documented: the time carries an offset, and what is finer than a millisecond is cut. We send one form
// only. Source: https://learn.microsoft.com/microsoftteams/platform/graph-api/import-messages/
// import-external-messages-to-teams (2026-08), as for R2 and R5
void check_form(std::string_view text, DateTime time, Findings& findings) {
  const auto sent = time.to_string();
  if (text == sent) return;
  if (fraction_digits(text) > 3) {
    add_warning(findings, "R3", kTimeField, fmt::format("{} is finer than a millisecond", text),
                "Send " + sent + ": cut, never rounded");
  } else {
    add_warning(findings, "R1", kTimeField, fmt::format("{} is not in UTC with three fraction digits", text),
                "Send " + sent);
  }
}

}  // namespace

// R1, R2, R5: documented there. Observed: a body without a time is answered with 401, one at or below the floor with
// 403 (https://github.com/MicrosoftDocs/msteams-docs/issues/14026, 13475). R9 and R10: inferred, a reply needs the id
// of its root, and Teams shows threads by time.
void check_time(const MessageFacts& facts, Findings& findings) {
  const auto time = DateTime::parse(facts.createdDateTime);
  if (!time) {
    return add_error(findings, "R1", kTimeField,
                     facts.createdDateTime.empty()
                         ? "it is missing"
                         : fmt::format("'{}' is not a moment with its offset", shown(facts.createdDateTime)),
                     "Give every message its time, like 2019-02-04T19:58:15.511Z");
  }
  check_form(facts.createdDateTime, *time, findings);
  const auto when = time->to_string();
  if (facts.context.now && *time > *facts.context.now) {
    add_error(findings, "R2", kTimeField,
              fmt::format("{} is in the future; it is {} now", when, facts.context.now->to_string()),
              "Correct the time zone of the source, or skip the record");
  }
  if (facts.context.floor && *time <= *facts.context.floor) {
    add_error(findings, "R5", kTimeField,
              fmt::format("{} is not later than the conversation's own {}", when, facts.context.floor->to_string()),
              "Let the conversation begin before the oldest message that will ever be imported");
  }
  if (facts.context.root_time && *time <= *facts.context.root_time) {
    add_warning(
        findings, "R9", kTimeField,
        fmt::format("the reply at {} is not later than its root at {}", when, facts.context.root_time->to_string()),
        "Move it to " + DateTime{facts.context.root_time->ms + 1}.to_string());
  }
  if (facts.context.previous_time && *time <= *facts.context.previous_time) {
    add_error(findings, "R10", kTimeField,
              fmt::format("{} would be sent after {}", when, facts.context.previous_time->to_string()),
              "Send the messages of a conversation in ascending time, roots before their replies");
  }
}

// R11. Documented: https://learn.microsoft.com/graph/api/chatmessage-post-replies (2026-08)
void check_reply_target(const MessageContext& context, Findings& findings) {
  if (!context.is_reply) return;
  if (context.in_chat) {
    add_error(findings, "R11", "replyToId", "chats have no replies",
              "Send it as a message of its own, with what it answers as a quote");
  } else if (context.root_is_reply) {
    add_error(findings, "R11", "replyToId", "it answers a reply; threads have one level",
              "Let it answer the root of the thread");
  }
}

// R18. Documented in the schema: text or html; what has mentions is always HTML. R19: inferred.
// Source: https://learn.microsoft.com/graph/api/resources/itembody (2026-08)
void check_body(const MessageFacts& facts, Findings& findings) {
  const bool html = facts.contentType == "html";
  if (!html && facts.contentType != "text") {
    add_error(findings, "R18", "body.contentType", fmt::format("'{}' is unknown", shown(facts.contentType)),
              "Use html or text");
  } else if (!html && (!facts.mentions.empty() || !facts.attachments.empty() || !facts.images.empty())) {
    add_error(findings, "R18", "body.contentType", "a text cannot hold mentions, attachments or images", "Use html");
  }
  if (facts.content.empty()) {
    add_error(findings, "R19", "body.content", "it is empty", "Send a space when there are only attachments");
  }
  auto found = html ? check_html(facts.content) : check_text(facts.content, "body.content");
  std::move(found.begin(), found.end(), std::back_inserter(findings));
}

void check_references(const MessageFacts& facts, Findings& findings) {
  Markers markers;
  if (facts.contentType == "html") {
    find_markers(facts.content, markers);
    check_mentions(facts.mentions, facts.content, markers, findings);
    check_attachments(facts.attachments, markers, findings);
  }
  check_images(facts.images, markers, facts.request_bytes, findings);
}

// R20, R48. Documented as "about 28 KB" with mentions and reactions; the sizes that were taken and refused: limits.
// Source: https://learn.microsoft.com/microsoftteams/limits-specifications-teams (2026-08)
void check_size(const MessageFacts& facts, Findings& findings) {
  const bool bytes_lead = facts.json_bytes >= facts.json_units;
  const auto size = std::max(facts.json_bytes, facts.json_units);
  const auto& sizes = limits::in_force().sizes;
  if (size <= sizes.message_soft_bytes) return;
  const bool hard = size > sizes.message_hard_bytes;
  (hard ? add_error : add_warning)(
      findings, "R20", "body.content",
      fmt::format("the message takes {} {}, the limit is {}", size, bytes_lead ? "bytes" : "UTF-16 units",
                  hard ? sizes.message_hard_bytes : sizes.message_soft_bytes),
      "Shorten it in the script, where it makes the text, or skip it there with a reason");
  if (facts.parts_bytes == 0 || size - std::min(size, facts.parts_bytes) > sizes.message_soft_bytes) return;
  add_warning(
      findings, "R48", "body.content",
      fmt::format("{} bytes of it are mentions, attachments and reactions, which count as well", facts.parts_bytes),
      "Write some of the mentions as plain names, or the reactions as a line of text");
}

// R35. Documented in the schema; that channels show no urgent posts is how the client behaves.
// Source: https://learn.microsoft.com/graph/api/resources/chatmessage (2026-08), as for R36
void check_importance(std::string_view importance, bool in_chat, Findings& findings) {
  if (importance.empty() || importance == "normal" || importance == "high") return;
  if (importance != "urgent") {
    add_error(findings, "R35", "importance", fmt::format("'{}' is unknown", shown(importance)),
              "Use normal, high or urgent");
  } else if (!in_chat) {
    add_warning(findings, "R35", "importance", "channels have no urgent messages", "Use high");
  }
}

// R36. Documented: plain text, for root posts of channels; the length is inferred.
void check_subject(std::string_view subject, const MessageContext& context, Findings& findings) {
  if (subject.empty()) return;
  auto found = check_text(subject, "subject");
  std::move(found.begin(), found.end(), std::back_inserter(findings));
  if (context.in_chat || context.is_reply) {
    add_warning(findings, "R36", "subject", context.in_chat ? "a message of a chat has none" : "a reply has none",
                "Write it into the body");
  }
  const auto most = limits::in_force().sizes.subject_units;
  if (const auto units = utf16_units(subject); units > most) {
    add_warning(findings, "R36", "subject", fmt::format("it has {} characters, the limit is {}", units, most),
                "Shorten it");
  }
  if (has_tag(subject)) {
    add_warning(findings, "R36", "subject", fmt::format("'{}' shows its tags as they are written", shown(subject)),
                "Write plain text");
  }
}

bool has_tag(std::string_view text) {
  HtmlTokens tokens(text);
  for (HtmlToken token; tokens.next(token);) {
    if (token.kind == HtmlToken::Kind::start && find_tag(token.name) != nullptr) return true;
  }
  return false;
}

// R37. Documented in the schema: always en-us.
void check_locale(std::string_view locale, Findings& findings) {
  if (locale.empty() || locale == "en-us") return;
  add_warning(findings, "R37", "locale", fmt::format("the service makes en-us of '{}'", shown(locale)), "Leave it out");
}

Findings check_message(const MessageFacts& facts) {
  Findings findings;
  check_time(facts, findings);
  check_reply_target(facts.context, findings);
  check_author(facts.author, findings);
  check_body(facts, findings);
  check_references(facts, findings);
  check_reactions(facts.reactions, {DateTime::parse(facts.createdDateTime), facts.context.now}, findings);
  check_importance(facts.importance, facts.context.in_chat, findings);
  check_subject(facts.subject, facts.context, findings);
  check_locale(facts.locale, findings);
  check_size(facts, findings);
  return findings;
}

}  // namespace teamferry::validate
