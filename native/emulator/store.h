#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "native/base/result.h"
#include "native/emulator/blobs.h"
#include "native/emulator/directory.h"
#include "native/emulator/drives.h"
#include "native/emulator/emulator.h"
#include "native/emulator/log.h"
#include "native/emulator/tenant.h"
#include "native/emulator/time.h"

// What the tenant holds. Every change is first a line of the log, then applied, by the same code that applies it when
// the log is read again; so a restarted emulator cannot differ from the one that was killed.
//
// The store knows what a change does, not whether it is allowed: that is the routes' business. Not thread-safe.
// Times are milliseconds since 1970. Tested by tests/native/emulator/durability_test.cpp.
namespace teamferry::emulator {

enum class Mode { none, in_progress, completed };

struct Message {
  std::int64_t created = 0;
  std::int64_t stored = 0;  // for the read lag
  std::uint64_t id = 0;
  std::uint64_t root = 0;  // id of the root it replies to; 0: a root itself
  std::string content;     // the members a client decides, as JSON without braces, ready to be answered
};

// A picture inside a message. Its bytes are a blob.
struct HostedImage {
  std::string id;    // hosted.h: unique in the tenant, in paths and in the message's content
  std::string blob;  // empty until it is put
  std::string type;  // "image/png"
};

// Message numbers of one collection, newest first.
using Order = std::map<std::int64_t, std::uint32_t, std::greater<>>;

// Somebody's place in a team, a chat, or a private or shared channel.
struct Member {
  std::string id;                        // opaque: new_member_id()
  std::string user;                      // the id of a User
  std::vector<std::string> roles;        // none, "owner" or "guest"
  std::int64_t history_from = kMinTime;  // chats: sees what was created from here on

  bool is_owner() const;
};

using Members = std::vector<Member>;

const Member* find_member(const Members& members, std::string_view id);
const Member* find_member_of(const Members& members, std::string_view user);  // by the id of the user

struct Team;

struct Conversation {
  std::string id;
  Team* team = nullptr;      // nullptr: a chat
  std::string display_name;  // chats: the topic
  std::string description;
  std::string membership = "standard";  // channels: or "private", "shared"
  std::string chat_type;                // chats: "group", "oneOnOne" or "meeting"
  std::string home_tenant;              // chats: of another tenant; empty: ours
  Members members;                      // not of standard channels: theirs are the team's
  std::int64_t created = 0;
  std::int64_t updated = 0;  // chats: when the topic or the members last changed
  std::int64_t visible_at = 0;

  // The import session: the app that started it, and the age that the conversation had before the first one.
  Mode mode = Mode::none;
  std::string owner_app;
  std::optional<std::int64_t> original_created;
  std::optional<std::int64_t> import_floor;  // of this session only, when later than `created`
  std::optional<std::int64_t> completed_at;  // of the last session

  // Imports must be later than this.
  std::int64_t floor() const { return import_floor ? std::max(created, *import_floor) : created; }

  std::deque<Message> messages;
  std::unordered_map<std::int64_t, std::uint32_t> by_time;  // roots and replies: their milliseconds are unique
  std::unordered_map<std::uint64_t, std::uint32_t> by_id;   // those whose id is not their `created`
  Order roots;
  std::unordered_map<std::uint64_t, Order> replies;                      // by the id of the root
  std::unordered_map<std::uint64_t, std::vector<HostedImage>> pictures;  // by the id of the message

  const Message* find(std::uint64_t message_id) const;
  const std::vector<HostedImage>& pictures_of(const Message& message) const;
};

struct Team {
  std::string id;
  std::string operation;
  std::string display_name;
  std::string description;
  std::string visibility;
  Members members;
  std::int64_t created = 0;
  std::int64_t requested = 0;   // when it was asked for: its operation runs from here ...
  std::int64_t visible_at = 0;  // ... to here
  bool failed = false;
  std::string owner_app;
  bool born_migrating = false;
  bool completed = false;
  bool general_completed = false;       // no more migration channels
  bool general_too_early = false;       // completed while others were open: the team cannot be completed
  std::vector<Conversation*> channels;  // the first is General

  bool under_migration() const { return born_migrating && !completed && !general_completed; }
};

// Finds by std::string_view, without a copy.
struct TextHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
};
template <class Value>
using TextMap = std::unordered_map<std::string, Value, TextHash, std::equal_to<>>;

class Store {
 public:
  // `data_dir` empty: in memory. A folder without a past begins with `tenant`, any other keeps its own. Without a seed
  // the default users are part of it, the fallback user always.
  static Result<std::unique_ptr<Store>> open(const std::string& data_dir, const Tenant& tenant = {});

