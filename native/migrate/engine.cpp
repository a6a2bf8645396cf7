#include "native/migrate/engine.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "native/limits/limits.h"
#include "native/migrate/discard.h"
#include "native/migrate/engine_state.h"
#include "native/migrate/lane.h"
#include "native/migrate/pilot.h"
#include "native/migrate/targets.h"
#include "native/migrate/where.h"

namespace teamferry::migrate {

using journal::Conversation;
using journal::ConversationId;
using journal::State;

namespace {

constexpr std::chrono::milliseconds kGlance{50};
// Conversations that start together. More would keep the longest one waiting for channels to be created, four a second.
constexpr std::size_t kFirstWave = 100;

struct Job {
  Conversation conversation;
  std::int64_t messages = 0;  // that are not in Graph yet
};

struct TeamPlace {
  std::string graph_id;
  bool fresh = false;
};

std::int64_t count(const journal::Totals& totals, std::initializer_list<State> states) {
  std::int64_t messages = 0;
  for (const State state : states) {
    const auto found = totals.by_state.find(state);
    if (found != totals.by_state.end()) messages += found->second;
  }
  return messages;
}

// Every conversation with something to create or to send, the one with the longest way first; or the pilot alone.
std::vector<Job> jobs_of(RunState& run, std::optional<ConversationId> pilot) {
  std::map<int, journal::Team> teams;
  for (auto& team : run.session.journal.teams()) teams.emplace(team.id, std::move(team));
  std::set<int> expected;  // teams whose members are not all in
  for (const auto& member : run.session.journal.members()) {
    if (member.team != 0 && member.state == "planned") expected.insert(member.team);
  }
  std::vector<Job> jobs;
  for (auto& conversation : run.session.journal.conversations()) {
    if (!is_carried(conversation) || (pilot && conversation.id != *pilot)) continue;
    if (const auto team = teams.find(conversation.team);
        team != teams.end() && waits_for_team(conversation, team->second, expected.contains(conversation.team))) {
      ++run.summary.waiting;
      continue;
    }
    const auto totals = run.session.journal.totals(conversation.id);
    const auto messages = count(totals, {State::planned, State::sending, State::doubt, State::blocked});
    const bool open = is_there(conversation);
    if (open) ++run.summary.conversations;
    if (!open || messages > 0) jobs.push_back({std::move(conversation), messages});
  }
  std::stable_sort(jobs.begin(), jobs.end(), [](const Job& a, const Job& b) { return a.messages > b.messages; });
  return jobs;
}

// Only so many channels are created at once.
Task<Result<Place>> ensure_in_turn(RunState& run, TeamPlace team, Conversation conversation) {
  while (run.creating >= run.session.options.creations) {
    auto turn = run.creation_ended.wait();
    co_await turn;
  }
  if (run.closing()) co_return Error::state("interrupted", "stopped before the channel was created");
  ++run.creating;
  try {
    auto ensuring = is_switched(conversation) ? ensure_switched(run, team.graph_id, std::move(conversation))
                                              : ensure_channel(run, team.graph_id, std::move(conversation), team.fresh);
    auto place = co_await std::move(ensuring);
    --run.creating;
    run.creation_ended.notify();
    co_return place;
  } catch (...) {  // the journal failed: the others must not wait for the turn that this one holds
    --run.creating;
    run.creation_ended.notify();
    throw;
  }
}

// No conversation of the first wave sends before each of them has its channel or was refused one. An answer that ends
// the run, such as a missing role, so comes before the first message; a channel that is refused for itself stops only
// its own conversation.
Task<void> drive(RunState& run, TeamPlace team, Conversation conversation, bool first_wave) {
  const bool open = is_there(conversation);
  const std::string name = shown(conversation);
  auto ensuring = ensure_in_turn(run, team, std::move(conversation));
  auto place = co_await std::move(ensuring);
  if (first_wave) --run.first_wave;
  if (!place) {
    const Error error = place.error();
    if (error.code == "interrupted" || run.closing()) co_return;
    run.summary.stopped.push_back({name, error});
    if (auto end = ends_the_run(error); end && error.kind == Error::Kind::service) run.end(std::move(*end));
    co_return;
  }
  if (!open) ++run.summary.conversations;
  while (run.first_wave > 0 && !run.closing()) {
    auto nap = run.nap(kGlance);
    co_await std::move(nap);
  }
  Lane lane(run, place->conversation, team.graph_id, place->fresh);
  auto working = lane.work();
  co_await std::move(working);
}

// Takes one conversation after another.
Task<void> drive_next(RunState& run, const std::map<int, TeamPlace>& teams, const std::vector<Job>& jobs,
                      std::size_t& next) {
  while (next < jobs.size() && !run.closing()) {
    const bool first_wave = next < std::min(kFirstWave, static_cast<std::size_t>(run.session.options.lanes));
    const Job& job = jobs[next++];
    static const TeamPlace kNoTeam;
    const auto team = teams.find(job.conversation.team);
    if (team == teams.end() && !is_chat(job.conversation)) {
      run.end(Error::state("no_team", fmt::format("#{} belongs to team {}, which the plan does not hold; plan again",
                                                  job.conversation.displayName, job.conversation.team)));
      co_return;
    }
    try {
      auto driving = drive(run, is_chat(job.conversation) ? kNoTeam : team->second, job.conversation, first_wave);
      co_await std::move(driving);
    } catch (const journal::Failure& failure) {
      run.end(failure.error);
    } catch (const std::exception& breach) {
      run.end(Error::state("internal_error", breach.what()));
      throw;
    }
  }
}

Task<void> send_all(RunState& run, std::optional<ConversationId> pilot) {
  std::map<int, TeamPlace> teams;
  const std::vector<Job> jobs = jobs_of(run, pilot);
  if (pilot && run.summary.waiting > 0) {
    run.end(Error::state("pilot_waits",
                         fmt::format("'{}' can only be made when its team is completed; choose a standard channel or a "
                                     "chat as pilot",
                                     run.session.options.pilot)));
    co_return;
  }
  for (const auto& team : run.session.journal.teams()) {
    const bool needed = team.state == "planned" || team.state == "creating";
    const bool used =
        std::any_of(jobs.begin(), jobs.end(), [&](const Job& j) { return j.conversation.team == team.id; });
    if (pilot ? !used : !needed && !used) continue;
    TeamPlace place;
    auto ensuring = ensure_team(run, team, place.fresh);
    auto id = co_await std::move(ensuring);
    if (!id) {
      if (id.error().code != "interrupted") run.end(ends_the_run(id.error()).value_or(id.error()));
      co_return;
    }
    place.graph_id = *id;
    teams.emplace(team.id, place);
  }
  std::size_t next = 0;
  TaskGroup lanes;
  const auto count = std::min<std::size_t>(jobs.size(), static_cast<std::size_t>(run.session.options.lanes));
  run.first_wave = std::min(count, kFirstWave);
  for (std::size_t i = 0; i < count; ++i) lanes.add(drive_next(run, teams, jobs, next));
  auto all = lanes.wait();
  co_await std::move(all);
}

// By which numbers this journal was sent, should somebody wonder later.
Status note_limits(journal::Journal& journal) {
  const std::string overrides = limits::in_force().overrides_json();
  if (journal.meta("run_limits").value_or("{}") == overrides) return done();
  return journal.set_meta("run_limits", overrides);
}

}  // namespace

Task<Result<RunSummary>> run(Session& session) {
  const auto begun = session.loop.now();
  if (!session.journal.plan_finished()) {
    co_return Error::state("plan_unfinished",
                           fmt::format("{}: holds no finished plan; plan first, then run", session.journal.path()));
  }
  if (auto status = check_identity(session.journal, session.identity); !status) co_return status.error();
  if (auto status = refuse_discarded(session.journal); !status) co_return status.error();
  if (auto status = note_limits(session.journal); !status) co_return status.error();
  const auto pilot = find_pilot(session.journal, session.options.pilot);
  if (!pilot) co_return pilot.error();
  RunState state(session);
  try {
    auto sending = send_all(state, *pilot);
    co_await std::move(sending);
  } catch (const journal::Failure& failure) {
    state.end(failure.error);
  }
  state.summary.interrupted =
      session.stop.load() && count(session.journal.totals(), {State::planned, State::sending}) > 0;
  state.summary.seconds = std::chrono::duration<double>(session.loop.now() - begun).count();
  co_return state.summary;
}

}  // namespace teamferry::migrate
