#include <algorithm>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "native/emulator/store.h"

// Teams, channels, chats, their members and their import sessions: the lines they are, and what those do.
namespace teamferry::emulator {
namespace {

using nlohmann::json;

constexpr const char* kModes[] = {"none", "inProgress", "completed"};  // by the number of the Mode

json time_or_null(const std::optional<std::int64_t>& time) {
  return time ? json(*time) : json(nullptr);
}

std::optional<std::int64_t> read_time_or_null(const json& value) {
  return value.is_null() ? std::nullopt : std::optional(value.get<std::int64_t>());
}

json member_json(const Member& m) {
  return {{"id", m.id}, {"user", m.user}, {"roles", m.roles}, {"from", m.history_from}};
}

Member read_member(const json& j) {
  return {j.at("id"), j.at("user"), j.at("roles").get<std::vector<std::string>>(), j.at("from")};
}

json members_json(const Members& members) {
  json list = json::array();
  for (const Member& member : members) list.push_back(member_json(member));
  return list;
}

Members read_members(const json& list) {
  Members members;
  for (const json& member : list) members.push_back(read_member(member));
  return members;
}

json conversation_json(const Conversation& c) {
  return {{"id", c.id},
          {"displayName", c.display_name},
          {"description", c.description},
          {"membership", c.membership},
          {"chatType", c.chat_type},
          {"tenant", c.home_tenant},
          {"members", members_json(c.members)},
          {"created", c.created},
          {"updated", c.updated},
          {"visible", c.visible_at},
          {"mode", kModes[static_cast<int>(c.mode)]},
          {"owner", c.owner_app},
          {"original", time_or_null(c.original_created)}};
}

std::unique_ptr<Conversation> read_conversation(const json& j) {
  auto c = std::make_unique<Conversation>();
  c->id = j.at("id");
  c->display_name = j.at("displayName");
  c->description = j.at("description");
  c->membership = j.at("membership");
  c->chat_type = j.at("chatType");
  c->home_tenant = j.at("tenant");
  c->members = read_members(j.at("members"));
  c->created = j.at("created");
  c->updated = j.at("updated");
  c->visible_at = j.at("visible");
  c->owner_app = j.at("owner");
  const auto mode = std::find(std::begin(kModes), std::end(kModes), j.at("mode").get<std::string>());
  if (mode == std::end(kModes)) throw std::out_of_range("an unknown mode");
  c->mode = static_cast<Mode>(mode - std::begin(kModes));
  c->original_created = read_time_or_null(j.at("original"));
  if (c->mode != Mode::none && !c->original_created) c->original_created = c->created;
  return c;
}

json team_json(const Team& t) {
  return {{"id", t.id},
          {"operation", t.operation},
          {"displayName", t.display_name},
          {"description", t.description},
          {"visibility", t.visibility},
          {"members", members_json(t.members)},
          {"created", t.created},
          {"requested", t.requested},
          {"visible", t.visible_at},
          {"failed", t.failed},
          {"owner", t.owner_app},
          {"migrating", t.born_migrating}};
}

std::unique_ptr<Team> read_team(const json& j) {
  auto t = std::make_unique<Team>();
  t->id = j.at("id");
  t->operation = j.at("operation");
  t->display_name = j.at("displayName");
  t->description = j.at("description");
  t->visibility = j.at("visibility");
  t->members = read_members(j.at("members"));
  t->created = j.at("created");
  t->requested = j.at("requested");
  t->visible_at = j.at("visible");
  t->failed = j.at("failed");
  t->owner_app = j.at("owner");
  t->born_migrating = j.at("migrating");
  return t;
}

// What a change speaks of must be there: false only in a damaged log.
template <class Thing>
Thing& known(Thing* thing) {
  if (thing == nullptr) throw std::out_of_range("a change of something that is not there");
  return *thing;
}

Member& known_member(Members& members, const std::string& id) {
  return known(const_cast<Member*>(find_member(members, id)));
}

bool is_open(const Conversation* channel) {
  return channel->mode == Mode::in_progress;
}

}  // namespace

bool Member::is_owner() const {
  return std::find(roles.begin(), roles.end(), "owner") != roles.end();
}

const Member* find_member(const Members& members, std::string_view id) {
  const auto found = std::find_if(members.begin(), members.end(), [&](const Member& m) { return m.id == id; });
  return found == members.end() ? nullptr : &*found;
}

const Member* find_member_of(const Members& members, std::string_view user) {
  const auto found = std::find_if(members.begin(), members.end(), [&](const Member& m) { return m.user == user; });
  return found == members.end() ? nullptr : &*found;
}

bool Store::apply_room(std::string_view op, const json& change) {
  const auto keep = [this](std::unique_ptr<Conversation> room, Team* team) {
    room->team = team;
    auto [place, added] = conversations_.emplace(room->id, nullptr);
    if (!added) throw std::out_of_range("a second room with the id of another");
    (team != nullptr ? team->channels : chats_).push_back(room.get());
    place->second = std::move(room);
  };
  if (op == "team") {
    auto team = read_team(change.at("team"));
    if (!team_index_.emplace(team->id, team.get()).second) throw std::out_of_range("a second team with the same id");
    teams_.push_back(std::move(team));
    keep(read_conversation(change.at("general")), teams_.back().get());
  } else if (op == "delete_team") {
    const Team* gone = &known(find_team(change.at("team").get_ref<const std::string&>()));
    for (const Conversation* channel : gone->channels) conversations_.erase(std::string(channel->id));
    team_index_.erase(std::string(gone->id));
    teams_.erase(std::find_if(teams_.begin(), teams_.end(), [&](const auto& team) { return team.get() == gone; }));
  } else if (op == "channel") {
    keep(read_conversation(change.at("channel")), &known(find_team(change.at("team").get_ref<const std::string&>())));
  } else if (op == "chat") {
    keep(read_conversation(change.at("chat")), nullptr);
  } else if (op == "describe") {
    Conversation& c = known(find_conversation(change.at("conversation").get_ref<const std::string&>()));
    c.display_name = change.at("displayName");
    c.description = change.at("description");
    c.updated = change.at("at");
  } else if (op == "describe_team") {
    Team& t = known(find_team(change.at("team").get_ref<const std::string&>()));
    t.display_name = change.at("displayName");
    t.description = change.at("description");
    t.visibility = change.at("visibility");
  } else {
    return false;
  }
  return true;
}

bool Store::apply_member(std::string_view op, const json& change) {
  if (op != "add_member" && op != "remove_member" && op != "set_roles") return false;
  const std::string& room = change.at("in").get_ref<const std::string&>();
  Members& members = members_of(room);
  if (op == "add_member") {
    members.push_back(read_member(change.at("member")));
  } else if (op == "set_roles") {
    known_member(members, change.at("member")).roles = change.at("roles").get<std::vector<std::string>>();
  } else {
    const std::string user = known_member(members, change.at("member")).user;
    const auto leave = [&](Members& all) {
      all.erase(std::remove_if(all.begin(), all.end(), [&](const Member& m) { return m.user == user; }), all.end());
    };
    leave(members);
    if (const Team* team = find_team(room)) {
      for (Conversation* channel : team->channels) {
        if (channel->membership == "private") leave(channel->members);
      }
    }
  }
  if (Conversation* conversation = find_conversation(room); conversation != nullptr && op != "set_roles") {
    conversation->updated = change.at("at");
  }
  return true;
}

bool Store::apply_session(std::string_view op, const json& change) {
  if (op == "start") {
    Conversation& c = known(find_conversation(change.at("conversation").get_ref<const std::string&>()));
    // The true age is kept from the first start on.
    if (!c.original_created) c.original_created = c.created;
    if (!change.at("created").is_null()) c.created = change.at("created");
    c.import_floor = read_time_or_null(change.at("floor"));
    c.mode = Mode::in_progress;
    c.owner_app = change.at("app");
  } else if (op == "complete") {
    Conversation& c = known(find_conversation(change.at("conversation").get_ref<const std::string&>()));
    c.mode = Mode::completed;
    c.completed_at = change.at("at");
    Team* team = c.team;
    if (team != nullptr && team->born_migrating && team->channels.front() == &c) {
      team->general_completed = true;
      if (std::any_of(team->channels.begin(), team->channels.end(), is_open)) team->general_too_early = true;
    }
  } else if (op == "complete_team") {
    known(find_team(change.at("team").get_ref<const std::string&>())).completed = true;
  } else {
    return false;
  }
  return true;
}

Members& Store::members_of(const std::string& room) {
  if (Team* team = find_team(room)) return team->members;
  return known(find_conversation(room)).members;
}

Team* Store::find_team(std::string_view id) const {
  const auto found = team_index_.find(id);
  return found == team_index_.end() ? nullptr : found->second;
}

Conversation* Store::find_conversation(std::string_view id) const {
  const auto found = conversations_.find(id);
  return found == conversations_.end() ? nullptr : found->second.get();
}

Conversation* Store::find_channel(const Team& team, std::string_view id) const {
  Conversation* found = find_conversation(id);
  return found != nullptr && found->team == &team ? found : nullptr;
}

Conversation* Store::find_chat(std::string_view id) const {
  Conversation* found = find_conversation(id);
  return found != nullptr && found->team == nullptr ? found : nullptr;
}

Status Store::add_team(const Team& team, const Conversation& general) {
  return commit({{"op", "team"}, {"team", team_json(team)}, {"general", conversation_json(general)}});
}

Status Store::add_channel(const Conversation& channel) {
  return commit({{"op", "channel"}, {"team", channel.team->id}, {"channel", conversation_json(channel)}});
}

Status Store::add_chat(const Conversation& chat) {
  return commit({{"op", "chat"}, {"chat", conversation_json(chat)}});
}

Status Store::delete_team(const Team& team) {
  return commit({{"op", "delete_team"}, {"team", team.id}});
}

Status Store::describe(const Conversation& conversation, const std::string& display_name,
                       const std::string& description, std::int64_t now) {
  return commit({{"op", "describe"},
                 {"conversation", conversation.id},
                 {"displayName", display_name},
                 {"description", description},
                 {"at", now}});
}

Status Store::describe_team(const Team& team, const std::string& display_name, const std::string& description,
                            const std::string& visibility) {
  return commit({{"op", "describe_team"},
                 {"team", team.id},
                 {"displayName", display_name},
                 {"description", description},
                 {"visibility", visibility}});
}

Status Store::add_member(const std::string& room, const Member& member, std::int64_t now) {
  return commit({{"op", "add_member"}, {"in", room}, {"member", member_json(member)}, {"at", now}});
}

Status Store::remove_member(const std::string& room, const std::string& member, std::int64_t now) {
  return commit({{"op", "remove_member"}, {"in", room}, {"member", member}, {"at", now}});
}

Status Store::set_roles(const std::string& room, const std::string& member, const std::vector<std::string>& roles) {
  return commit({{"op", "set_roles"}, {"in", room}, {"member", member}, {"roles", roles}});
}

Status Store::start(const Conversation& conversation, const std::string& app, std::optional<std::int64_t> created,
                    std::optional<std::int64_t> import_floor) {
  return commit({{"op", "start"},
                 {"conversation", conversation.id},
                 {"app", app},
                 {"created", time_or_null(created)},
                 {"floor", time_or_null(import_floor)}});
}

Status Store::complete(const Conversation& conversation, std::int64_t now) {
  return commit({{"op", "complete"}, {"conversation", conversation.id}, {"at", now}});
}

Status Store::complete_team(const Team& team) {
  return commit({{"op", "complete_team"}, {"team", team.id}});
}

}  // namespace teamferry::emulator
