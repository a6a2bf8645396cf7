#include <algorithm>
#include <nlohmann/json.hpp>

#include "native/emulator/ids.h"
#include "native/emulator/members.h"
#include "native/emulator/routes.h"
#include "native/emulator/session.h"
#include "native/emulator/time.h"

namespace teamferry::emulator {
namespace {

using nlohmann::json;

constexpr char kPairDuplicates[] = "Cannot create one-on-one chat with duplicate members";

// The members of a new chat; false, and `refused` is the answer.
bool read_members(const Call& call, const json& body, Conversation& chat, Answer& refused) {
  const auto invitations = read_invitations(call, body, "members", refused);
  if (!invitations) return false;
  const bool pair = chat.chat_type == "oneOnOne";
  for (const Invitation& each : *invitations) {
    if (each.user == nullptr) {
      refused = nobody(each);
    } else if (each.history_from) {
      refused = Answer::bad_request("visibleHistoryStartDateTime cannot be set when a chat is created.");
    } else if (find_member_of(chat.members, each.user->id) != nullptr) {
      refused = Answer::bad_request(pair ? kPairDuplicates : "Duplicate chat members is specified");
    } else {
      chat.members.push_back({"", each.user->id, each.roles});
      continue;
    }
    return false;
  }
  if (pair && chat.members.size() != 2) {
    refused = Answer::bad_request(kPairDuplicates).inner("1", "A one-on-one chat has exactly two different members.");
    return false;
  }
  if (chat.members.size() < 2) {
    refused = Answer::bad_request("A group chat has at least two members.");
    return false;
  }
  return true;
}

// The names in $expand, without their options in brackets; nothing for an unknown one, and `refused` is the answer.
std::optional<std::vector<std::string>> read_expand(const Call& call, Answer& refused) {
  std::vector<std::string> names;
  const auto wanted = call.query.find("$expand");
  if (wanted == call.query.end()) return names;
  names.emplace_back();
  int depth = 0;
  for (const char c : wanted->second) {
    if (c == '(') ++depth;
    if (c == ',' && depth == 0) {
      names.emplace_back();
    } else if (depth == 0) {
      names.back() += c;
    }
    if (c == ')') --depth;
  }
  for (const std::string& name : names) {
    if (name == "members" || name == "lastMessagePreview") continue;
    refused = Answer::bad_request(
        fmt::format("Parsing OData Select and Expand failed: Could not find a property named '{}' on type "
                    "'microsoft.graph.chat'.",
                    name));
    return std::nullopt;
  }
  return names;
}

Json preview(const Conversation& chat, const Call& call) {
  for (const auto& entry : chat.roots) {
    const Message& message = chat.messages[entry.second];
    if (message.stored + call.options.read_lag.count() > call.now) continue;
    const Json content = Json::parse("{" + message.content + "}", nullptr, false);
    const auto part = [&](const char* name) { return content.contains(name) ? content[name] : Json(nullptr); };
    return {{"id", std::to_string(message.id)},
            {"createdDateTime", print_time(message.created)},
            {"isDeleted", false},
            {"messageType", "message"},
            {"eventDetail", nullptr},
            {"body", part("body")},
            {"from", part("from")}};
  }
  return nullptr;
}

Json print_chat(const Conversation& chat, const Call& call) {
  Json meeting = nullptr;
  if (chat.chat_type == "meeting") {
    meeting = {{"calendarEventId", nullptr},
               {"joinWebUrl", "https://teams.microsoft.com/l/meetup-join/" + percent_encode(chat.id) + "/0"},
               {"organizer", nullptr}};
  }
  const std::string tenant = chat.home_tenant.empty() ? call.store.tenant().id : chat.home_tenant;
  Json printed = {
      {"id", chat.id},
      {"topic", chat.display_name.empty() ? Json(nullptr) : Json(chat.display_name)},
      {"createdDateTime", print_time(chat.created)},
      {"lastUpdatedDateTime", print_time(chat.updated)},
      {"chatType", chat.chat_type},
      {"webUrl", fmt::format("https://teams.microsoft.com/l/chat/{}/0?tenantId={}", percent_encode(chat.id), tenant)},
      {"tenantId", tenant},
      {"onlineMeetingInfo", meeting},
      {"viewpoint", nullptr},
      {"isHiddenForAllMembers", false}};
  print_session(call, chat, printed);
  return printed;
}

void expand(const Conversation& chat, const Call& call, Json& printed) {
  Answer unread;
  for (const std::string& name : read_expand(call, unread).value_or(std::vector<std::string>())) {
    if (name == "lastMessagePreview") {
      printed[name] = preview(chat, call);
      continue;
    }
    Json members = Json::array();
    for (const Member& member : chat.members) members.push_back(print_member(call, member));
    printed["members@odata.context"] = call.context(chat_roster(chat).context);
    printed[name] = std::move(members);
  }
}

Answer answer_chat(const Call& call, const Conversation& chat, int status) {
  Answer refused;
  if (!read_expand(call, refused)) return refused;
  auto printed = select(call, print_chat(chat, call), {}, refused);
  if (!printed) return refused;
  expand(chat, call, *printed);
  Json body = {{"@odata.context", call.context("chats" + select_context(call) + "/$entity")}};
  body.update(*printed);
  return Answer::success(status, body.dump());
}

std::optional<std::string> lookup(const Conversation& chat, std::string_view property) {
  if (property == "id") return chat.id;
  if (property == "chatType") return chat.chat_type;
  return chat.display_name.empty() ? std::nullopt : std::optional(chat.display_name);
}

// `user` nullptr: the chats of everybody.
Answer answer_chats(const Call& call, const User* user, std::string path) {
  Answer refused;
  if (!read_expand(call, refused)) return refused;
  std::vector<const Conversation*> chats;
  for (const Conversation* chat : call.store.chats()) {
    if (user == nullptr || find_member_of(chat->members, user->id) != nullptr) chats.push_back(chat);
  }
  const Shape<Conversation> shape = {std::move(path), {"id", "topic", "chatType"}, lookup, print_chat, {}, "chats",
                                     expand};
  return answer_collection(
      call, shape, [&](const std::optional<Filter>&) { return chats; }, 20, 50);
}

// Empty: the chat may have this topic.
std::string topic_problem(const Conversation& chat, const std::string& topic) {
  if (chat.chat_type != "group") return "Only group chats have a topic.";
  if (utf16_length(topic) > 250) return "The topic of a chat is longer than 250 characters.";
  return "";
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
  const std::string problem = chat.display_name.empty() ? "" : topic_problem(chat, chat.display_name);
  if (!problem.empty()) return Answer::bad_request(problem);
  if (!read_members(call, *body, chat, refused)) return refused;
  if (chat.chat_type == "oneOnOne") {
    chat.id = one_on_one_id(chat.members[0].user, chat.members[1].user);
    // The pair's chat is for life: it is handed out again, with all that lives in it.
    if (const Conversation* known = call.store.find_chat(chat.id)) return answer_chat(call, *known, 201);
  } else {
    chat.id = group_chat_id(random_guid());
  }
  for (Member& member : chat.members) member.id = new_member_id(chat.id, member.user);
  chat.created = chat.updated = call.now;
  Status added = call.store.add_chat(chat);
  return added ? answer_chat(call, chat, 201) : storage_failed(added.error());
}

Answer list_chats(Call& call) {
  return answer_chats(call, nullptr, "chats");
}

Answer list_user_chats(Call& call) {
  const User* user = call.store.find_user(call.keys[0]);
  if (user != nullptr) return answer_chats(call, user, fmt::format("users/{}/chats", user->id));
  return Answer::error(404, "Request_ResourceNotFound",
                       fmt::format("Resource '{}' does not exist or one of its queried reference-property objects are "
                                   "not present.",
                                   call.keys[0]));
}

Answer get_chat(Call& call) {
  Answer refused;
  const Conversation* chat = find_chat(call, refused);
  return chat == nullptr ? refused : answer_chat(call, *chat, 200);
}

Answer get_user_chat(Call& call) {
  Answer refused;
  const Conversation* chat = find_user_chat(call, refused);
  return chat == nullptr ? refused : answer_chat(call, *chat, 200);
}

Answer update_chat(Call& call) {
  Answer refused;
  const Conversation* chat = find_chat(call, refused);
  if (chat == nullptr) return refused;
  const auto body = read_object(call, false, refused);
  if (!body) return refused;
  const std::string fixed = unknown_member(*body, {"topic"});
  if (!fixed.empty()) return Answer::bad_request(fmt::format("The property '{}' cannot be updated.", fixed));
  if (auto missing = missing_role(call.caller, {"Chat.ReadWrite.All"})) return *missing;
  std::string topic;
  if (!read_text(*body, "topic", topic, refused)) return refused;
  const std::string problem = topic_problem(*chat, topic);
  if (!problem.empty()) return Answer::bad_request(problem);
  Status changed = call.store.describe(*chat, topic, "", call.now);
  return changed ? answer_chat(call, *chat, 200) : storage_failed(changed.error());
}

}  // namespace teamferry::emulator
