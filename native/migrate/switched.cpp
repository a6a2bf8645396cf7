#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "native/graph/chats.h"
#include "native/migrate/conversation_state.h"
#include "native/migrate/creation.h"
#include "native/migrate/targets_parts.h"
#include "native/migrate/where.h"
#include "native/validate/chat.h"

// Conversations that are created normally, or live already, and are switched to migration mode later.
namespace teamferry::migrate {

using journal::Conversation;
using journal::Transaction;

namespace {

Task<Result<Place>> note_created(RunState& run, Place place, std::optional<DateTime> begins) {
  if (begins) place.conversation.floor = *begins;
  place.conversation.state = "created";
  auto storing = store_created(run, place.conversation, true);
  auto stored = co_await std::move(storing);
  if (!stored) co_return stored.error();
  co_return std::move(place);
}

// The members that a chat is created with.
std::vector<std::string> users_in(const std::string& body) {
  std::vector<std::string> users;
  const auto json = nlohmann::json::parse(body, nullptr, false);
  if (!json.is_object()) return users;
  for (const auto& member : json.value("members", nlohmann::json::array())) {
    const std::string bind = member.value("user@odata.bind", "");
    const auto first = bind.find("('"), last = bind.rfind("')");
    if (first != bind.npos && last != bind.npos && last > first)
      users.push_back(bind.substr(first + 2, last - first - 2));
  }
  return users;
}

constexpr std::int64_t kClockSlackMs = 300'000;  // between the service's clock and ours

std::optional<DateTime> begun_at(RunState& run, const std::string& subject) {
  for (const auto& creation : run.session.journal.creations()) {
    if (creation.kind == "chat" && creation.subject == subject) return DateTime::parse(creation.result);
  }
  return std::nullopt;
}

// A group chat has no name that is its own. Ours has the topic, was created after its intent, is no other
// conversation's, and never was in migration mode; among the chats of its first member. Empty: there is none.
Task<Result<std::string>> find_chat(RunState& run, Conversation conversation, DateTime since) {
  const auto members = users_in(conversation.body);
  if (members.empty()) co_return std::string();
  auto listing = graph::chats_of(run.session.client, members.front());
  auto chats = co_await std::move(listing);
  if (!chats) {
    Error error = chats.error();
    error.message = fmt::format("whether {} was created cannot be told: {}", shown(conversation), error.message);
    co_return error;
  }
  const auto ours = run.session.journal.conversations();
  for (const auto& chat : *chats) {
    const bool other = std::any_of(ours.begin(), ours.end(), [&](const Conversation& c) {
      return c.id != conversation.id && c.graph_id == chat.id;
    });
    const bool young = chat.createdDateTime && chat.createdDateTime->ms >= since.ms - kClockSlackMs;
    const bool used = chat.migrationMode == MigrationMode::inProgress || chat.migrationMode == MigrationMode::completed;
    if (!other && young && !used && chat.chatType == "group" && chat.topic == conversation.displayName) {
      co_return chat.id;
    }
  }
  co_return std::string();
}

// Looks several times, since a new chat is not listed at once.
Task<Result<std::string>> find_chat_patiently(RunState& run, Conversation conversation, DateTime since) {
  const auto& lag = run.session.options.team_lag;
  for (std::size_t k = 0;; ++k) {
    auto looking = find_chat(run, conversation, since);
    auto found = co_await std::move(looking);
    if (!found || !found->empty() || k == lag.size()) co_return found;
    run.tell_wait(shown(conversation) + " to be listed, if it was created", lag[k]);
    auto nap = run.nap(lag[k]);
    const bool go_on = co_await std::move(nap);
    if (!go_on) co_return interrupted();
  }
}

// The owners of a private or shared channel came with its creation.
Task<Result<Unit>> note_owners(RunState& run, Conversation conversation) {
  std::vector<journal::Member> owners;
  for (auto& member : run.session.journal.members()) {
    if (member.conversation != conversation.id || !member.owner || member.state != "planned") continue;
    member.state = "done";
    owners.push_back(std::move(member));
  }
  journal::Committer::Work work = [owners](Transaction& t) {
    for (const auto& owner : owners) t.member(owner);
  };
  auto committing = run.commit(std::move(work));
  const bool durable = co_await std::move(committing);
  if (!durable) co_return *run.summary.error;
  co_return done();
}

// Asks for the chat until there is one, and stores its id at once. The same two always get the chat that they have;
// of a group there would be two, so it is looked for after an unclear answer.
Task<Result<Place>> request_chat(RunState& run, Conversation conversation) {
  const std::string subject = std::to_string(conversation.id);
  const bool pair = conversation.type == "oneOnOne";
  auto since = run.session.clock.now();
  bool look = false;
  if (run.session.journal.creation_state("chat", subject) == "begun") {
    look = !pair;
    since = begun_at(run, subject).value_or(since);
  }
  Error last = interrupted();
  for (int attempt = 0; attempt < kCreationAttempts; ++attempt) {
    if (run.closing()) co_return interrupted();
    bool fresh = false;
    if (look) {
      auto looking = find_chat_patiently(run, conversation, since);
      auto found = co_await std::move(looking);
      if (!found) co_return found.error();
      conversation.graph_id = *found;
    }
    if (conversation.graph_id.empty()) {
      auto beginning = begin_creation(run, "chat", subject, since.to_string());
      auto begun = co_await std::move(beginning);
      if (!begun) co_return begun.error();
      auto creating = run.session.client.create_chat(conversation.body);
      auto created = co_await std::move(creating);
      if (!created) {
        last = created.error();
        if (last.status != 429 && !last.ambiguous()) {
          auto failing = give_up_creation(run, "chat", subject, last);
          co_await std::move(failing);
          co_return last;
        }
        look = look || (!pair && last.status != 429);
        auto pausing = pause_after(run, "creating " + shown(conversation), attempt, last);
        co_await std::move(pausing);
        continue;
      }
      conversation.graph_id = created->id;
      fresh = !look && !pair;
    }
    conversation.state = "creating";
    auto storing = store_created(run, conversation, false);
    auto stored = co_await std::move(storing);
    if (!stored) co_return stored.error();
    co_return Place{conversation, fresh};
  }
  co_return last;
}

// Until GET shows it, as what it was asked for.
Task<Result<Place>> settle_switched(RunState& run, std::string team, Place place) {
  auto patience = patience_of(run, run.session.options.channel_patience);
  auto waiting = run.session.client.wait_for_channel(team, place.conversation.graph_id, std::move(patience));
  auto ready = co_await std::move(waiting);
  if (!ready) co_return ready.error();
  if (auto same = graph::check_membership(*ready, place.conversation.type); !same) co_return same.error();
  auto owning = note_owners(run, place.conversation);
  auto owned = co_await std::move(owning);
  if (!owned) co_return owned.error();
  auto noting = note_created(run, std::move(place), ready->createdDateTime);
  co_return co_await std::move(noting);
}

// One that lives already.
Task<Result<Place>> look_at(RunState& run, std::string team, Conversation conversation) {
  auto asking = run.session.client.conversation(where(conversation, team));
  auto seen = co_await std::move(asking);
  if (!seen && seen.error().status == 404) {
    co_return Error::state("conversation_gone", fmt::format("{} is not in Teams: there is none with the id {}; correct "
                                                            "the target of the place",
                                                            shown(conversation), conversation.graph_id));
  }
  if (!seen) co_return seen.error();
  validate::Findings findings;
  if (is_chat(conversation)) validate::check_target_chat({seen->chatType, "", {}, seen->id, "", ""}, findings);
  if (!findings.empty()) {
    co_return Error::state("no_target",
                           fmt::format("{} takes no import: {}", shown(conversation), findings.front().to_string()));
  }
  auto noting = note_created(run, {conversation, false}, seen->createdDateTime);
  co_return co_await std::move(noting);
}

}  // namespace

Task<Result<Place>> ensure_switched(RunState& run, std::string team_graph_id, Conversation conversation) {
  if (is_there(conversation)) co_return Place{conversation, false};
  if (conversation.state == "planned" && !conversation.graph_id.empty()) {
    auto looking = look_at(run, team_graph_id, conversation);
    co_return co_await std::move(looking);
  }
  run.tell("creating " + shown(conversation));
  Place place{conversation, false};
  if (conversation.graph_id.empty()) {
    auto requesting =
        is_chat(conversation) ? request_chat(run, conversation) : request_channel(run, team_graph_id, conversation);
    auto requested = co_await std::move(requesting);
    if (!requested) co_return requested.error();
    place = std::move(*requested);
  }
  auto settling = is_chat(conversation) ? look_at(run, "", std::move(place.conversation))
                                        : settle_switched(run, team_graph_id, std::move(place));
  co_return co_await std::move(settling);
}

}  // namespace teamferry::migrate
