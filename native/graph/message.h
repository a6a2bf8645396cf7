#pragma once

#include <optional>
#include <string>
#include <vector>

#include "native/base/datetime.h"

namespace teamferry::graph {

// The answer to an import. The message is in Graph even if the body could not be read: then `id` is empty.
struct Imported {
  std::string id;
  std::optional<DateTime> createdDateTime;
  std::string json = {};  // the whole message as the service printed it
};

struct Message {
  std::string id;
  std::string replyToId;  // empty: a root
  std::optional<DateTime> createdDateTime;
  std::string from_user_id;  // empty: no user (an application, nobody)
  std::string from_display;
  std::string contentType;  // "html" or "text"
  std::string content;
  bool deleted = false;  // deletedDateTime is set
  std::string messageType;
  std::vector<Message> replies;   // filled by Replies::expanded only
  std::string replies_next_link;  // more of them: hand it to replies_page()
};

struct MessagePage {
  std::vector<Message> messages;
  std::string next_link;  // empty: the last page
};

enum class Replies { left_out, expanded };

}  // namespace teamferry::graph
