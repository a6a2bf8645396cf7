#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "native/migrate/add_members.h"
#include "native/migrate/conversation_state.h"
#include "native/migrate/creation.h"
#include "native/migrate/discard.h"
#include "native/migrate/engine.h"
#include "native/migrate/engine_state.h"
#include "native/migrate/gate.h"
#include "native/migrate/show_history.h"
#include "native/migrate/where.h"

// The end of a migration. It cannot be undone: after it no message can be sent to these channels, so nothing is
// completed as long as a message is missing, unless the user says how many may be.
//
// Order: the channels, General, the team. Completing General first would close the team with its other channels open
// for ever (GRAPH 1.3). Then the team takes members, and channels that cannot be born in migration mode: those are
// created and filled by the next run, and completed by the next complete.
namespace teamferry::migrate {

using journal::Conversation;
using journal::Transaction;

namespace {

constexpr int kAttempts = 10;

Error interrupted() {
  return Error::state("interrupted", "stopped before everything was completed; complete again");
}

class Completion {
 public:
  explicit Completion(Session& session) : run_(session) {}

  Task<Result<CompleteSummary>> work() {
    if (auto status = refuse_discarded(run_.session.journal); !status) co_return status.error();
    auto missing = check_gate(run_.session.journal, run_.session.options);
    if (!missing) co_return missing.error();
    summary_.left_behind = *missing;
    for (const auto& team : run_.session.journal.teams()) {
      if (team.state == "completed" || team.state == "existing") continue;
      auto checking = check_team(team);
      Status status = co_await std::move(checking);
      if (!status) co_return status.error();
    }
    if (*missing > 0) {
      journal::Committer::Work work = [n = *missing, reason = run_.session.options.accept_reason](Transaction& t) {
        t.meta("accepted_failures", std::to_string(n));
        t.meta("accepted_reason", reason);
        t.finding("accepted", 0, fmt::format("completed with {} messages left behind: {}", n, reason));
      };
      auto committing = run_.commit(std::move(work));
      const bool durable = co_await std::move(committing);
      if (!durable) co_return *run_.summary.error;
    }
    for (const auto& team : run_.session.journal.teams()) {
      const bool closed = team.state == "completed" || team.state == "existing";
      auto completing = closed ? complete_reopened(team) : complete_one_team(team);
      Status status = co_await std::move(completing);
      if (!status) co_return status.error();
      auto adding = add_team(team);
      Status added = co_await std::move(adding);
      if (!added) co_return added.error();
    }
    for (const auto& conversation : run_.session.journal.conversations()) {
      if (!is_chat(conversation)) continue;
      auto completing = complete_chat(conversation);
      Status status = co_await std::move(completing);
      if (!status) co_return status.error();
    }
    co_return summary_;
  }

 private:
  std::vector<Conversation> channels_of(const journal::Team& team) {
    std::vector<Conversation> channels;
    for (auto& conversation : run_.session.journal.conversations()) {
      if (conversation.kind == "channel" && conversation.team == team.id) channels.push_back(std::move(conversation));
    }
    return channels;
  }

  // It has nothing to send, so no run opens it.
  bool stays_as_created(const Conversation& conversation) {
    return conversation.state == "created" && run_.session.journal.totals(conversation.id).open() == 0;
  }

  // First the team, since its private channels take only those who are in it.
  Task<Status> add_team(journal::Team team) {
    auto adding = add(team, Conversation{});
    Status status = co_await std::move(adding);
    if (!status) co_return status;
    for (const auto& conversation : channels_of(team)) {
      if (!is_switched(conversation)) continue;
      if (conversation.state != "completed" && !stays_as_created(conversation)) {
        ++summary_.waiting;
        continue;
      }
      auto adding_more = add(team, conversation);
      status = co_await std::move(adding_more);
      if (!status) co_return status;
    }
    co_return done();
  }

