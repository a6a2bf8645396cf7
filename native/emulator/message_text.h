#pragma once

#include <string>
#include <string_view>

#include "native/emulator/call.h"

// Prints messages as chatMessage resources and finds them by the ids in paths.
// Tested by tests/native/emulator/messages_test.cpp and hosted_test.cpp.
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

  // "{collection}('{id}')", or of a reply "{collection}('{root}')/replies('{id}')"
  std::string path_of(const Message& message) const;

 private:
  void append_content(std::string& out, const Message& message) const;

  const Call& call_;
  const Conversation& conversation_;
  bool names_events_;  // the client knows messageType systemEventMessage
  std::string encoded_id_;
  std::string collection_;
};

// The content (see Message) of an event of a conversation, like somebody's joining. `detail` is its eventDetail: an
// object of a type derived from microsoft.graph.eventMessageDetail.
std::string event_content(std::string_view detail);

// The message with the id as a path has it: exactly its digits. nullptr: none.
const Message* find_message(const Conversation& conversation, std::string_view id);

// Stored long enough ago to be read.
bool readable(const Call& call, const Message& message);

// What a path of a message is made of.
enum class MessageKind {
  root,   // teams/{}/channels/{}/messages/{}
  reply,  // teams/{}/channels/{}/messages/{}/replies/{}
  chat,   // chats/{}/messages/{}
};

struct FoundMessage {
  const Conversation* conversation = nullptr;
  const Message* message = nullptr;
};

// The readable message that the first keys of the path name. message nullptr: `refused` is the answer.
FoundMessage find_message(const Call& call, MessageKind kind, Answer& refused);

}  // namespace teamferry::emulator
