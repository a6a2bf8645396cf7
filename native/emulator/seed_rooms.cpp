#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "native/emulator/ids.h"
#include "native/emulator/seed.h"
#include "native/emulator/team_rules.h"
#include "native/emulator/text.h"

// The teams, channels and chats of a seed.
namespace teamferry::emulator {
namespace {

// As it is written; else a second before the first message, so that this may be; else now.
std::int64_t creation_of(const SeedValue& room, std::optional<std::int64_t> first_message, std::int64_t now) {
  const auto given = room.time("createdDateTime");
  if (given && *given > now) room.at("createdDateTime").fail("is in the future");
  if (given) return *given;
  return first_message ? *first_message - 1000 : now;
}

// An id that is the same in every emulator: written, or following from the place's name.
std::string id_of(const SeedValue& value, const Store& store, std::string_view name) {
  if (const auto id = value.find("id")) {
    const std::string text = id->text();
    if (!is_guid(text)) id->fail(fmt::format("'{}' is no GUID", text));
    return lower_ascii(text);
  }
  return guid_of(fmt::format("{}/{}", store.tenant().id, name));
}

void add_members(const SeedValue& value, const char* key, std::vector<std::string> roles, const std::string& room,
                 const Store& store, Members& members) {
  for (const SeedValue& each : value.items(key)) {
    const User& user = seed_user(each, store);
    if (find_member_of(members, user.id) != nullptr) each.fail(fmt::format("{} is there twice", user.displayName));
    if (user.userType == "Guest") {
      if (!roles.empty()) each.fail(fmt::format("{} is a guest, who cannot be an owner", user.displayName));
      members.push_back({new_member_id(room, user.id), user.id, {"guest"}});
    } else {
      members.push_back({new_member_id(room, user.id), user.id, roles});
    }
  }
}

Members read_members(const SeedValue& value, const std::string& room, const Store& store) {
  Members members;
  add_members(value, "owners", {"owner"}, room, store, members);
  if (members.empty()) value.fail("needs 'owners', one at least");
  add_members(value, "members", {}, room, store, members);
  return members;
}

void refuse(const SeedValue& value, const char* key, const std::string& problem) {
  if (!problem.empty()) value.at(key).fail(problem);
}

Conversation read_channel(const SeedValue& value, const Team& team, const Store& store, std::int64_t now) {
  value.keys(
      {"id", "displayName", "description", "membershipType", "createdDateTime", "owners", "members", "messages"});
  Conversation channel;
  channel.display_name = value.at("displayName").text();
  refuse(value, "displayName", channel_name_problem(channel.display_name));
  channel.description = value.text("description", "");
  refuse(value, "description", channel_description_problem(channel.description));
  channel.id = channel_id(id_of(value, store, fmt::format("{}/{}", team.id, fold_case(channel.display_name))));
  channel.membership = value.text("membershipType", "standard");
  channel.created = creation_of(value, first_message_time(value), now);
  channel.visible_at = channel.created;
  if (channel.membership == "standard") {
    for (const char* key : {"owners", "members"}) {
      if (value.find(key)) value.at(key).fail("is the team's in a standard channel; leave it out");
    }
    return channel;
  }
  if (channel.membership != "private" && channel.membership != "shared") {
    value.at("membershipType").fail("must be standard, private or shared");
  }
  channel.members = read_members(value, channel.id, store);
  for (const Member& member : channel.members) {
    if (channel.membership == "shared" || find_member_of(team.members, member.user) != nullptr) continue;
    value.fail(fmt::format("{} is in a private channel and must be in the team, too",
                           store.find_user(member.user)->displayName));
  }
  return channel;
}

void refuse_known(const SeedValue& value, const std::string& channel, const Store& store) {
  for (const auto& team : store.teams()) {
    if (store.find_channel(*team, channel) != nullptr) value.fail("has an 'id' that an earlier channel has");
  }
}

bool is_general(const SeedValue& channel) {
  return channel.text("displayName", "") == "General";
}

void seed_team(const SeedValue& value, Store& store, std::int64_t now) {
  value.keys({"id", "displayName", "description", "visibility", "createdDateTime", "owners", "members", "channels"});
  Team team;
  team.display_name = value.at("displayName").text();
  team.description = value.text("description", "");
  team.visibility = value.text("visibility", "private");
  const std::string problem = team_problem(team.display_name, team.description, team.visibility);
  if (!problem.empty()) value.fail(problem);
  team.id = id_of(value, store, "team/" + team.display_name);
  if (store.find_team(team.id) != nullptr) value.fail("is there already; give each team of this name an 'id'");
  team.operation = guid_of("operation:" + team.id);
  team.members = read_members(value, team.id, store);

  const std::vector<SeedValue> channels = value.items("channels");
  std::optional<std::int64_t> first;
  for (const SeedValue& each : channels) {
    auto created = each.time("createdDateTime");
    if (const auto message = first_message_time(each); !created && message) created = *message - 1000;
    if (created) first = std::min(first.value_or(*created), *created);
  }
  team.created = value.find("createdDateTime") ? creation_of(value, std::nullopt, now) : first.value_or(now);
  team.requested = team.created;
  team.visible_at = team.created;

  const auto own_general = std::find_if(channels.begin(), channels.end(), is_general);
  Conversation general;
  if (own_general != channels.end()) {
    general = read_channel(*own_general, team, store, now);
    refuse_known(*own_general, general.id, store);
    if (general.membership != "standard") own_general->at("membershipType").fail("must be standard: it is General");
  } else {
    general.id = channel_id(guid_of(team.id + "/general"));
    general.display_name = "General";
    general.description = team.description;
    general.created = team.created;
    general.visible_at = team.created;
  }
  must(store.add_team(team, general));
  Team& added = *store.find_team(team.id);
  if (own_general != channels.end()) seed_messages(*own_general, store, *added.channels.front(), now);

  std::set<std::string> names = {"general"};
  for (auto each = channels.begin(); each != channels.end(); ++each) {
    if (each == own_general) continue;
    Conversation channel = read_channel(*each, added, store, now);
    if (!names.insert(fold_case(channel.display_name)).second) {
      each->at("displayName").fail("is the name of an earlier channel of this team");
    }
    refuse_known(*each, channel.id, store);
    channel.team = &added;
    must(store.add_channel(channel));
    seed_messages(*each, store, *store.find_channel(added, channel.id), now);
  }
}

Members read_chat_members(const SeedValue& value, const Store& store) {
  Members members;
  for (const SeedValue& each : value.at("members").items()) {
    Member member;
    SeedValue name = each;
    if (!each.is_text()) {
      each.keys({"user", "visibleHistoryStartDateTime"});
      name = each.at("user");
      member.history_from = each.time("visibleHistoryStartDateTime").value_or(member.history_from);
    }
    const User& user = seed_user(name, store);
    if (find_member_of(members, user.id) != nullptr) name.fail(fmt::format("{} is there twice", user.displayName));
    member.user = user.id;
    member.roles = {user.userType == "Guest" ? "guest" : "owner"};  // in a chat everybody else is one
    members.push_back(std::move(member));
  }
  return members;
}

void seed_chat(const SeedValue& value, Store& store, std::int64_t now) {
  value.keys({"id", "chatType", "topic", "createdDateTime", "members", "messages"});
  Conversation chat;
  chat.chat_type = value.at("chatType").text();
  chat.display_name = value.text("topic", "");
  chat.members = read_chat_members(value, store);
  const bool pair = chat.chat_type == "oneOnOne";
  if (pair) {
    if (chat.members.size() != 2) value.at("members").fail("must be two, since the chat is oneOnOne");
    for (const char* key : {"id", "topic"}) {
      if (value.find(key)) value.at(key).fail("is nothing that a oneOnOne chat has; leave it out");
    }
    chat.id = one_on_one_id(chat.members[0].user, chat.members[1].user);
  } else if (chat.chat_type == "group" || chat.chat_type == "meeting") {
    if (chat.members.size() < 2) value.at("members").fail("must be two or more");
    const std::string guid = id_of(value, store, fmt::format("chat/{}/{}", value.path(), chat.display_name));
    chat.id = chat.chat_type == "group" ? group_chat_id(guid) : fmt::format("19:meeting_{}@thread.v2", base64url(guid));
  } else {
    value.at("chatType").fail("must be oneOnOne, group or meeting");
  }
  if (store.find_chat(chat.id) != nullptr) value.fail("is there already: these two have a chat, or the 'id' is taken");
  for (Member& member : chat.members) member.id = new_member_id(chat.id, member.user);
  chat.created = creation_of(value, first_message_time(value), now);
  chat.updated = chat.created;
  chat.visible_at = chat.created;
  must(store.add_chat(chat));
  seed_messages(value, store, *store.find_chat(chat.id), now);
}

}  // namespace

void seed_teams(const SeedValue& root, Store& store, std::int64_t now) {
  for (const SeedValue& each : root.items("teams")) seed_team(each, store, now);
}

void seed_chats(const SeedValue& root, Store& store, std::int64_t now) {
  for (const SeedValue& each : root.items("chats")) seed_chat(each, store, now);
}

}  // namespace teamferry::emulator
