#include "native/migrate/primitives.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <nlohmann/json.hpp>

#include "native/migrate/conversation_state.h"
#include "native/migrate/primitives_retry.h"
#include "native/validate/text.h"

namespace teamferry::migrate {

using graph::Conversation;
using graph::ConversationRef;
using nlohmann::json;

namespace {

constexpr int kChatAttempts = 5;

json object_in(const std::string& body) {
  json parsed = json::parse(body, nullptr, false);
  return parsed.is_object() ? parsed : json::object();
}

std::string text_in(const json& object, const char* field) {
  const auto found = object.find(field);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

// How an error names a conversation.
std::string name_of(const Conversation& conversation) {
  if (!conversation.displayName.empty()) return fmt::format("channel '{}'", conversation.displayName);
  if (!conversation.topic.empty()) return fmt::format("chat '{}'", conversation.topic);
  return fmt::format("{} {}", conversation.chatType.empty() ? "channel" : "chat", conversation.id);
}

// Why the state does not allow it; what the table leaves open is the service's to decide.
std::optional<Error> refused_by_state(MigrationMode mode, Act act, std::string_view name) {
  const Verdict verdict = judge(ConversationState{mode}, act);
  if (!verdict.illegal()) return std::nullopt;
  Error error = verdict.error(name);
  error.code = "state";
  return error;
}

}  // namespace

Error unclear(std::string_view what, const Error& why) {
  Error error = why;
  error.code = "unclear";
  error.message = fmt::format("whether {} cannot be told ({}); look before you repeat it", what, why.code);
  return error;
}

std::optional<Error> refuse_import(MigrationMode mode, std::string_view name) {
  return refused_by_state(mode, Act::import_message, name);
}

Primitives::Primitives(graph::Client& client, Options options) : client_(client), options_(std::move(options)) {
  options_.team.should_stop = options_.channel.should_stop = options_.stopping;
}

Task<bool> Primitives::pause(Loop::Duration time) {
  constexpr Loop::Duration kGlance = std::chrono::milliseconds(250);
  Loop& loop = client_.loop();
  const auto until = loop.now() + time;
  while (loop.now() < until && !(options_.stopping && options_.stopping())) {
    auto nap = loop.sleep_until(std::min(until, loop.now() + kGlance));
    co_await nap;
  }
  co_return !(options_.stopping && options_.stopping());
}

// Teams -------------------------------------------------------------------------------------------------------------

Task<Result<std::string>> Primitives::create_team(std::string body) {
  auto creating = unless_throttled<graph::CreatedTeam>([this, body] { return client_.create_team(body); });
  auto created = co_await std::move(creating);
  if (!created) {
    if (!created.error().ambiguous()) co_return created.error();
    auto looking = find_new_team(body, created.error());
    auto found = co_await std::move(looking);
    if (!found) co_return found.error();
    created = graph::CreatedTeam{*found, ""};
  }
  auto waiting = client_.wait_for_team(*created, options_.team);
  auto ready = co_await std::move(waiting);
  if (!ready) co_return ready.error();
  co_return ready->json;
}

// By name and createdDateTime, which together only this body has. Gives its id.
Task<Result<std::string>> Primitives::find_new_team(std::string body, Error why) {
  const json wanted = object_in(body);
  const std::string name = text_in(wanted, "displayName");
  const auto born = DateTime::parse(text_in(wanted, "createdDateTime"));
  const std::string what = fmt::format("team '{}' was created", name);
  for (std::size_t k = 0; born; ++k) {
    auto listing = client_.teams_named(name);
    auto teams = co_await std::move(listing);
    if (!teams) break;
    for (const auto& listed : *teams) {
      auto reading = client_.team(listed.id);
      auto team = co_await std::move(reading);
      if (team && DateTime::parse(text_in(object_in(team->json), "createdDateTime")) == born) co_return team->id;
    }
    if (k == options_.lag.size()) break;
    auto pausing = pause(options_.lag[k]);
    const bool go_on = co_await std::move(pausing);
    if (!go_on) break;
  }
  co_return unclear(what, why);
}

Task<Result<std::string>> Primitives::team(std::string id) {
  auto reading = client_.team(std::move(id));
  auto team = co_await std::move(reading);
  if (!team) co_return team.error();
  co_return team->json;
}

Task<Result<std::string>> Primitives::complete_team(std::string id) {
  auto listing = client_.channels(id);
  auto channels = co_await std::move(listing);
  if (!channels) co_return channels.error();
  for (const auto& channel : *channels) {
    if (channel.migrationMode != MigrationMode::inProgress) continue;
    co_return Error::state("state", fmt::format("completeMigration: {} is inProgress, so its team cannot be completed; "
                                                "complete every channel first, General last",
                                                name_of(channel)));
  }
  auto completing = unless_throttled<Unit>([this, id] { return client_.complete_team(id); });
  auto completed = co_await std::move(completing);
  if (!completed) {
    if (completed.error().ambiguous()) co_return unclear("the team was completed", completed.error());
    co_return completed.error();
  }
  auto reading = team(id);
  co_return co_await std::move(reading);
}

// Channels and chats ------------------------------------------------------------------------------------------------

Task<Result<std::string>> Primitives::create_channel(std::string team_id, std::string body) {
  const json made = object_in(body);
  const std::string name = text_in(made, "displayName");
  std::string id;
  std::optional<Error> lost;
  for (std::size_t attempt = 0; id.empty(); ++attempt) {
    auto creating =
        unless_throttled<std::string>([this, team_id, body] { return client_.create_channel(team_id, body); });
    auto created = co_await std::move(creating);
    if (created) {
      id = *created;
      break;
    }
    // After a lost answer a refusal may be about our own channel.
    if (!created.error().ambiguous() && !lost) co_return created.error();
    if (!lost) lost = created.error();
    if (attempt >= options_.lag.size()) co_return unclear(fmt::format("channel '{}' was created", name), *lost);
    auto pausing = pause(options_.lag[attempt]);
    const bool go_on = co_await std::move(pausing);
    if (!go_on) co_return unclear(fmt::format("channel '{}' was created", name), *lost);
    auto listing = client_.channels(team_id);
    auto channels = co_await std::move(listing);
    if (!channels) co_return unclear(fmt::format("channel '{}' was created", name), *lost);
    for (const auto& channel : *channels) {  // names are unique in a team
      if (validate::fold_case(channel.displayName) == validate::fold_case(name)) id = channel.id;
    }
  }
  auto waiting = client_.wait_for_channel(team_id, id, options_.channel);
  auto ready = co_await std::move(waiting);
  if (!ready) co_return ready.error();
  if (auto same = graph::check_membership(*ready, text_in(made, "membershipType")); !same) co_return same.error();
  co_return ready->json;
}

Task<Result<std::string>> Primitives::conversation(ConversationRef ref) {
  auto reading = client_.conversation(std::move(ref));
  auto found = co_await std::move(reading);
  if (!found) co_return found.error();
  co_return found->json;
}

Task<Result<std::string>> Primitives::channel_named(std::string team_id, std::string displayName) {
  auto listing = client_.channels(team_id);
  auto channels = co_await std::move(listing);
  if (!channels) co_return channels.error();
  std::vector<std::string> names;
  const std::string wanted = validate::fold_case(displayName);
  for (const auto& channel : *channels) {
    if (validate::fold_case(channel.displayName) == wanted) {
      auto reading = conversation({team_id, channel.id});
      co_return co_await std::move(reading);
    }
    names.push_back(channel.displayName);
  }
  if (wanted == "general") {
    auto asking = client_.primary_channel(team_id);
    auto general = co_await std::move(asking);
    if (!general) co_return general.error();
    co_return general->json;
  }
  co_return Error::argument(
      "not_found", fmt::format("the team has no channel '{}'; it has {}", displayName, fmt::join(names, ", ")));
}

Task<Result<std::string>> Primitives::create_chat(std::string body) {
  const bool pair = text_in(object_in(body), "chatType") == "oneOnOne";
  std::optional<Error> lost;
  for (int attempt = 1;; ++attempt) {
    auto creating = unless_throttled<Conversation>([this, body] { return client_.create_chat(body); });
    auto created = co_await std::move(creating);
    if (created) co_return created->json;
    if (!created.error().ambiguous()) co_return created.error();
    // The same pair gives the same chat; of a group there would be two.
    if (!pair || attempt == kChatAttempts) co_return unclear("the chat was created", created.error());
    auto pausing = pause(options_.lag.empty() ? Loop::Duration{} : options_.lag.front());
    const bool go_on = co_await std::move(pausing);
    if (!go_on) co_return unclear("the chat was created", created.error());
  }
}

// Looks until the conversation is as it should be.
Task<Result<std::string>> Primitives::settled(ConversationRef ref, MigrationMode wanted) {
  const auto deadline = client_.loop().now() + options_.channel.deadline;
  while (true) {
    auto reading = client_.conversation(ref);
    auto now = co_await std::move(reading);
    if (!now) co_return now.error();
    if (now->migrationMode == wanted || now->migrationMode == MigrationMode::unknown) co_return now->json;
    if (client_.loop().now() >= deadline) {
      co_return Error::state("not_ready", fmt::format("{} was to become {}, but is still {}", name_of(*now),
                                                      to_string(wanted), to_string(now->migrationMode)));
    }
    auto pausing = pause(options_.channel.pause);
    const bool go_on = co_await std::move(pausing);
    if (!go_on) co_return Error::state("interrupted", "interrupted before the new state could be read");
  }
}

Task<Result<std::string>> Primitives::start_migration(ConversationRef ref, std::optional<DateTime> floor) {
  auto reading = client_.conversation(ref);
  auto before = co_await std::move(reading);
  if (!before) co_return before.error();
  if (auto refused = refused_by_state(before->migrationMode, Act::start, name_of(*before))) co_return *refused;
  if (floor && before->createdDateTime && *floor >= *before->createdDateTime) {
    co_return Error::state("state",
                           fmt::format("startMigration: conversationCreationDateTime {} is not earlier than "
                                       "{}, when {} begins; it moves only towards the past",
                                       floor->to_string(), before->createdDateTime->to_string(), name_of(*before)));
  }
  auto starting =
      unless_throttled<Unit>([this, ref, floor] { return client_.start_migration(ref, floor, options_.stopping); });
  auto started = co_await std::move(starting);
  if (!started && !started.error().ambiguous()) co_return started.error();
  auto settling = settled(ref, MigrationMode::inProgress);
  auto now = co_await std::move(settling);
  if (!now && !started) co_return unclear(fmt::format("{} was opened for import", name_of(*before)), started.error());
  co_return std::move(now);
}

Task<Result<std::string>> Primitives::complete_migration(ConversationRef ref) {
  auto reading = client_.conversation(ref);
  auto before = co_await std::move(reading);
  if (!before) co_return before.error();
  if (auto refused = refused_by_state(before->migrationMode, Act::complete, name_of(*before))) co_return *refused;
  auto completing = unless_throttled<Unit>([this, ref] { return client_.complete_migration(ref); });
  auto completed = co_await std::move(completing);
  if (!completed && !completed.error().ambiguous()) co_return completed.error();
  auto settling = settled(ref, MigrationMode::completed);
  auto now = co_await std::move(settling);
  if (!now && !completed) co_return unclear(fmt::format("{} was completed", name_of(*before)), completed.error());
  co_return std::move(now);
}

}  // namespace teamferry::migrate