  Task<Status> add(journal::Team team, Conversation conversation) {
    auto adding = add_members(run_, conversation.id == 0 ? team.id : 0, team.graph_id, conversation);
    auto added = co_await std::move(adding);
    if (!added) co_return added.error();
    summary_.members += added->members;
    summary_.members_refused += added->refused;
    co_return done();
  }

  // A completed team, or one that lived before, has what was switched, and what doctor found open (GRAPH 8.1 row 8).
  Task<Status> complete_reopened(journal::Team team) {
    for (const auto& conversation : channels_of(team)) {
      if (conversation.state != "inProgress") {
        if (conversation.state == "completed") ++summary_.channels_before;
        continue;
      }
      auto completing = complete_channel(team, conversation);
      Status status = co_await std::move(completing);
      if (!status) co_return status;
    }
    co_return done();
  }

  // One that holds nothing yet waits for the next run.
  Task<Status> complete_chat(Conversation chat) {
    if (chat.state == "inProgress") {
      auto completing = complete_channel(journal::Team{}, chat);
      Status status = co_await std::move(completing);
      if (!status) co_return status;
    } else if (chat.state != "completed") {
      co_return done();
    }
    if (chat.existing && chat.type == "group" && run_.session.options.readd_members) {
      auto noting = note_roster(run_, chat);
      Status noted = co_await std::move(noting);
      if (!noted) co_return noted;
    }
    auto showing = show_history(run_, chat);
    auto added = co_await std::move(showing);
    if (!added) co_return added.error();
    summary_.members += added->members;
    summary_.members_refused += added->refused;
    co_return done();
  }

  // Before the first completion every channel must be there, and none that the journal does not know.
  Task<Status> check_team(journal::Team team) {
    if (team.state != "created") {
      co_return Error::state("not_created", fmt::format("team '{}' is not created yet; run first", team.displayName));
    }
    std::set<std::string> known;
    for (const auto& conversation : channels_of(team)) {
      if (is_switched(conversation)) continue;
      if (conversation.state == "inProgress" || conversation.state == "completed") {
        known.insert(conversation.graph_id);
      } else if (!run_.session.options.accept_failures) {
        co_return Error::state("not_created", fmt::format("#{} is not created yet; run first, since no channel can be "
                                                          "created after a completion",
                                                          conversation.displayName));
      }
    }
    auto asking = run_.session.client.primary_channel(team.graph_id);
    auto general = co_await std::move(asking);
    if (!general) co_return general.error();
    known.insert(general->id);
    auto listing = run_.session.client.channels(team.graph_id);
    auto channels = co_await std::move(listing);
    if (!channels) co_return channels.error();
    std::string strangers;
    for (const auto& channel : *channels) {
      if (known.contains(channel.id) || channel.migrationMode == MigrationMode::completed) continue;
      strangers += fmt::format("{}'{}'", strangers.empty() ? "" : ", ", channel.displayName);
    }
    if (!strangers.empty()) {
      co_return Error::state(
          "unknown_channels",
          fmt::format("team '{}' has channels that this journal does not know and that are not "
                      "completed: {}; the team cannot be completed before they are. Complete or delete "
                      "them, then complete again",
                      team.displayName, strangers));
    }
    co_return done();
  }

  Task<Status> complete_one_team(journal::Team team) {
    auto asking = run_.session.client.primary_channel(team.graph_id);
    auto general = co_await std::move(asking);
    if (!general) co_return general.error();
    std::optional<Conversation> filled_general;
    for (const auto& conversation : channels_of(team)) {
      if (conversation.graph_id == general->id) {
        filled_general = conversation;
        continue;
      }
      if (conversation.graph_id.empty()) continue;  // never created: accepted, or its turn comes after the team's
      auto completing = complete_channel(team, conversation);
      Status status = co_await std::move(completing);
      if (!status) co_return status;
    }
    Conversation last = filled_general.value_or(Conversation{});
    last.graph_id = general->id;
    if (last.displayName.empty()) last.displayName = general->displayName;
    auto completing = complete_channel(team, last);
    Status status = co_await std::move(completing);
    if (!status) co_return status;
    auto ending = complete_team(team);
    co_return co_await std::move(ending);
  }

