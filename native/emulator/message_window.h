#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "native/emulator/call.h"

namespace teamferry::emulator {

// Which messages of a chat a list asks for: $orderby with $filter, as far as the service has them. Newest first
// always. Imported messages are never edited, so both properties are the time of creation.
struct MessageWindow {
  std::optional<std::int64_t> before;  // created earlier than this
  std::optional<std::int64_t> after;   // created later than this
  std::string link;                    // the same question as a part of a next link, "&" at its end; empty: none
};

// Nothing for any other $orderby or $filter, and `refused` is the 400.
// Source: https://learn.microsoft.com/graph/api/chat-list-messages (there a $filter without its $orderby is ignored;
// that it is refused here is this emulator's strictness).
// Tested by tests/native/emulator/messages_test.cpp.
std::optional<MessageWindow> read_window(const Call& call, Answer& refused);

}  // namespace teamferry::emulator
