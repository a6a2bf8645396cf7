#include <algorithm>
#include <nlohmann/json.hpp>

#include "native/emulator/collection.h"
#include "native/emulator/ids.h"
#include "native/emulator/routes.h"
#include "native/emulator/tenant.h"
#include "native/emulator/time.h"

namespace teamferry::emulator {
namespace {

using nlohmann::json;

bool read_members(const Call& call, const json& body, Conversation& chat, Answer& refused) {
  const auto members = body.find("members");
  if (members == body.end() || !members->is_array()) {
    refused = Answer::bad_request("A chat needs its members.");
    return false;
  }
  for (const json& member : *members) {
    const User* user = bound_user(call, member);
    if (user == nullptr) {
      refused = Answer::bad_request("A member's user@odata.bind names no user of the tenant.");
    } else if (member.contains("visibleHistoryStartDateTime")) {
      refused = Answer::bad_request("visibleHistoryStartDateTime cannot be set when a chat is created.");
    } else if (find_member_of(chat.members, user->id) != nullptr) {
      refused =
          Answer::bad_request(chat.chat_type == "oneOnOne" ? "Cannot create one-on-one chat with duplicate members"
                                                           : "Duplicate chat members is specified");
    } else {
      chat.members.push_back({new_member_id("", user->id), user->id, {"owner"}});
      continue;
    }
    return false;
  }
  if (chat.chat_type == "oneOnOne" ? chat.members.size() != 2 : chat.members.size() < 2) {
    refused = Answer::bad_request("The number of members does not fit the type of the chat.");
    return false;
  }
  return true;
}

std::string print(const Call& call, const Conversation& chat) {
  const Json mode =
      chat.mode == Mode::none ? Json(nullptr) : Json(chat.mode == Mode::in_progress ? "inProgress" : "completed");
  const Json body = {
      {"@odata.context", call.context("chats/$entity")},
      {"id", chat.id},
      {"topic", chat.display_name.empty() ? Json(nullptr) : Json(chat.display_name)},
      {"createdDateTime", print_time(chat.created)},
      {"lastUpdatedDateTime", print_time(chat.created)},
      {"chatType", chat.chat_type},
      {"webUrl",
       fmt::format("https://teams.microsoft.com/l/chat/{}/0?tenantId={}", percent_encode(chat.id), kTenantId)},
      {"tenantId", kTenantId},
      {"onlineMeetingInfo", nullptr},
      {"viewpoint", nullptr},
      {"isHiddenForAllMembers", false},
      {"migrationMode", mode},
      {"originalCreatedDateTime", chat.original_created ? Json(print_time(*chat.original_created)) : Json(nullptr)}};
  return body.dump();
}

}  // namespace

Answer create_chat(Call& call) {
  Answer refused;
  const auto body = read_object(call, false, refused);
  if (!body) return refused;
  const std::string unknown = unknown_member(*body, {"chatType", "topic", "members", "installedApps"});
  if (!unknown.empty()) return unknown_member_answer(unknown, "microsoft.graph.chat");
  Conversation chat;
  if (!read_text(*body, "chatType", chat.chat_type, refused) ||
      !read_text(*body, "topic", chat.display_name, refused)) {
    return refused;
  }
  if (chat.chat_type != "group" && chat.chat_type != "oneOnOne") {
    return Answer::bad_request(fmt::format("Chats of type '{}' cannot be created.", chat.chat_type));
  }
  if (chat.chat_type == "oneOnOne" && !chat.display_name.empty()) {
    return Answer::bad_request("A one-on-one chat has no topic.");
  }
  if (!read_members(call, *body, chat, refused)) return refused;
  if (chat.chat_type == "oneOnOne") {
    chat.id = one_on_one_id(chat.members[0].user, chat.members[1].user);
    // The pair's chat is for life: it is handed out again, with all that lives in it.
    if (const Conversation* known = call.store.find_chat(chat.id)) return Answer::success(201, print(call, *known));
  } else {
    chat.id = group_chat_id(random_guid());
  }
  chat.created = call.now;
  Status added = call.store.add_chat(chat);
  if (!added) return storage_failed(added.error());
  return Answer::success(201, print(call, chat));
}

Answer get_chat(Call& call) {
  Answer refused;
  const Conversation* chat = find_chat(call, refused);
  return chat == nullptr ? refused : Answer::ok(print(call, *chat));
}

}  // namespace teamferry::emulator