  // A conversation without id stands for a General that nothing was sent to.
  Task<Status> mark_completed(Conversation conversation, std::string subject, bool before) {
    ++(before ? summary_.channels_before : is_chat(conversation) ? summary_.chats : summary_.channels);
    if (conversation.state == "completed") co_return done();
    conversation.state = "completed";
    journal::Committer::Work work = [conversation, subject, now = run_.session.clock.now()](Transaction& t) {
      if (conversation.id != 0) t.conversation(conversation);
      t.creation_done("complete_channel", subject, conversation.graph_id);
      t.session_seen(conversation.graph_id, "completed", now);
    };
    auto committing = run_.commit(std::move(work));
    const bool durable = co_await std::move(committing);
    if (!durable) co_return *run_.summary.error;
    co_return done();
  }

  // State is checked before and after; what was unclear shows there, but for services that show no migrationMode.
  Task<Status> complete_channel(journal::Team team, Conversation conversation) {
    const std::string subject =
        conversation.id != 0 ? std::to_string(conversation.id) : fmt::format("general of team {}", team.id);
    run_.tell("completing " + shown(conversation));
    bool unclear = run_.session.journal.creation_state("complete_channel", subject) == "begun";
    bool asked = false;
    int refusals = 0;
    Error last = interrupted();
    for (int attempt = 0; attempt < kAttempts && !run_.closing(); ++attempt) {
      auto asking = run_.session.client.conversation(where(conversation, team.graph_id));
      auto channel = co_await std::move(asking);
      if (!channel) co_return named(conversation, channel.error());
      if (channel->migrationMode == MigrationMode::completed) {
        auto marking = mark_completed(conversation, subject, !asked);
        co_return co_await std::move(marking);
      }
      const auto state = seen_state(channel->migrationMode, conversation.owner, run_.session.identity.client_id);
      if (const auto verdict = judge(state, Act::complete); verdict.illegal()) {
        co_return verdict.error(shown(conversation));
      }
      auto beginning = begin_creation(run_, "complete_channel", subject);
      Status begun = co_await std::move(beginning);
      if (!begun) co_return begun;
      asked = true;
      auto completing = run_.session.client.complete_migration(where(conversation, team.graph_id));
      Status completed = co_await std::move(completing);
      if (completed) {
        auto waiting = wait_until_completed(team, conversation);
        Status seen = co_await std::move(waiting);
        if (!seen) co_return seen;
        auto marking = mark_completed(conversation, subject, false);
        co_return co_await std::move(marking);
      }
      last = completed.error();
      if (another_owns(last)) {
        journal::Committer::Work work = [id = conversation.graph_id](Transaction& t) { t.session_refused(id); };
        auto committing = run_.commit(std::move(work));
        co_await std::move(committing);
      }
      if (unclear && done_before(last) && channel->migrationMode == MigrationMode::unknown) {
        auto marking = mark_completed(conversation, subject, false);
        co_return co_await std::move(marking);
      }
      auto noting = note_refusal("complete_channel", subject, unclear, last);
      co_await std::move(noting);
      const bool look_again = last.status == 400 && ++refusals == 1;  // its state tells whether it is done
      if (!last.retryable() && !look_again) break;
      auto pausing = pause_after(run_, "completing " + shown(conversation), attempt, last);
      co_await std::move(pausing);
    }
    if (run_.closing()) co_return interrupted();
    co_return named(conversation, last);
  }

