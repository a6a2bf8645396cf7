#include <fmt/format.h>

#include "native/migrate/lane.h"

// How a message gets its final state, in the journal and in memory, how it moves away from a stranger's, and how
// patiently it is looked for.
namespace teamferry::migrate {

using journal::State;
using journal::Transaction;

Task<bool> Lane::mark_sent(std::size_t i, std::string graph_id, bool by_read, std::string finding) {
  Row& row = rows_[i];
  journal::Committer::Work work = [id = row.id, graph_id, by_read, finding](Transaction& t) {
    t.sent(id, graph_id, by_read ? "found by reading" : "");
    if (!finding.empty()) t.finding(graph_id.empty() ? "id_unknown" : "other_time", id, finding);
  };
  auto committing = run_.commit(std::move(work));
  const bool durable = co_await std::move(committing);
  if (!durable) co_return false;
  run_.transition(row.state, State::sent);
  if (row.state != State::doubt) --open_rows_;
  row.state = State::sent;
  row.graph_id = std::move(graph_id);
  asides_in_a_row_ = 0;
  run_.accepted(by_read);
  run_.lane_remaining(conversation_.id, open_rows_);
  tell("sending");
  co_return true;
}

Task<bool> Lane::mark_failed(std::size_t i, std::string reason) {
  Row& row = rows_[i];
  run_.transition(row.state, State::failed);
  row.state = State::failed;
  --open_rows_;
  ++run_.summary.failed;
  journal::Committer::Work work = [id = row.id, reason = std::move(reason)](Transaction& t) { t.failed(id, reason); };
  auto committing = run_.commit(std::move(work));
  co_return co_await std::move(committing);
}

Task<bool> Lane::mark_doubt(std::size_t i, std::string reason) {
  Row& row = rows_[i];
  run_.transition(row.state, State::doubt);
  row.state = State::doubt;
  --open_rows_;
  ++run_.summary.doubt;
  journal::Committer::Work work = [id = row.id, reason = std::move(reason)](Transaction& t) { t.doubt(id, reason); };
  auto committing = run_.commit(std::move(work));
  co_return co_await std::move(committing);
}

Task<bool> Lane::move_away(std::size_t i) {
  const DateTime stranger = rows_[i].time;
  taken_.insert(stranger);
  const Moves moves = plan_moves(rows_, i, taken_);
  bool too_far = false;
  for (const auto& [id, time] : moves) {
    const auto message = run_.session.journal.message(id);
    if (message && time.ms - message->planned_time.ms > limits::in_force().times.largest_shift_ms) too_far = true;
  }
  if (too_far) {
    auto failing = mark_failed(i, fmt::format("no free time: from {} on, {} milliseconds are taken",
                                              stranger.to_string(), limits::in_force().times.largest_shift_ms));
    co_await std::move(failing);
    co_return false;
  }
  std::size_t at = i;
  for (const auto& [id, time] : moves) {
    while (rows_[at].id != id) ++at;
    rows_[at].time = time;
  }
  rows_[i].maybe = false;
  run_.summary.moved += static_cast<std::int64_t>(moves.size());
  journal::Committer::Work work = [conversation = conversation_.id, stranger, moves](Transaction& t) {
    t.taken(conversation, stranger);
    t.move(moves);
    for (const auto& [id, time] : moves) {
      t.finding("moved", id,
                fmt::format("to {}, since another message stands at {}", time.to_string(), stranger.to_string()));
    }
  };
  ++moving_;
  auto committing = run_.commit(std::move(work));
  const bool durable = co_await std::move(committing);
  --moving_;
  work_.notify_one();
  co_return durable;
}

// Born migrating, for this journal, and not completed: nobody else can have taken a time there.
bool Lane::only_we_write() const {
  return !is_switched(conversation_) && !conversation_.existing && conversation_.state == "inProgress";
}

// Looks, and as long as nothing is seen again after each pause in which what was stored becomes readable. Nothing: the
// run is closing.
Task<std::optional<Sighting>> Lane::look_through_lag(Trip& trip) {
  const auto& lag = run_.session.options.read_lag;
  for (std::size_t k = 0;; ++k) {
    auto looking = reader_.look_patiently(expected(*trip.row, trip.body), k == lag.size());
    Sighting sighting = co_await std::move(looking);
    if (sighting.seen != Seen::nothing || k == lag.size()) co_return sighting;
    run_.tell_wait("a message in " + name() + " to be readable", lag[k]);
    auto nap = run_.nap(lag[k]);
    const bool go_on = co_await std::move(nap);
    if (!go_on) co_return std::nullopt;
  }
}

// Messages that got no clear answer however often they were sent, while others passed: Graph stumbles over them.
// true: something changed that others may wait for.
Task<bool> Lane::settle_aside() {
  const auto aside = std::exchange(aside_, {});
  bool changed = false;
  for (const auto& [i, why] : aside) {
    if (closing()) break;
    auto body = run_.session.journal.body(rows_[i].id);
    if (!body) {
      run_.end(body.error());
      break;
    }
    auto looking = reader_.look_patiently(expected(rows_[i], *body), true);
    const Sighting sighting = co_await std::move(looking);
    if (sighting.seen == Seen::ours) {
      auto marking = mark_sent(i, sighting.id, true, "");
      co_await std::move(marking);
    } else if (asides_in_a_row_ > 0 || sighting.error) {
      stop(Error::state("unclear",
                        fmt::format("the service gives no clear answers ({}); run again later, what was begun "
                                    "will be settled then",
                                    why)));
      break;
    } else {
      auto marking = mark_doubt(i, "no clear answer: " + why);
      co_await std::move(marking);
    }
    changed = true;
  }
  co_return changed;
}

}  // namespace teamferry::migrate
