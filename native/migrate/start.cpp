#include "native/migrate/start.h"

#include <fmt/format.h>

#include <algorithm>

#include "native/migrate/conversation_state.h"
#include "native/migrate/creation.h"
#include "native/migrate/where.h"
#include "native/validate/floor.h"

namespace teamferry::migrate {

using journal::Conversation;
using journal::Transaction;
using Action = validate::StartDecision::Action;

namespace {

constexpr int kStartAttempts = 5;  // of one start in one run

class Opening {
 public:
  Opening(RunState& run, Conversation conversation, graph::ConversationRef where, DateTime oldest)
      : run_(run),
        conversation_(std::move(conversation)),
        where_(std::move(where)),
        oldest_(oldest),
        subject_(std::to_string(conversation_.id)) {}

  Task<Result<Conversation>> work() {
    Error last = Error::state("interrupted", "stopped before it was opened for import; run again to go on");
    for (int attempt = 0; attempt < kStartAttempts && !run_.closing(); ++attempt) {
      auto asking = run_.session.client.conversation(where_);
      auto seen = co_await std::move(asking);
      if (!seen) co_return named(seen.error());
      if (seen->migrationMode == MigrationMode::inProgress) {
        auto noting = note_open(*seen);
        co_return co_await std::move(noting);
      }
      auto deciding = decide(*seen);
      if (!deciding) co_return deciding.error();
      const auto date = deciding->action == Action::send ? std::optional(deciding->value) : std::nullopt;
      auto resting = rest();
      const bool rested = co_await std::move(resting);
      if (!rested) break;
      run_.tell("opening " + shown(conversation_) + " for import");
      auto beginning = begin_creation(run_, "start_migration", subject_);
      Status begun = co_await std::move(beginning);
      if (!begun) co_return begun.error();
      begun_ = true;
      auto starting = run_.session.client.start_migration(where_, date, [this] { return run_.closing(); });
      const Status started = co_await std::move(starting);
      if (started) {
        auto waiting = wait_until_open(*seen);
        co_return co_await std::move(waiting);
      }
      last = started.error();
      if (last.status != 429 && !last.ambiguous()) {
        auto judging = refused(*seen, last);
        auto judged = co_await std::move(judging);
        co_return judged;
      }
      auto pausing = pause_after(run_, "opening " + shown(conversation_), attempt, last);
      co_await std::move(pausing);
    }
    co_return named(last);
  }

 private:
  Error named(Error error) const {
    if (error.code == "interrupted") return error;
    error.message = fmt::format("{} was not opened for import: {}", shown(conversation_), error.message);
    return error;
  }

  Result<validate::StartDecision> decide(const graph::Conversation& seen) const {
    validate::StartFacts facts;
    facts.createdDateTime = seen.createdDateTime;
    facts.oldest = oldest_;
    facts.started_before = seen.migrationMode == MigrationMode::completed || seen.originalCreatedDateTime.has_value();
    const auto decision = validate::decide_start(facts);
    if (decision.action == Action::impossible) {
      return Error::state("floor", fmt::format("{} cannot be opened: {}", shown(conversation_), decision.reason));
    }
    if (conversation_.existing && !run_.session.options.confirm_existing && !opened_before()) {
      return Error::state(
          "not_confirmed",
          fmt::format("it lived before this migration: {}, and what is imported cannot be taken out again. Run again "
                      "with --confirm-existing if that is meant",
                      decision.action == Action::send
                          ? fmt::format("opening it for import moves its createdDateTime from {} to {} for ever",
                                        seen.createdDateTime ? seen.createdDateTime->to_string() : "an unknown time",
                                        decision.value.to_string())
                          : "it is opened for import"));
    }
    return decision;
  }

  // By this journal, which then had somebody's word for it.
  bool opened_before() const {
    const auto sessions = run_.session.journal.import_sessions();
    return run_.session.journal.creation_state("start_migration", subject_) == "begun" ||
           std::any_of(sessions.begin(), sessions.end(),
                       [this](const auto& s) { return s.graph_id == conversation_.graph_id; });
  }

  // false: the run is closing.
  Task<bool> rest() {
    Start start;
    start.now = run_.session.clock.now();
    for (const auto& session : run_.session.journal.import_sessions()) {
      if (session.graph_id == conversation_.graph_id && session.state == "completed") start.completed_at = session.seen;
    }
    const auto verdict = judge(ConversationState{MigrationMode::completed, Owner::ours}, start);
    if (!start.completed_at || verdict.code != "too_soon") co_return true;
    const auto wait = kRestAfterCompletion - std::chrono::milliseconds(start.now.ms - start.completed_at->ms);
    run_.tell_wait(shown(conversation_) + ", which was completed just now", wait);
    auto nap = run_.nap(wait);
    co_return co_await std::move(nap);
  }

