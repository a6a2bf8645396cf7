#include "native/emulator/store.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <system_error>

#include "native/emulator/tenant.h"
#include "native/emulator/text.h"

namespace teamferry::emulator {
namespace {

using nlohmann::json;

constexpr int kVersion = 1;
constexpr std::string_view kMessageStart = R"({"op":"message","conversation":")";

json conversation_json(const Conversation& c) {
  return {{"id", c.id},
          {"displayName", c.display_name},
          {"description", c.description},
          {"membership", c.membership},
          {"chatType", c.chat_type},
          {"members", c.members},
          {"created", c.created},
          {"visible", c.visible_at},
          {"migrating", c.mode == Mode::in_progress},
          {"owner", c.owner_app}};
}

std::unique_ptr<Conversation> read_conversation(const json& j) {
  auto c = std::make_unique<Conversation>();
  c->id = j.at("id");
  c->display_name = j.at("displayName");
  c->description = j.at("description");
  c->membership = j.at("membership");
  c->chat_type = j.at("chatType");
  c->members = j.at("members").get<std::vector<std::string>>();
  c->created = j.at("created");
  c->visible_at = j.at("visible");
  if (j.at("migrating").get<bool>()) {
    c->mode = Mode::in_progress;
    c->original_created = c->created;
  }
  c->owner_app = j.at("owner");
  return c;
}

json team_json(const Team& t) {
  return {{"id", t.id},
          {"operation", t.operation},
          {"displayName", t.display_name},
          {"description", t.description},
          {"visibility", t.visibility},
          {"owners", t.owners},
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
  t->owners = j.at("owners").get<std::vector<std::string>>();
  t->created = j.at("created");
  t->requested = j.at("requested");
  t->visible_at = j.at("visible");
  t->failed = j.at("failed");
  t->owner_app = j.at("owner");
  t->born_migrating = j.at("migrating");
  return t;
}

// The members of a message's line, in the order that add_message writes them.
std::string message_line(const std::string& conversation, const Message& m) {
  std::string line;
  line.reserve(kMessageStart.size() + conversation.size() + m.content.size() + 128);
  line += kMessageStart;
  line += conversation;
  fmt::format_to(std::back_inserter(line), R"(","created":{},"id":{},"root":{},"stored":{},"content":{{)", m.created,
                 m.id, m.root, m.stored);
  line += m.content;
  line += "}}\n";
  return line;
}

template <class Number>
bool take_number(std::string_view& rest, std::string_view name, Number& value) {
  if (rest.substr(0, name.size()) != name) return false;
  rest.remove_prefix(name.size());
  const auto [end, failure] = std::from_chars(rest.data(), rest.data() + rest.size(), value);
  if (failure != std::errc()) return false;
  rest.remove_prefix(static_cast<std::size_t>(end - rest.data()));
  return true;
}

// What a change speaks of must be there: false only in a damaged log.
template <class Thing>
Thing& known(Thing* thing) {
  if (thing == nullptr) throw std::out_of_range("a change of something that is not there");
  return *thing;
}

Error damaged(const std::string& what) {
  return Error::state("emulator_state", what);
}

}  // namespace

const Message* Conversation::find(std::uint64_t message_id) const {
  const auto found = by_id.find(message_id);
  return found == by_id.end() ? nullptr : &messages[found->second];
}

Store::Store() {
  for (const User& user : default_users()) {
    apply({{"op", "user"}, {"id", user.id}, {"displayName", user.displayName}, {"mail", user.mail}});
  }
}

Result<std::unique_ptr<Store>> Store::open(const std::string& data_dir) {
  std::unique_ptr<Store> store(new Store);
  if (data_dir.empty()) {
    store->key_ = random_bytes(32);
    auto blobs = Blobs::open("");
    if (!blobs) return blobs.error();
    store->blobs_ = std::move(blobs).value();
    return store;
  }
  std::error_code failure;
  const bool made = std::filesystem::create_directories(data_dir, failure);
  if (made) std::filesystem::permissions(data_dir, std::filesystem::perms::owner_all, failure);
  if (failure) {
    return Error::state("emulator_state",
                        fmt::format("cannot create the emulator's folder {}: {}", data_dir, failure.message()));
  }
  const std::string path = (std::filesystem::path(data_dir) / "state.jsonl").string();
  auto log = Log::open(path, [&](std::string_view line) { return store->replay(line); });
  if (!log) return log.error();
  store->log_ = std::move(log).value();
  // Behind the lock of the log: two emulators must not write here.
  auto blobs = Blobs::open((std::filesystem::path(data_dir) / "blobs").string());
  if (!blobs) return blobs.error();
  store->blobs_ = std::move(blobs).value();
  if (store->key_.empty()) {
    Status begun = store->commit(
        {{"op", "tenant"}, {"version", kVersion}, {"id", kTenantId}, {"key", base64url(random_bytes(32))}});
    if (!begun) return begun.error();
  }
  return store;
}

Status Store::replay(std::string_view line) {
  if (line.substr(0, kMessageStart.size()) == kMessageStart) return replay_message(line);
  const json change = json::parse(line, nullptr, false);
  if (!change.is_object()) return damaged("not a change of the emulator's");
  try {
    if (key_.empty()) {
      if (change.at("op") != "tenant") return damaged("not the beginning of an emulator's state");
      if (change.at("version") != kVersion) return damaged("written by another version of the emulator");
    }
    apply(change);
  } catch (const std::exception& error) {
    return damaged(error.what());
  }
  return done();
}

Status Store::replay_message(std::string_view line) {
  std::string_view rest = line.substr(kMessageStart.size());
  const std::string_view id = rest.substr(0, rest.find('"'));
  rest.remove_prefix(id.size());
  Message m;
  constexpr std::string_view kContent = R"(,"content":{)";
  if (!take_number(rest, R"(","created":)", m.created) || !take_number(rest, R"(,"id":)", m.id) ||
      !take_number(rest, R"(,"root":)", m.root) || !take_number(rest, R"(,"stored":)", m.stored) ||
      rest.substr(0, kContent.size()) != kContent || rest.size() < kContent.size() + 2 ||
      rest.substr(rest.size() - 2) != "}}") {
    return damaged("not a message as the emulator writes them");
  }
  Conversation* conversation = find_conversation(std::string(id));
  if (conversation == nullptr) return damaged(fmt::format("a message of the unknown conversation {}", id));
  if (conversation->by_time.count(m.created) != 0 || conversation->by_id.count(m.id) != 0) {
    return damaged(fmt::format("a second message {} at {}", m.id, m.created));
  }
  m.content = rest.substr(kContent.size(), rest.size() - kContent.size() - 2);
  apply_message(*conversation, std::move(m));
  return done();
}

Status Store::commit(const json& change) {
  if (log_) {
    Status written = log_->append(change.dump() + "\n");
    if (!written) return written;
  }
  apply(change);
  return done();
}

void Store::apply(const json& change) {
  const std::string op = change.at("op");
  if (op == "tenant") {
    key_ = from_base64url(change.at("key").get<std::string>()).value_or("");
  } else if (op == "user") {
    User user{change.at("id"), change.at("displayName"), change.at("mail"), change.at("mail")};
    for (const std::string& name : {user.id, user.mail}) user_index_[lower_ascii(name)] = users_.size();
    users_.push_back(std::move(user));
  } else if (op == "team") {
    teams_.push_back(read_team(change.at("team")));
    auto general = read_conversation(change.at("general"));
    general->team = teams_.back().get();
    teams_.back()->channels.push_back(general.get());
    conversations_[general->id] = std::move(general);
  } else if (op == "delete_team") {
    const auto gone =
        std::find_if(teams_.begin(), teams_.end(), [&](const auto& t) { return t->id == change.at("team"); });
    if (gone == teams_.end()) return;
    for (const Conversation* channel : (*gone)->channels) conversations_.erase(std::string(channel->id));
    teams_.erase(gone);
  } else if (op == "channel") {
    auto channel = read_conversation(change.at("channel"));
    channel->team = &known(find_team(change.at("team").get<std::string>()));
    channel->team->channels.push_back(channel.get());
    conversations_[channel->id] = std::move(channel);
  } else if (op == "chat") {
    auto chat = read_conversation(change.at("chat"));
    conversations_[chat->id] = std::move(chat);
  } else if (op == "start") {
    Conversation& c = known(find_conversation(change.at("conversation")));
    // The true age is kept from the first start on.
    if (!c.original_created) c.original_created = c.created;
    if (!change.at("floor").is_null()) c.created = change.at("floor");
    c.mode = Mode::in_progress;
    c.owner_app = change.at("app");
  } else if (op == "complete") {
    Conversation& c = known(find_conversation(change.at("conversation")));
    c.mode = Mode::completed;
    if (c.team != nullptr && c.team->born_migrating && c.team->channels.front() == &c) {
      c.team->general_completed = true;
      c.team->general_too_early = std::any_of(c.team->channels.begin(), c.team->channels.end(),
                                              [](const Conversation* o) { return o->mode == Mode::in_progress; });
    }
  } else if (op == "complete_team") {
    known(find_team(change.at("team").get<std::string>())).completed = true;
  }
}

const Message* Store::apply_message(Conversation& conversation, Message message) {
  const auto number = static_cast<std::uint32_t>(conversation.messages.size());
  conversation.by_time.emplace(message.created, number);
  conversation.by_id.emplace(message.id, number);
  Order& order = message.root == 0 ? conversation.roots : conversation.replies[message.root];
  order.emplace(message.created, number);
  last_ingestion_id_ = std::max(last_ingestion_id_, message.id);
  conversation.messages.push_back(std::move(message));
  return &conversation.messages.back();
}

const User* Store::find_user(std::string_view id_or_name) const {
  const auto found = user_index_.find(lower_ascii(id_or_name));
  return found == user_index_.end() ? nullptr : &users_[found->second];
}

Team* Store::find_team(std::string_view id) const {
  for (const auto& team : teams_) {
    if (team->id == id) return team.get();
  }
  return nullptr;
}

Conversation* Store::find_conversation(const std::string& id) const {
  const auto found = conversations_.find(id);
  return found == conversations_.end() ? nullptr : found->second.get();
}

Conversation* Store::find_channel(const Team& team, std::string_view id) const {
  Conversation* found = find_conversation(std::string(id));
  return found != nullptr && found->team == &team ? found : nullptr;
}

Conversation* Store::find_chat(std::string_view id) const {
  Conversation* found = find_conversation(std::string(id));
  return found != nullptr && found->team == nullptr ? found : nullptr;
}

Status Store::add_user(const User& user) {
  return commit({{"op", "user"}, {"id", user.id}, {"displayName", user.displayName}, {"mail", user.mail}});
}

Status Store::add_team(const Team& team, const Conversation& general) {
  return commit({{"op", "team"}, {"team", team_json(team)}, {"general", conversation_json(general)}});
}

Status Store::delete_team(const Team& team) {
  return commit({{"op", "delete_team"}, {"team", team.id}});
}

Status Store::add_channel(const Conversation& channel) {
  return commit({{"op", "channel"}, {"team", channel.team->id}, {"channel", conversation_json(channel)}});
}

Status Store::add_chat(const Conversation& chat) {
  return commit({{"op", "chat"}, {"chat", conversation_json(chat)}});
}

Status Store::start(const Conversation& conversation, const std::string& app, std::optional<std::int64_t> floor) {
  return commit({{"op", "start"},
                 {"conversation", conversation.id},
                 {"app", app},
                 {"floor", floor ? json(*floor) : json(nullptr)}});
}

Status Store::complete(const Conversation& conversation) {
  return commit({{"op", "complete"}, {"conversation", conversation.id}});
}

Status Store::complete_team(const Team& team) {
  return commit({{"op", "complete_team"}, {"team", team.id}});
}

Result<const Message*> Store::add_message(Conversation& conversation, Message message) {
  while (conversation.by_id.count(message.id) != 0) ++message.id;
  if (log_) {
    Status written = log_->append(message_line(conversation.id, message));
    if (!written) return written.error();
  }
  return apply_message(conversation, std::move(message));
}

std::uint64_t Store::next_ingestion_id(std::int64_t now) {
  return std::max(static_cast<std::uint64_t>(std::max<std::int64_t>(now, 1)), last_ingestion_id_ + 1);
}

}  // namespace teamferry::emulator
