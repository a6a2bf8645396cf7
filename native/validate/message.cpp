#include "native/validate/message.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "native/limits/limits.h"
#include "native/validate/html.h"

namespace teamferry::validate {
namespace {

using Severity = Finding::Severity;

constexpr std::string_view kTimeField = "createdDateTime";

void add(Findings& findings, const char* rule, Severity severity, std::string_view field, std::string message,
         std::string cure) {
  findings.push_back({rule, severity, std::string(field), std::move(message), std::move(cure)});
}

std::size_t fraction_digits(std::string_view text) {
  const auto dot = text.find('.');
  if (dot == text.npos) return 0;
  return std::min(text.find_first_not_of("0123456789", dot + 1), text.size()) - dot - 1;
}

void check_form(std::string_view text, DateTime time, Findings& findings) {
  const auto sent = time.to_string();
  if (text == sent) return;
  if (fraction_digits(text) > 3) {
    add(findings, "R3", Severity::warning, kTimeField, fmt::format("{} is finer than a millisecond", text),
        "Send " + sent + ": cut, never rounded");
  } else {
    add(findings, "R1", Severity::warning, kTimeField, fmt::format("{} is not in UTC with three fraction digits", text),
        "Send " + sent);
  }
}

}  // namespace

void check_time(const MessageFacts& facts, Findings& findings) {
  const auto time = DateTime::parse(facts.createdDateTime);
  if (!time) {
    return add(findings, "R1", Severity::error, kTimeField,
               facts.createdDateTime.empty()
                   ? "it is missing"
                   : fmt::format("'{}' is not a moment with its offset", facts.createdDateTime),
               "Give every message its time, like 2019-02-04T19:58:15.511Z");
  }
  check_form(facts.createdDateTime, *time, findings);
  const auto shown = time->to_string();
  if (*time > facts.now) {
    add(findings, "R2", Severity::error, kTimeField,
        fmt::format("{} is in the future; it is {} now", shown, facts.now.to_string()),
        "Correct the time zone of the source, or skip the record");
  }
  if (facts.floor && *time <= *facts.floor) {
    add(findings, "R5", Severity::error, kTimeField,
        fmt::format("{} is not later than the conversation's own {}", shown, facts.floor->to_string()),
        "Let the conversation begin before the oldest message that will ever be imported");
  }
  if (facts.root_time && *time <= *facts.root_time) {
    add(findings, "R9", Severity::warning, kTimeField,
        fmt::format("the reply at {} is not later than its root at {}", shown, facts.root_time->to_string()),
        "Move it to " + DateTime{facts.root_time->ms + 1}.to_string());
  }
  if (facts.previous_time && *time <= *facts.previous_time) {
    add(findings, "R10", Severity::error, kTimeField,
        fmt::format("{} would be sent after {}", shown, facts.previous_time->to_string()),
        "Send the messages of a conversation in ascending time, roots before their replies");
  }
}

void check_reply_target(const MessageFacts& facts, Findings& findings) {
  if (!facts.is_reply) return;
  if (facts.in_chat) {
    add(findings, "R11", Severity::error, "replyToId", "chats have no replies",
        "Send it as a message of its own, with what it answers as a quote");
  } else if (facts.root_is_reply) {
    add(findings, "R11", Severity::error, "replyToId", "it answers a reply; threads have one level",
        "Let it answer the root of the thread");
  }
}

bool is_object_id(std::string_view text) {
  if (text.size() != 36) return false;
  bool any = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (i == 8 || i == 13 || i == 18 || i == 23) {
      if (text[i] != '-') return false;
    } else {
      if (!std::isxdigit(static_cast<unsigned char>(text[i]))) return false;
      any |= text[i] != '0';
    }
  }
  return any;
}

void check_author(const MessageFacts& facts, Findings& findings) {
  if (is_object_id(facts.from_user_id)) return;
  add(findings, "R12", Severity::error, "from.user.id",
      facts.from_user_id.empty() ? "it is missing" : fmt::format("'{}' is not a user's object id", facts.from_user_id),
      "Map the person to a user of the tenant, or to the fallback user with a line that names the author");
}

void check_body(const MessageFacts& facts, Findings& findings) {
  const bool html = facts.contentType == "html";
  if (!html && facts.contentType != "text") {
    add(findings, "R18", Severity::error, "body.contentType", fmt::format("'{}' is unknown", facts.contentType),
        "Use html or text");
  } else if (!html && facts.needs_html) {
    add(findings, "R18", Severity::error, "body.contentType", "a text cannot hold mentions, attachments or images",
        "Use html");
  }
  if (facts.content.empty()) {
    add(findings, "R19", Severity::error, "body.content", "it is empty",
        "Send a space when there are only attachments");
  }
  auto found = html ? check_html(facts.content) : check_text(facts.content, "body.content");
  std::move(found.begin(), found.end(), std::back_inserter(findings));
  found = check_text(facts.subject, "subject");
  std::move(found.begin(), found.end(), std::back_inserter(findings));
}

void check_size(const MessageFacts& facts, Findings& findings) {
  const bool bytes_lead = facts.json_bytes >= facts.json_units;
  const auto size = std::max(facts.json_bytes, facts.json_units);
  const auto& sizes = limits::in_force().sizes;
  if (size <= sizes.message_soft_bytes) return;
  const bool hard = size > sizes.message_hard_bytes;
  add(findings, "R20", hard ? Severity::error : Severity::warning, "body.content",
      fmt::format("the message takes {} {}, the limit is {}", size, bytes_lead ? "bytes" : "UTF-16 units",
                  hard ? sizes.message_hard_bytes : sizes.message_soft_bytes),
      "Shorten it in the script, where it makes the text, or skip it there with a reason");
}

Findings check_message(const MessageFacts& facts) {
  Findings findings;
  check_time(facts, findings);
  check_reply_target(facts, findings);
  check_author(facts, findings);
  check_body(facts, findings);
  check_size(facts, findings);
  return findings;
}

}  // namespace teamferry::validate