  // A service that does not show migrationMode is believed its 204.
  Task<Status> wait_until_completed(journal::Team team, Conversation conversation) {
    const auto& patience = run_.session.options.channel_patience;
    const auto until = run_.session.loop.now() + patience.deadline;
    while (!run_.closing()) {
      auto asking = run_.session.client.conversation(where(conversation, team.graph_id));
      auto channel = co_await std::move(asking);
      if (!channel && !channel.error().retryable()) co_return named(conversation, channel.error());
      if (channel && channel->migrationMode != MigrationMode::inProgress) co_return done();
      if (run_.session.loop.now() >= until) {
        co_return named(conversation, Error::state("not_ready",
                                                   "it was completed, but still shows inProgress; complete "
                                                   "again later"));
      }
      run_.tell_wait(shown(conversation) + " to show as completed", patience.pause);
      auto nap = run_.nap(patience.pause);
      co_await std::move(nap);
    }
    co_return interrupted();
  }

  // The service says that nothing is left to complete. Of a call without a clear answer that means: it has arrived.
  static bool done_before(const Error& error) { return error.status == 400 && says(error, texts().already_completed); }

  // Keeps `unclear` and the journal's `begun` until a clear answer ends them: a 429 or a refusal of one call says
  // nothing of an earlier call that got no answer.
  Task<void> note_refusal(const char* kind, std::string subject, bool& unclear, Error error) {
    if (error.ambiguous()) unclear = true;
    if (unclear) co_return;
    auto giving_up = give_up_creation(run_, kind, std::move(subject), std::move(error));
    co_await std::move(giving_up);
  }

  // A team has no state to read: after an unclear answer the words of a refusal tell whether it is done.
  Task<Status> complete_team(journal::Team team) {
    const std::string subject = std::to_string(team.id);
    run_.tell("completing team " + team.displayName);
    bool unclear = run_.session.journal.creation_state("complete_team", subject) == "begun";
    Error last = interrupted();
    for (int attempt = 0; attempt < kAttempts && !run_.closing(); ++attempt) {
      auto beginning = begin_creation(run_, "complete_team", subject);
      Status begun = co_await std::move(beginning);
      if (!begun) co_return begun;
      auto completing = run_.session.client.complete_team(team.graph_id);
      Status completed = co_await std::move(completing);
      if (completed || (unclear && done_before(completed.error()))) {
        ++summary_.teams;
        team.state = "completed";
        journal::Committer::Work work = [team, subject](Transaction& t) {
          t.team(team);
          t.creation_done("complete_team", subject, team.graph_id);
        };
        auto committing = run_.commit(std::move(work));
        const bool durable = co_await std::move(committing);
        if (!durable) co_return *run_.summary.error;
        co_return done();
      }
      last = completed.error();
      auto noting = note_refusal("complete_team", subject, unclear, last);
      co_await std::move(noting);
      if (!last.retryable()) break;
      auto pausing = pause_after(run_, "completing team " + team.displayName, attempt, last);
      co_await std::move(pausing);
    }
    if (run_.closing()) co_return interrupted();
    last.message = fmt::format("team '{}' was not completed: {}", team.displayName, last.message);
    co_return last;
  }

  static Error named(const Conversation& conversation, Error error) {
    if (another_owns(error)) {
      error.message += "; only the application that opened this channel for import can complete it";
    }
    error.message = fmt::format("{} was not completed: {}", shown(conversation), error.message);
    return error;
  }

  RunState run_;
  CompleteSummary summary_;
};

}  // namespace

Task<Result<CompleteSummary>> complete(Session& session) {
  const auto begun = session.loop.now();
  if (!session.journal.plan_finished()) {
    co_return Error::state("plan_unfinished",
                           fmt::format("{}: holds no finished plan; plan and run first", session.journal.path()));
  }
  if (auto status = check_identity(session.journal, session.identity); !status) co_return status.error();
  Completion completion(session);
  try {
    auto working = completion.work();
    auto result = co_await std::move(working);
    if (result) result->seconds = std::chrono::duration<double>(session.loop.now() - begun).count();
    co_return result;
  } catch (const journal::Failure& failure) {
    co_return failure.error;
  }
}

}  // namespace teamferry::migrate
