#pragma once

#include <span>
#include <string_view>

#include "native/validate/finding.h"

namespace teamferry::validate {

// What the rules want to know of a chat that is to be created or filled. What is empty is not judged, but chatType.
struct ChatFacts {
  std::string_view chatType, topic;
  std::span<const std::string_view> members;  // object ids or names of users, as they are bound
  std::string_view id;                        // of a chat that is there already
  std::string_view tenantId, our_tenant;
};

// R42: as it is created. Tested by tests/native/validate/chat_test.cpp.
void check_new_chat(const ChatFacts& facts, Findings& findings);

// R43: as a target of an import.
void check_target_chat(const ChatFacts& facts, Findings& findings);

// R44: one app starts, imports into and completes a conversation. Both are client ids; an empty owner is not known.
void check_session(std::string_view owner_client_id, std::string_view our_client_id, Findings& findings);

}  // namespace teamferry::validate
