#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <map>

#include "native/migrate/creation.h"
#include "native/migrate/doctor.h"
#include "native/migrate/engine.h"
#include "native/migrate/engine_state.h"
#include "native/migrate/read.h"
#include "native/migrate/where.h"

// The cures of doctor --fix. Each looks again before it writes: what was examined may have changed since.
namespace teamferry::migrate {
namespace {

using journal::Conversation;
using journal::LaneRow;
using journal::State;
using journal::Transaction;

class Treatment {
 public:
  explicit Treatment(Session& session) : run_(session) {}

  Task<Cure> treat(Check check) {
    Cure cure{check, "", std::nullopt};
    const auto conversation = find(check.conversation);
    if (!conversation) co_return cure;
    Result<std::string> outcome = std::string();
    switch (check.remedy) {
      case Remedy::read_doubts: {
        auto reading = look_again(*conversation, State::doubt);
        outcome = co_await std::move(reading);
        break;
      }
      case Remedy::plan_again: {
        auto reading = look_again(*conversation, State::sending);
        outcome = co_await std::move(reading);
        break;
      }
      case Remedy::note_completed: {
        auto noting = note_completed(*conversation);
        outcome = co_await std::move(noting);
        break;
      }
      case Remedy::complete:
      case Remedy::none:
        break;
    }
    if (outcome) {
      cure.outcome = std::move(*outcome);
    } else {
      cure.error = outcome.error();
    }
    co_return cure;
  }

  // The journal took it for completed; complete() looks at what is open.
  Task<Status> note_open(Conversation conversation) {
    conversation.state = "inProgress";
    journal::Committer::Work work = [conversation](Transaction& t) { t.conversation(conversation); };
    auto committing = run_.commit(std::move(work));
    const bool durable = co_await std::move(committing);
    if (!durable) co_return *run_.summary.error;
    co_return done();
  }

  Task<Status> record(Cure cure) {
    const std::string text =
        fmt::format("doctor was asked to {} ({}): {}", sentence(cure.check.remedy), cure.check.subject,
                    cure.error ? "not done, " + cure.error->to_string() : cure.outcome);
    journal::Committer::Work work = [text](Transaction& t) { t.finding("doctor", 0, text); };
    auto committing = run_.commit(std::move(work));
    const bool durable = co_await std::move(committing);
    if (!durable) co_return *run_.summary.error;
    co_return done();
  }

  std::optional<Conversation> find(journal::ConversationId id) {
    for (auto& conversation : run_.session.journal.conversations()) {
      if (conversation.id == id) return std::move(conversation);
    }
    return std::nullopt;
  }

 private:
  std::string team_of(const Conversation& conversation) {
    for (const auto& team : run_.session.journal.teams()) {
      if (team.id == conversation.team) return team.graph_id;
    }
    return "";
  }

  // Looks for the rows in that state. Those in doubt stay so if they are not seen; those on their way are planned
  // again.
  Task<Result<std::string>> look_again(Conversation conversation, State wanted) {
    Reader reader(run_, where(conversation, team_of(conversation)));
    const auto rows = run_.session.journal.lane(conversation.id);
    std::map<journal::RowId, std::string> ids;
    for (const auto& row : rows) ids[row.id] = row.graph_id;
    std::int64_t asked = 0, found = 0, planned = 0;
    for (const auto& row : rows) {
      if (row.state != wanted || run_.closing()) continue;
      ++asked;
      const std::string parent = row.root == 0 ? std::string() : ids[row.root];
      if (row.root != 0 && parent.empty()) continue;  // its place is not known before its root's is
      auto body = run_.session.journal.body(row.id);
      if (!body) co_return body.error();
      auto looking = reader.look_patiently(expected_message(*body, row.time, parent), true);
      const Sighting sighting = co_await std::move(looking);
      if (sighting.seen == Seen::unreadable) co_return *sighting.error;
      if (sighting.seen == Seen::ours) {
        ids[row.id] = sighting.id;
        ++found;
      } else if (wanted == State::sending) {
        ++planned;
      }
      auto settling = settle(row, sighting);
      Status settled = co_await std::move(settling);
      if (!settled) co_return settled.error();
    }
    std::string outcome = fmt::format("{} of {} found in Teams", found, asked);
    if (planned > 0) outcome += fmt::format(", {} planned again", planned);
    co_return outcome;
  }

