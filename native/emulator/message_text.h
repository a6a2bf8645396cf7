#pragma once

#include <string>
#include <string_view>

#include "native/emulator/call.h"

// Prints messages as chatMessage resources and finds them by the ids in paths.
namespace teamferry::emulator {

// What all messages of one conversation share in one answer.
class MessagePrinter {
 public:
  MessagePrinter(const Call& call, const Conversation& conversation);

  // Appends the members of a message, without braces.
  void append(std::string& out, const Message& message) const;

  // A single message with its context.
  std::string entity(const Message& message) const;

  // "teams('..')/channels('..')/messages" or "chats('..')/messages"
  const std::string& collection() const { return collection_; }

 private:
  const Call& call_;
  const Conversation& conversation_;
  std::string encoded_id_;
  std::string collection_;
};

// The message with the id as a path has it: exactly its digits. nullptr: none.
const Message* find_message(const Conversation& conversation, std::string_view id);

// Stored long enough ago to be read.
bool readable(const Call& call, const Message& message);

}  // namespace teamferry::emulator
