#include "native/migrate/discard.h"

#include <fmt/format.h>

#include <algorithm>

#include "native/migrate/creation.h"
#include "native/migrate/identity.h"

namespace teamferry::migrate {
namespace {

constexpr std::string_view kState = "discarded";

Result<journal::Team> named(journal::Journal& journal, const std::string& displayName) {
  std::vector<std::string> names;
  for (auto& team : journal.teams()) {
    if (team.displayName == displayName) return std::move(team);
    if (team.state != "existing") names.push_back("'" + team.displayName + "'");
  }
  return Error::argument("no_team",
                         fmt::format("this journal has no team '{}'; it has {}", displayName,
                                     names.empty() ? "created none" : fmt::format("{}", fmt::join(names, ", "))));
}

Status check_ours(const journal::Team& team) {
  if (team.state == "existing") {
    return Error::state("not_ours",
                        fmt::format("'{}' lived before this migration and is never deleted by it", team.displayName));
  }
  if (team.graph_id.empty()) {
    return Error::state("not_created",
                        fmt::format("'{}' was never created; there is nothing to delete. If its creation "
                                    "was unclear, run doctor first",
                                    team.displayName));
  }
  return done();
}

Task<Result<Discarded>> take_back(RunState& run, journal::Team team) {
  graph::Client& client = run.session.client;
  auto asking = client.team(team.graph_id);
  const auto found = co_await std::move(asking);
  const bool gone = !found && found.error().status == 404;
  if (!found && !gone) co_return found.error();
  if (found && found->displayName != team.displayName) {
    co_return Error::state("renamed",
                           fmt::format("team {} is called '{}' by now, and '{}' in this journal; look who uses "
                                       "it, and delete it by hand if it may go",
                                       team.graph_id, found->displayName, team.displayName));
  }
  const std::string subject = std::to_string(team.id);
  auto beginning = begin_creation(run, "discard_team", subject, team.graph_id);
  if (Status begun = co_await std::move(beginning); !begun) co_return begun.error();
  if (!gone) {
    auto deleting = client.delete_team(team.graph_id);
    const Status deleted = co_await std::move(deleting);
    if (!deleted && deleted.error().status != 404) {
      if (!deleted.error().ambiguous()) {
        auto giving_up = give_up_creation(run, "discard_team", subject, deleted.error());
        co_await std::move(giving_up);
      }
      co_return deleted.error();
    }
  }
  journal::Committer::Work work = [team, subject](journal::Transaction& t) {
    journal::Team now = team;
    now.state = kState;
    t.team(now);
    t.creation_done("discard_team", subject, team.graph_id);
    t.finding("discarded", 0, fmt::format("team '{}' ({}) was deleted on request", team.displayName, team.graph_id));
  };
  auto committing = run.commit(std::move(work));
  const bool durable = co_await std::move(committing);
  if (!durable) co_return *run.summary.error;
  co_return Discarded{team.displayName, team.graph_id, gone};
}

}  // namespace

Task<Result<Discarded>> discard(Session& session, std::string displayName) {
  try {
    if (auto ours = check_identity(session.journal, session.identity); !ours) co_return ours.error();
    auto team = named(session.journal, displayName);
    if (!team) co_return team.error();
    if (auto ours = check_ours(*team); !ours) co_return ours.error();
    RunState run(session);
    auto taking = take_back(run, std::move(*team));
    co_return co_await std::move(taking);
  } catch (const journal::Failure& failure) {
    co_return failure.error;
  }
}

Status refuse_discarded(journal::Journal& journal) {
  for (const auto& team : journal.teams()) {
    if (team.state != kState) continue;
    return Error::state("discarded",
                        fmt::format("{}: its team '{}' was discarded; the journal is kept as a record. Begin "
                                    "anew with another: --journal FILE",
                                    journal.path(), team.displayName));
  }
  return done();
}

}  // namespace teamferry::migrate