  Task<Status> settle(LaneRow row, Sighting sighting) {
    journal::Committer::Work work = [row, sighting](Transaction& t) {
      if (sighting.seen == Seen::ours) {
        t.sent(row.id, sighting.id, "found by reading");
      } else if (row.state == State::sending) {
        t.planned_again(row.id, "not in Teams, and its conversation is completed");
      }
    };
    auto committing = run_.commit(std::move(work));
    const bool durable = co_await std::move(committing);
    if (!durable) co_return *run_.summary.error;
    co_return done();
  }

  Task<Result<std::string>> note_completed(Conversation conversation) {
    auto asking = run_.session.client.conversation(where(conversation, team_of(conversation)));
    const auto seen = co_await std::move(asking);
    if (!seen) co_return seen.error();
    if (seen->migrationMode != graph::MigrationMode::completed) {
      co_return Error::state("changed",
                             fmt::format("it shows {} now; ask doctor again", graph::to_string(seen->migrationMode)));
    }
    auto looking = look_again(conversation, State::sending);
    auto looked = co_await std::move(looking);
    if (!looked) co_return looked.error();
    conversation.state = "completed";
    journal::Committer::Work work = [conversation, now = run_.session.clock.now()](Transaction& t) {
      t.conversation(conversation);
      t.session_seen(conversation.graph_id, "completed", now);
    };
    auto committing = run_.commit(std::move(work));
    const bool durable = co_await std::move(committing);
    if (!durable) co_return *run_.summary.error;
    co_return std::string("noted");
  }

  RunState run_;
};

// What somebody asked for, with the acceptance that was given then.
Task<Result<CompleteSummary>> finish_completion(Session& session) {
  session.options.accept_failures.reset();
  if (const auto accepted = session.journal.meta("accepted_failures")) {
    session.options.accept_failures = std::atoll(accepted->c_str());
    session.options.accept_reason = session.journal.meta("accepted_reason").value_or("");
  }
  auto completing = complete(session);
  co_return co_await std::move(completing);
}

Task<Result<std::vector<Cure>>> cure_all(Session& session, std::vector<Check> checks,
                                         std::function<void(const Check&)> before) {
  Treatment treatment(session);
  std::vector<Cure> cures;
  std::vector<Check> to_complete;
  for (const auto& check : checks) {
    if (check.remedy == Remedy::none || session.stop) continue;
    if (before) before(check);
    if (check.remedy == Remedy::complete) {
      to_complete.push_back(check);
      continue;
    }
    auto treating = treatment.treat(check);
    cures.push_back(co_await std::move(treating));
    auto recording = treatment.record(cures.back());
    Status recorded = co_await std::move(recording);
    if (!recorded) co_return recorded.error();
  }
  if (to_complete.empty() || session.stop) co_return cures;
  for (const auto& check : to_complete) {
    const auto conversation = treatment.find(check.conversation);
    if (!conversation || conversation->state != "completed") continue;
    auto noting = treatment.note_open(*conversation);
    Status noted = co_await std::move(noting);
    if (!noted) co_return noted.error();
  }
  auto finishing = finish_completion(session);
  const auto finished = co_await std::move(finishing);
  for (const auto& check : to_complete) {
    Cure cure{check, "completed", std::nullopt};
    if (!finished) cure = {check, "", finished.error()};
    auto recording = treatment.record(cure);
    Status recorded = co_await std::move(recording);
    if (!recorded) co_return recorded.error();
    cures.push_back(std::move(cure));
  }
  co_return cures;
}

}  // namespace

Task<Result<std::vector<Cure>>> cure(Session& session, std::vector<Check> checks,
                                     std::function<void(const Check&)> before) {
  try {
    if (auto ours = check_identity(session.journal, session.identity); !ours) co_return ours.error();
    auto curing = cure_all(session, std::move(checks), std::move(before));
    auto cures = co_await std::move(curing);
    co_return std::move(cures);
  } catch (const journal::Failure& failure) {
    co_return failure.error;
  }
}

}  // namespace teamferry::migrate
