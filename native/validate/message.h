#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

#include "native/base/datetime.h"
#include "native/validate/attachments.h"
#include "native/validate/author.h"
#include "native/validate/finding.h"
#include "native/validate/images.h"
#include "native/validate/mentions.h"
#include "native/validate/reactions.h"

namespace teamferry::validate {

// Where and when a message is to stand. What is not known is not judged.
struct MessageContext {
  std::optional<DateTime> now;            // R2: the service's own time where it is known
  std::optional<DateTime> floor;          // R5: the conversation's createdDateTime
  std::optional<DateTime> root_time;      // R9: of the root this one answers
  std::optional<DateTime> previous_time;  // R10: of the message that is sent before it
  bool is_reply = false;
  bool root_is_reply = false;  // R11: what it answers is a reply itself
  bool in_chat = false;        // R11, R36: chats have no replies and no subjects
};

// What the rules want to know of one planned message. Views are only looked at during the call.
struct MessageFacts {
  MessageContext context;
  std::string_view createdDateTime;              // R1, R3: as it will be sent
  AuthorFacts author;                            // R12 to R17
  std::string_view contentType;                  // R18
  std::string_view content;                      // R19, R45 to R47; with slots already in their greatest form
  std::string_view subject;                      // R36, R47
  std::string_view importance;                   // R35; empty: normal
  std::string_view locale;                       // R37
  std::span<const MentionFacts> mentions;        // R21 to R24
  std::span<const AttachmentFacts> attachments;  // R25 to R29
  std::span<const ReactionFacts> reactions;      // R30, R31
  std::span<const ImageFacts> images;            // R32 to R34
  std::size_t json_bytes = 0;                    // R20: the planned body without contentBytes, in UTF-8 bytes
  std::size_t json_units = 0;                    // R20: the same in UTF-16 units
  std::size_t parts_bytes = 0;                   // R48: of them, what mentions, attachments and reactions take
  std::size_t request_bytes = 0;                 // R34: the whole request
};

// Every rule on a message: R1 to R3, R5, R9 to R37, R45 to R48. R4 needs all messages of the conversation: TimeSlots.
// Allocates only for what it finds. Tested by tests/native/validate/message_test.cpp.
Findings check_message(const MessageFacts& facts);

// The rules alone, each a push onto `findings` when broken. R12 to R17, R21 to R34: see the headers of the parts.
void check_time(const MessageFacts& facts, Findings& findings);                        // R1, R2, R3, R5, R9, R10
void check_reply_target(const MessageContext& context, Findings& findings);            // R11
void check_body(const MessageFacts& facts, Findings& findings);                        // R18, R19, R45 to R47
void check_references(const MessageFacts& facts, Findings& findings);                  // R21 to R29, R32 to R34
void check_size(const MessageFacts& facts, Findings& findings);                        // R20, R48
void check_importance(std::string_view importance, bool in_chat, Findings& findings);  // R35
void check_subject(std::string_view subject, const MessageContext& context, Findings& findings);  // R36, R47
void check_locale(std::string_view locale, Findings& findings);                                   // R37

// R36: a tag of HTML stands in a text that shall be plain.
bool has_tag(std::string_view text);

}  // namespace teamferry::validate
