#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "native/base/datetime.h"
#include "native/validate/finding.h"

namespace teamferry::validate {

// What the rules want to know of one planned message. Views are only looked at during the call.
struct MessageFacts {
  std::string_view createdDateTime;       // as it will be sent
  DateTime now;                           // R2: the service's own time where it is known
  std::optional<DateTime> floor;          // R5: the conversation's createdDateTime
  std::optional<DateTime> root_time;      // R9: of the root this one answers
  std::optional<DateTime> previous_time;  // R10: of the message that is sent before it
  bool is_reply = false;
  bool root_is_reply = false;     // R11: what it answers is a reply itself
  bool in_chat = false;           // R11: chats have no replies
  std::string_view from_user_id;  // R12
  std::string_view contentType;   // R18
  std::string_view content;       // R19, R45 to R47; with slots already in their greatest form
  std::string_view subject;       // R47
  bool needs_html = false;        // R18: it has mentions, attachments or images
  std::size_t json_bytes = 0;     // R20: the planned body without contentBytes, in UTF-8 bytes
  std::size_t json_units = 0;     // R20: the same in UTF-16 units
};

// Every rule on a message: R1 to R3, R5, R9 to R12, R18 to R20, R45 to R47. R4 needs all messages of the
// conversation: TimeSlots. Allocates only for what it finds.
// Tested by tests/native/validate/message_test.cpp.
Findings check_message(const MessageFacts& facts);

// The rules alone, each a push onto `findings` when broken.
void check_time(const MessageFacts& facts, Findings& findings);          // R1, R2, R3, R5, R9, R10
void check_reply_target(const MessageFacts& facts, Findings& findings);  // R11
void check_author(const MessageFacts& facts, Findings& findings);        // R12
void check_body(const MessageFacts& facts, Findings& findings);          // R18, R19, R45 to R47
void check_size(const MessageFacts& facts, Findings& findings);          // R20

// A user's object id: a GUID of 8-4-4-4-12 hexadecimal digits that is not all zeros.
bool is_object_id(std::string_view text);

}  // namespace teamferry::validate