  // A 400 of one that is open by now says that an earlier call has arrived, or somebody else was faster; where the
  // state is not shown, a 400 says so by itself.
  Task<Result<Conversation>> refused(graph::Conversation before, Error refusal) {
    auto asking = run_.session.client.conversation(where_);
    auto seen = co_await std::move(asking);
    const bool open =
        seen && (seen->migrationMode == MigrationMode::inProgress ||
                 (seen->migrationMode == MigrationMode::unknown && !says(refusal, texts().start_not_older)));
    if (refusal.status == 400 && open) {
      auto noting = note_open(*seen);
      co_return co_await std::move(noting);
    }
    auto failing = give_up_creation(run_, "start_migration", subject_, refusal);
    co_await std::move(failing);
    if (seen && wedged_by({before.migrationMode, Owner::ours}, refusal, seen->migrationMode)) {
      co_return Error::state("wedged",
                             fmt::format("{} shows as completed and refuses to be opened again ({}); start a new "
                                         "conversation for what is missing, or ask Microsoft's support",
                                         shown(conversation_), refusal.to_string()));
    }
    co_return named(refusal);
  }

  // A service that does not show migrationMode is believed its 204.
  Task<Result<Conversation>> wait_until_open(graph::Conversation before) {
    const auto& patience = run_.session.options.channel_patience;
    const auto until = run_.session.loop.now() + patience.deadline;
    while (!run_.closing()) {
      auto asking = run_.session.client.conversation(where_);
      auto seen = co_await std::move(asking);
      if (!seen && !seen.error().retryable()) co_return named(seen.error());
      if (seen && (seen->migrationMode == MigrationMode::inProgress || seen->migrationMode == MigrationMode::unknown)) {
        auto noting = note_open(*seen, before.createdDateTime);
        co_return co_await std::move(noting);
      }
      if (run_.session.loop.now() >= until) {
        co_return named(Error::state("not_ready", "it was started, but does not show inProgress; run again later"));
      }
      run_.tell_wait(shown(conversation_) + " to show as open", patience.pause);
      auto nap = run_.nap(patience.pause);
      co_await std::move(nap);
    }
    co_return Error::state("interrupted", "stopped before it showed as open; run again to go on");
  }

  // `moved_from`: where it began before this start.
  Task<Result<Conversation>> note_open(graph::Conversation seen, std::optional<DateTime> moved_from = std::nullopt) {
    const bool ours = begun_ || run_.session.journal.creation_state("start_migration", subject_) == "begun";
    if (ours) conversation_.owner = run_.session.identity.client_id;
    if (seen.createdDateTime) conversation_.floor = *seen.createdDateTime;
    conversation_.state = "inProgress";
    const bool moved =
        conversation_.existing && moved_from && seen.createdDateTime && *moved_from != *seen.createdDateTime;
    const std::string told = moved ? fmt::format("{} began at {} and begins at {} now", shown(conversation_),
                                                 moved_from->to_string(), seen.createdDateTime->to_string())
                                   : std::string();
    journal::Committer::Work work = [conversation = conversation_, subject = subject_, ours, told,
                                     now = run_.session.clock.now()](Transaction& t) {
      t.conversation(conversation);
      if (!told.empty()) t.finding("started", 0, told);
      if (!ours) return;
      t.creation_done("start_migration", subject, conversation.floor.to_string());
      t.session_begun(
          {conversation.graph_id, now, conversation.id, conversation.owner, "startMigration", "inProgress", now});
    };
    auto committing = run_.commit(std::move(work));
    const bool durable = co_await std::move(committing);
    if (!durable) co_return *run_.summary.error;
    if (oldest_ <= conversation_.floor) {
      co_return Error::state("floor",
                             fmt::format("{} begins at {}, not before the oldest message at {}; complete it, "
                                         "then run again: its next start can move that back",
                                         shown(conversation_), conversation_.floor.to_string(), oldest_.to_string()));
    }
    co_return conversation_;
  }

  RunState& run_;
  Conversation conversation_;
  graph::ConversationRef where_;
  DateTime oldest_;
  std::string subject_;
  bool begun_ = false;  // by this run
};

}  // namespace

Task<Result<Conversation>> open_conversation(RunState& run, Conversation conversation, graph::ConversationRef where,
                                             DateTime oldest) {
  Opening opening(run, std::move(conversation), std::move(where), oldest);
  auto working = opening.work();
  co_return co_await std::move(working);
}

}  // namespace teamferry::migrate
