#include "native/migrate/targets.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "native/migrate/creation.h"
#include "native/migrate/targets_parts.h"
#include "native/migrate/where.h"
#include "native/validate/text.h"

namespace teamferry::migrate {

using journal::Conversation;
using journal::Transaction;

namespace {

std::string text_in(const std::string& body, const char* field) {
  const auto json = nlohmann::json::parse(body, nullptr, false);
  if (!json.is_object()) return {};
  const auto found = json.find(field);
  return found != json.end() && found->is_string() ? found->get<std::string>() : std::string();
}

// The team of this very project: no other has its marker in the description.
Task<Result<std::string>> find_team(RunState& run, std::string body) {
  auto asking = run.session.client.teams_named(text_in(body, "displayName"));
  auto teams = co_await std::move(asking);
  if (!teams) co_return teams.error();
  const std::string description = text_in(body, "description");
  std::string found;
  for (const auto& team : *teams) {
    if (!description.empty() && team.description == description) found = team.id;
  }
  co_return found;
}

// Looks several times, since a new team is not listed at once. Empty: there is none.
Task<Result<std::string>> find_team_patiently(RunState& run, std::string body) {
  const auto& lag = run.session.options.team_lag;
  for (std::size_t k = 0;; ++k) {
    auto looking = find_team(run, body);
    auto found = co_await std::move(looking);
    if (!found || !found->empty() || k == lag.size()) co_return found;
    run.tell_wait("the team to be listed, if it was created", lag[k]);
    auto nap = run.nap(lag[k]);
    const bool go_on = co_await std::move(nap);
    if (!go_on) co_return interrupted();
  }
}

Task<Result<Unit>> store_team(RunState& run, journal::Team team, bool ended) {
  journal::Committer::Work work = [team, ended](Transaction& t) {
    t.team(team);
    if (ended) t.creation_done("team", std::to_string(team.id), team.graph_id);
  };
  auto committing = run.commit(std::move(work));
  const bool durable = co_await std::move(committing);
  if (!durable) co_return *run.summary.error;
  co_return done();
}

// Asks for the team until there is one, and stores its id at once. `found` when an earlier attempt had made it.
Task<Result<journal::Team>> request_team(RunState& run, journal::Team team) {
  const std::string subject = std::to_string(team.id);
  bool look = run.session.journal.creation_state("team", subject) == "begun";
  Error last = interrupted();
  for (int attempt = 0; attempt < kCreationAttempts; ++attempt) {
    if (run.closing()) co_return interrupted();
    if (look) {
      auto looking = find_team_patiently(run, team.body);
      auto found = co_await std::move(looking);
      if (!found) {
        Error error = found.error();
        error.message =
            fmt::format("whether team '{}' was created cannot be told: {}", team.displayName, error.message);
        co_return error;
      }
      team.graph_id = *found;
      team.operation.clear();
    }
    if (team.graph_id.empty()) {
      auto beginning = begin_creation(run, "team", subject);
      auto begun = co_await std::move(beginning);
      if (!begun) co_return begun.error();
      auto creating = run.session.client.create_team(team.body);
      auto created = co_await std::move(creating);
      if (!created) {
        last = created.error();
        if (last.status != 429 && !last.ambiguous()) {
          auto failing = give_up_creation(run, "team", subject, last);
          co_await std::move(failing);
          co_return last;
        }
        look = last.status != 429;
        auto pausing = pause_after(run, "creating team " + team.displayName, attempt, last);
        co_await std::move(pausing);
        continue;
      }
      team.graph_id = created->team_id;
      team.operation = created->operation_path;
    }
    team.state = "creating";
    auto storing = store_team(run, team, false);
    auto stored = co_await std::move(storing);
    if (!stored) co_return stored.error();
    co_return team;
  }
  co_return last;
}

}  // namespace

Error interrupted() {
  return Error::state("interrupted", "stopped before everything was created; run again to go on");
}

graph::Patience patience_of(RunState& run, graph::Patience patience) {
  patience.should_stop = [&run] { return run.closing(); };
  return patience;
}

Task<Result<std::string>> ensure_team(RunState& run, journal::Team team, bool& created) {
  created = false;
  if (team.state == "existing") {
    auto looking = run.session.client.team(team.graph_id);
    auto seen = co_await std::move(looking);
    if (seen || seen.error().status == 403) co_return team.graph_id;  // without the right to look it is believed
    if (seen.error().status != 404) co_return seen.error();
    co_return Error::state("team_gone",
                           fmt::format("there is no team with the id {}; correct it in the plan, or let it "
                                       "create one by naming it",
                                       team.graph_id));
  }
  if (team.state == "created" || team.state == "completed") co_return team.graph_id;
  run.tell("creating team " + team.displayName);
  if (team.graph_id.empty()) {
    auto requesting = request_team(run, team);
    auto requested = co_await std::move(requesting);
    if (!requested) co_return requested.error();
    team = std::move(*requested);
    created = !team.operation.empty();
  }
  auto patience = patience_of(run, run.session.options.team_patience);
  auto waiting = run.session.client.wait_for_team({team.graph_id, team.operation}, std::move(patience));
  auto ready = co_await std::move(waiting);
  if (!ready) {
    if (ready.error().code == "operation_failed") {  // nothing will come of it: the next run begins anew
      const Error error = ready.error();
      team.graph_id.clear();
      team.operation.clear();
      team.state = "planned";
      auto storing = store_team(run, team, false);
      auto stored = co_await std::move(storing);
      if (!stored) co_return stored.error();
      auto failing = give_up_creation(run, "team", std::to_string(team.id), error);
      co_await std::move(failing);
    }
    co_return ready.error();
  }
  team.state = "created";
  auto storing = store_team(run, team, true);
  auto stored = co_await std::move(storing);
  if (!stored) co_return stored.error();
  co_return team.graph_id;
}

Task<Result<Unit>> store_created(RunState& run, Conversation conversation, bool ended) {
  journal::Committer::Work work = [conversation, ended, now = run.session.clock.now()](Transaction& t) {
    t.conversation(conversation);
    if (!ended) return;
    t.creation_done(is_chat(conversation) ? "chat" : "channel", std::to_string(conversation.id), conversation.graph_id);
    if (is_switched(conversation)) return;
    t.session_begun({conversation.graph_id, now, conversation.id, conversation.owner,
                     conversation.general ? "create_team" : "create_channel", conversation.state, now});
  };
  auto committing = run.commit(std::move(work));
  const bool durable = co_await std::move(committing);
  if (!durable) co_return *run.summary.error;
  co_return done();
}

namespace {

// By name. Empty: there is none. One that another conversation of the journal fills is not ours to take.
Task<Result<std::string>> find_channel(RunState& run, std::string team, Conversation conversation) {
  auto listing = run.session.client.channels(team);
  auto channels = co_await std::move(listing);
  if (!channels) co_return channels.error();
  const std::string name = validate::fold_case(text_in(conversation.body, "displayName"));
  const auto ours = run.session.journal.conversations();
  for (const auto& channel : *channels) {
    if (validate::fold_case(channel.displayName) != name) continue;
    const bool other = std::any_of(ours.begin(), ours.end(), [&](const Conversation& c) {
      return c.id != conversation.id && c.graph_id == channel.id;
    });
    if (other) {
      co_return Error::state("name_taken",
                             fmt::format("another conversation of this migration is already channel '{}'; "
                                         "give #{} a name of its own",
                                         channel.displayName, conversation.displayName));
    }
    co_return channel.id;
  }
  co_return std::string();
}

// Where people live, a channel of that name is theirs: it is filled only if the plan names it by its id.
Task<Status> refuse_taken_name(RunState& run, std::string team, Conversation conversation) {
  auto looking = find_channel(run, team, conversation);
  auto found = co_await std::move(looking);
  if (!found) co_return found.error();
  if (found->empty()) co_return done();
  co_return Error::state("name_taken",
                         fmt::format("its team has a channel '{}' already ({}); give the conversation another name, or "
                                     "fill that channel by naming its id as the target of the place",
                                     conversation.displayName, *found));
}

}  // namespace

Task<Result<Place>> request_channel(RunState& run, std::string team, Conversation conversation) {
  const std::string subject = std::to_string(conversation.id);
  bool look = run.session.journal.creation_state("channel", subject) == "begun";
  if (is_switched(conversation) && !look) {
    auto looking = refuse_taken_name(run, team, conversation);
    Status is_free = co_await std::move(looking);
    if (!is_free) co_return is_free.error();
  }
  Error last = interrupted();
  for (int attempt = 0; attempt < kCreationAttempts; ++attempt) {
    if (run.closing()) co_return interrupted();
    bool fresh = false;
    if (look) {
      auto looking = find_channel(run, team, conversation);
      auto found = co_await std::move(looking);
      if (!found) co_return found.error();
      conversation.graph_id = *found;
    }
    if (conversation.graph_id.empty()) {
      auto beginning = begin_creation(run, "channel", subject);
      auto begun = co_await std::move(beginning);
      if (!begun) co_return begun.error();
      auto creating = run.session.client.create_channel(team, conversation.body);
      auto created = co_await std::move(creating);
      if (!created) {
        last = created.error();
        const bool exists = last.status == 400 && says(last, texts().name_taken) && !is_switched(conversation);
        if (last.status != 429 && !last.ambiguous() && !exists) {
          if (says(last, texts().team_completed)) {
            last.kind = Error::Kind::state;
            last.code = "team_completed";
            last.message = fmt::format(
                "'{}' cannot be added: its team is completed and takes no new channels; "
                "a new journal fills a new team",
                conversation.displayName);
          }
          auto failing = give_up_creation(run, "channel", subject, last);
          co_await std::move(failing);
          co_return last;
        }
        look = last.status != 429;
        auto pausing = pause_after(run, "creating #" + conversation.displayName, attempt, last);
        co_await std::move(pausing);
        continue;
      }
      conversation.graph_id = *created;
      fresh = !look;
    }
    conversation.state = "creating";
    conversation.owner = run.session.identity.client_id;
    auto storing = store_created(run, conversation, false);
    auto stored = co_await std::move(storing);
    if (!stored) co_return stored.error();
    co_return Place{conversation, fresh};
  }
  co_return last;
}

namespace {

// Until GET shows it; then it is in migration mode, or it is no target.
Task<Result<Unit>> settle_channel(RunState& run, std::string team, Conversation& conversation) {
  auto patience = patience_of(run, run.session.options.channel_patience);
  auto waiting = run.session.client.wait_for_channel(team, conversation.graph_id, std::move(patience));
  auto ready = co_await std::move(waiting);
  if (!ready) co_return ready.error();
  const auto mode = ready->migrationMode;
  if (mode == graph::MigrationMode::none) {
    co_return Error::state("not_in_progress",
                           fmt::format("channel '{}' is there, but not in migration mode; rename the "
                                       "conversation, or start with a new team",
                                       conversation.displayName));
  }
  if (ready->createdDateTime) conversation.floor = *ready->createdDateTime;
  conversation.state = mode == graph::MigrationMode::completed ? "completed" : "inProgress";
  auto storing = store_created(run, conversation, true);
  co_return co_await std::move(storing);
}

}  // namespace

Task<Result<Place>> ensure_channel(RunState& run, std::string team_graph_id, Conversation conversation,
                                   bool fresh_team) {
  if (conversation.state == "inProgress" || conversation.state == "completed") co_return Place{conversation, false};
  run.tell("creating #" + conversation.displayName);
  Place place{conversation, false};
  if (conversation.graph_id.empty() && conversation.general) {
    auto asking = run.session.client.primary_channel(team_graph_id);
    auto general = co_await std::move(asking);
    if (!general) co_return general.error();
    place.conversation.graph_id = general->id;
    place.conversation.owner = run.session.identity.client_id;
    place.fresh = fresh_team;
  } else if (conversation.graph_id.empty()) {
    auto requesting = request_channel(run, team_graph_id, conversation);
    auto requested = co_await std::move(requesting);
    if (!requested) co_return requested.error();
    place = std::move(*requested);
  }
  auto settling = settle_channel(run, team_graph_id, place.conversation);
  auto settled = co_await std::move(settling);
  if (!settled) co_return settled.error();
  co_return place;
}

}  // namespace teamferry::migrate