  const Tenant& tenant() const { return tenant_; }
  const std::vector<App>& apps() const { return apps_; }  // of the seed

  // Whether all of the seed is in: what a kill interrupted is not a tenant that anybody described.
  bool seeded() const { return seeded_; }
  bool is_new() const { return is_new_; }  // begun by this open()

  // Signs page marks; as old as the folder, so that they outlive a restart.
  const std::string& key() const { return key_; }

  // Signs tokens (PEM, private): the process's, made when it is first asked for, and kept by a folder from then on.
  // Fails if it cannot be kept.
  Result<std::string> signing_key();

  // What is too large for a line: put the bytes first, then commit the change that speaks of their id.
  Blobs& blobs() const { return *blobs_; }

  // Their changes go through the same log.
  Drives& drives() { return drives_; }

  const Directory& directory() const { return directory_; }
  const std::vector<User>& users() const { return directory_.users(); }
  const User* find_user(std::string_view id_or_name) const { return directory_.find(id_or_name); }
  const std::vector<std::unique_ptr<Team>>& teams() const { return teams_; }
  const std::vector<Conversation*>& chats() const { return chats_; }  // the oldest first
  Team* find_team(std::string_view id) const;
  Conversation* find_channel(const Team& team, std::string_view id) const;
  Conversation* find_chat(std::string_view id) const;

  // Changes. A failure is the disk's; the state is then as before.
  Status add_app(const App& app);
  Status set_seeded();
  Status add_user(const User& user);

  // Rooms come with their members, times and mode; messages, completions and what points into the store (team,
  // channels, messages, bucket) are not read from what is passed in. A room in migration mode without an
  // original_created was born migrating. An id that is there already, or has a quote or backslash in it, is the
  // caller's mistake.
  Status add_team(const Team& team, const Conversation& general);
  Status add_channel(const Conversation& channel);  // channel.team says where
  Status add_chat(const Conversation& chat);
  Status delete_team(const Team& team);
  Status describe(const Conversation& conversation, const std::string& display_name, const std::string& description,
                  std::int64_t now);
  Status describe_team(const Team& team, const std::string& display_name, const std::string& description,
                       const std::string& visibility);

  // `room` is the id of a team, chat or channel. Whoever leaves a team leaves its private channels too.
  Status add_member(const std::string& room, const Member& member, std::int64_t now);
  Status remove_member(const std::string& room, const std::string& member, std::int64_t now);
  Status set_roles(const std::string& room, const std::string& member, const std::vector<std::string>& roles);

  // `created` nothing: the conversation stays as old as it is. `import_floor`: see Conversation.
  Status start(const Conversation& conversation, const std::string& app, std::optional<std::int64_t> created,
               std::optional<std::int64_t> import_floor = std::nullopt);
  Status complete(const Conversation& conversation, std::int64_t now);
  Status complete_team(const Team& team);
  // The millisecond must be free and the root, if any, be there. Settles the id: the wished one or the next free.
  Result<const Message*> add_message(Conversation& conversation, Message message,
                                     std::vector<HostedImage> pictures = {});

  // An id of arrival: the time, or one more than the last.
  std::uint64_t next_ingestion_id(std::int64_t now);

 private:
  Store() = default;
  Status begin(const Tenant& tenant);
  Status replay(std::string_view line);
  Status replay_message(std::string_view line);  // store_messages.cpp
  Status commit(const nlohmann::json& change);
  void apply(const nlohmann::json& change);
  // store_rooms.cpp. False: `op` is none of these.
  bool apply_room(std::string_view op, const nlohmann::json& change);
  bool apply_member(std::string_view op, const nlohmann::json& change);
  bool apply_session(std::string_view op, const nlohmann::json& change);
  Members& members_of(const std::string& room);
  // store_messages.cpp
  static constexpr std::string_view kMessageStart = R"({"op":"message","conversation":")";
  const Message* apply_message(Conversation& conversation, Message message, std::vector<HostedImage> pictures);
  void set_signing_key(std::string pem);
  Conversation* find_conversation(std::string_view id) const;

  std::unique_ptr<Log> log_;  // nullptr: in memory
  std::unique_ptr<Blobs> blobs_;
  Drives drives_{[this](const nlohmann::json& change) { return commit(change); }};
  std::string key_;
  std::string signing_key_;
  Tenant tenant_;
  bool is_new_ = false;
  bool seeded_ = false;
  std::vector<App> apps_;
  Directory directory_;
  std::vector<std::unique_ptr<Team>> teams_;
  TextMap<Team*> team_index_;  // by id
  TextMap<std::unique_ptr<Conversation>> conversations_;
  std::vector<Conversation*> chats_;  // of them
  std::uint64_t last_ingestion_id_ = 0;
};

}  // namespace teamferry::emulator
