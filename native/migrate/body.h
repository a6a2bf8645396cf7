#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "native/journal/journal.h"

namespace teamferry::migrate {

// Writes the JSON of what is sent: byte for byte the same for the same input. createdDateTime is not in it; it is
// put in front when the message is sent (journal::full_body).
// Tested by tests/native/migrate/body_test.cpp.

// A JSON string with its quotes. Escapes what JSON demands and nothing else; `text` should be valid UTF-8.
void append_json_string(std::string& out, std::string_view text);

// Text as HTML shows it: & < > " are escaped.
void append_html_text(std::string& out, std::string_view text);

// The text of a piece of HTML: tags gone, character references read.
std::string text_of_html(std::string_view html);

struct Mention {
  std::string text;     // what stands inside <at>, as text
  std::string user_id;  // an Entra object id
  std::string displayName;
};

struct BodyParts {
  std::string_view from;  // from_json() of the author
  std::string_view content;
  const std::vector<Mention>* mentions = nullptr;
  std::string_view subject;     // empty: none
  std::string_view importance;  // empty: normal
};

// {"user":{"id":"..","displayName":"..","userIdentityType":"aadUser"}}
std::string from_json(std::string_view user_id, std::string_view displayName);

// Replaces what `out` held; its memory is used again.
void write_message_body(std::string& out, const BodyParts& parts);

struct TeamParts {
  std::string_view graph_url;  // with its version: "https://graph.microsoft.com/v1.0"
  std::string_view displayName, description, createdDateTime;
};
std::string team_body(const TeamParts& parts);

std::string channel_body(std::string_view displayName, std::string_view description, std::string_view createdDateTime);

// A channel that is created normally, with its first members: none for a standard one.
struct ChannelParts {
  std::string_view graph_url;  // as above
  std::string_view displayName, description, membershipType;
  std::span<const journal::Member> members;
};
std::string normal_channel_body(const ChannelParts& parts);

struct ChatParts {
  std::string_view graph_url;  // as above
  std::string_view chatType, topic;
  std::span<const journal::Member> members;
};
std::string chat_body(const ChatParts& parts);

}  // namespace teamferry::migrate
