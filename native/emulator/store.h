#pragma once

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
#include "native/emulator/emulator.h"
#include "native/emulator/log.h"
#include "native/emulator/throttle.h"

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

// Message numbers of one collection, newest first.
using Order = std::map<std::int64_t, std::uint32_t, std::greater<>>;

struct Team;

struct Conversation {
  std::string id;
  Team* team = nullptr;  // nullptr: a chat
  std::string display_name;
  std::string description;
  std::string membership = "standard";
  std::string chat_type;             // chats: "group", "oneOnOne"
  std::vector<std::string> members;  // chats: user ids
  std::int64_t created = 0;          // the floor of every import
  std::optional<std::int64_t> original_created;
  std::int64_t visible_at = 0;
  Mode mode = Mode::none;
  std::string owner_app;

  std::deque<Message> messages;
  std::unordered_map<std::int64_t, std::uint32_t> by_time;  // roots and replies: their milliseconds are unique
  std::unordered_map<std::uint64_t, std::uint32_t> by_id;
  Order roots;
  std::unordered_map<std::uint64_t, Order> replies;  // by the id of the root
  Bucket bucket;

  const Message* find(std::uint64_t message_id) const;
};

struct Team {
  std::string id;
  std::string operation;
  std::string display_name;
  std::string description;
  std::string visibility;
  std::vector<std::string> owners;  // user ids
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

class Store {
 public:
  // `data_dir` empty: in memory. The default users are part of every tenant.
  static Result<std::unique_ptr<Store>> open(const std::string& data_dir);

  // Signs tokens and page marks; as old as the folder, so that both outlive a restart.
  const std::string& key() const { return key_; }

  // What is too large for a line: put the bytes first, then commit the change that speaks of their id.
  Blobs& blobs() const { return *blobs_; }

  const std::vector<User>& users() const { return users_; }
  const User* find_user(std::string_view id_or_name) const;  // id, userPrincipalName or mail; letter case ignored
  const std::vector<std::unique_ptr<Team>>& teams() const { return teams_; }
  Team* find_team(std::string_view id) const;
  Conversation* find_channel(const Team& team, std::string_view id) const;
  Conversation* find_chat(std::string_view id) const;

  // Changes. A failure is the disk's; the state is then as before.
  Status add_user(const User& user);
  Status add_team(const Team& team, const Conversation& general);
  Status delete_team(const Team& team);
  Status add_channel(const Conversation& channel);  // channel.team says where
  Status add_chat(const Conversation& chat);
  Status start(const Conversation& conversation, const std::string& app, std::optional<std::int64_t> floor);
  Status complete(const Conversation& conversation);
  Status complete_team(const Team& team);
  // The millisecond must be free and the root, if any, be there. Settles the id: the wished one or the next free.
  Result<const Message*> add_message(Conversation& conversation, Message message);

  // An id of arrival: the time, or one more than the last.
  std::uint64_t next_ingestion_id(std::int64_t now);

 private:
  Store();
  Status replay(std::string_view line);
  Status replay_message(std::string_view line);
  Status commit(const nlohmann::json& change);
  void apply(const nlohmann::json& change);
  const Message* apply_message(Conversation& conversation, Message message);
  Conversation* find_conversation(const std::string& id) const;

  std::unique_ptr<Log> log_;  // nullptr: in memory
  std::unique_ptr<Blobs> blobs_;
  std::string key_;
  std::vector<User> users_;
  std::unordered_map<std::string, std::size_t> user_index_;  // lower case id, principal name, mail
  std::vector<std::unique_ptr<Team>> teams_;
  std::unordered_map<std::string, std::unique_ptr<Conversation>> conversations_;
  std::uint64_t last_ingestion_id_ = 0;
};

}  // namespace teamferry::emulator
