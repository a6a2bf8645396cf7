#include <fmt/format.h>

#include <algorithm>

#include "native/base/sha256.h"
#include "native/migrate/conversation_state.h"
#include "native/migrate/lane.h"

// One message's protocol: rules 3 to 7 and 9 of DESIGN.md 4a.
namespace teamferry::migrate {

using journal::State;
using journal::Transaction;

Expected Lane::expected(const Row& row, const std::string& body) {
  const Row* root = row.root == 0 ? nullptr : root_of(row);
  return expected_message(body, row.time, root ? root->graph_id : std::string());
}

void Lane::leave_window(Trip& trip) {
  if (!trip.in_window) return;
  trip.in_window = false;
  --in_window_;
  if (trip.left) {
    const double seconds = std::chrono::duration<double>(trip.busy).count();
    busy_seconds_ += 0.2 * (seconds - busy_seconds_);
  }
  work_.notify_one();
}

Task<void> Lane::carry(std::size_t i) {
  Trip trip;
  trip.i = i;
  trip.row = &rows_[i];
  auto body = run_.session.journal.body(trip.row->id);
  if (!body) {
    run_.end(body.error());
    co_return;
  }
  trip.body = std::move(*body);
  ++in_window_;
  Next next = Next::new_bytes;
  while (next == Next::new_bytes || next == Next::same_bytes) {
    const auto begun = run_.session.loop.now();
    if (next == Next::new_bytes && trip.row->state == State::sending) {
      auto comparing = compare_bytes(trip);
      next = co_await std::move(comparing);
      if (next != Next::same_bytes) continue;
      next = Next::new_bytes;
    }
    if (next == Next::new_bytes) {
      auto intending = intend(trip);
      const bool durable = co_await std::move(intending);
      if (!durable) break;
    }
    trip.busy = run_.session.loop.now() - begun;
    auto passing = pass_gate(i);
    const bool go = co_await std::move(passing);
    if (!go) {
      auto turning = turn_back(trip);
      co_await std::move(turning);
      break;
    }
    const Row* root = trip.row->root == 0 ? nullptr : root_of(*trip.row);
    trip.left = true;
    run_.request_leaves();
    ++on_wire_;
    ++run_.on_wire;
    const auto left = run_.session.loop.now();
    auto importing = run_.session.client.import_message(where_, root ? root->graph_id : std::string(), trip.bytes);
    auto answer = co_await std::move(importing);
    trip.busy += run_.session.loop.now() - left;
    --on_wire_;
    --run_.on_wire;
    if (!troubled_.empty()) gate_.notify();
    auto judging = answered(trip, std::move(answer));
    next = co_await std::move(judging);
  }
  leave_window(trip);
  settled(i);
}

void Lane::settled(std::size_t i) {
  if (troubled_.erase(i) > 0) gate_.notify();
}

// An earlier run, perhaps of an older teamferry, has begun this message: other bytes on its millisecond take a look
// first. `same_bytes`: nothing speaks against sending.
Task<Lane::Next> Lane::compare_bytes(Trip& trip) {
  const Row& row = *trip.row;
  const std::string known = run_.session.journal.intent_hash(row.id);
  if (known.empty() || known == sha256(journal::full_body(trip.body, row.time))) co_return Next::same_bytes;
  auto looking = reader_.look_patiently(expected(row, trip.body), false);
  const Sighting sighting = co_await std::move(looking);
  auto deciding = by_sighting(trip, sighting, "an earlier run may have sent other bytes of it");
  const Next next = co_await std::move(deciding);
  if (next != Next::same_bytes) co_return next;
  journal::Committer::Work work = [id = row.id](Transaction& t) {
    t.finding("other_bytes", id, "an earlier run began it with other bytes; none arrived, so it goes out as it is now");
  };
  auto committing = run_.commit(std::move(work));
  const bool durable = co_await std::move(committing);
  co_return durable ? Next::same_bytes : Next::wait_for_next_run;
}

Task<bool> Lane::intend(Trip& trip) {
  Row& row = *trip.row;
  if (row.state == State::planned) run_.transition(State::planned, State::sending);
  row.state = State::sending;
  trip.bytes = journal::full_body(trip.body, row.time);
  journal::Committer::Work work = [id = row.id, time = row.time, variant = row.variant,
                                   hash = sha256(trip.bytes)](Transaction& t) { t.intent(id, time, variant, hash); };
  auto committing = run_.commit(std::move(work));
  co_return co_await std::move(committing);
}

// The run ends before the message could leave. One that may have been stored keeps its state for the next run.
Task<void> Lane::turn_back(Trip& trip) {
  Row& row = *trip.row;
  if (row.maybe) co_return;
  row.state = State::planned;
  run_.transition(State::sending, State::planned);
  journal::Committer::Work work = [id = row.id](Transaction& t) { t.planned_again(id, "interrupted"); };
  auto committing = run_.commit(std::move(work));
  co_await std::move(committing);
}

Task<Lane::Next> Lane::answered(Trip& trip, Result<graph::Imported> answer) {
  Row& row = *trip.row;
  if (answer) {
    run_.session.pace.passed(paced_);
    if (answer->id.empty()) {
      auto noting = note_maybe(trip);
      const bool noted = co_await std::move(noting);
      if (!noted) co_return Next::wait_for_next_run;
      auto looking = reader_.look_patiently(expected(row, trip.body), false);
      const Sighting sighting = co_await std::move(looking);
      auto deciding = by_sighting(trip, sighting, "accepted, but without an id");
      const Next next = co_await std::move(deciding);
      if (next != Next::same_bytes) co_return next;
      auto waiting = unclear(trip, Error::transport("unreadable", "the answer to an import had no message id"));
      co_return co_await std::move(waiting);
    }
    settled(trip.i);
    leave_window(trip);
    std::string finding;
    if (answer->createdDateTime && *answer->createdDateTime != row.time) {
      finding = fmt::format("Graph stored it at {} instead of {}", answer->createdDateTime->to_string(),
                            row.time.to_string());
    }
    auto marking = mark_sent(trip.i, std::move(answer->id), false, std::move(finding));
    co_await std::move(marking);
    co_return Next::settled;
  }
  const Error error = answer.error();
  if (error.status == 429) {
    auto waiting = throttled(trip, error);
    co_return co_await std::move(waiting);
  }
  if (error.ambiguous() || limits::is_version_mismatch(error)) {
    auto waiting = unclear(trip, error);
    co_return co_await std::move(waiting);
  }
  settled(trip.i);
  leave_window(trip);
  if (error.status == 409) {
    auto reading = read_after_conflict(trip, error);
    co_return co_await std::move(reading);
  }
  auto judging = refused(trip, error);
  co_return co_await std::move(judging);
}

Task<Lane::Next> Lane::throttled(Trip& trip, Error error) {
  troubled_.insert(trip.i);
  run_.throttled();
  const auto now = run_.session.loop.now();
  std::optional<Loop::Duration> asked;
  if (error.retry_after) asked = *error.retry_after;
  run_.session.pace.throttled(paced_, now, asked);
  const auto wait = run_.backoff(trip.throttles++, error);
  run_.session.pace.hold(paced_, now + wait);
  run_.tell_wait("429 in " + name(), wait);
  auto nap = run_.nap(wait);
  co_await std::move(nap);
  co_return Next::same_bytes;
}

Task<bool> Lane::note_maybe(Trip& trip) {
  troubled_.insert(trip.i);
  if (trip.row->maybe) co_return true;
  trip.row->maybe = true;
  journal::Committer::Work work = [id = trip.row->id](Transaction& t) { t.maybe(id, true); };
  auto committing = run_.commit(std::move(work));
  co_return co_await std::move(committing);
}

// No answer, or one that does not tell: the same bytes go again, and Graph itself tells them apart by their time.
Task<Lane::Next> Lane::unclear(Trip& trip, Error error) {
  auto noting = note_maybe(trip);
  const bool noted = co_await std::move(noting);
  if (!noted) co_return Next::wait_for_next_run;
  if (++trip.unclear > run_.session.options.unclear_answers) {
    // Either the service is down, or it stumbles over this very message: the ones behind it will tell.
    aside_.push_back({trip.i, error.to_string()});
    if (++asides_in_a_row_ >= 2) {
      Error why = error;
      why.message += "; the service gives no clear answers: run again later, what was begun will be settled then";
      stop(std::move(why));
    }
    co_return Next::wait_for_next_run;
  }
  const auto wait = run_.backoff(trip.unclear - 1, error);
  run_.tell_wait(fmt::format("{} in {}", error.status == 0 ? error.code : std::to_string(error.status), name()), wait);
  auto nap = run_.nap(wait);
  co_await std::move(nap);
  co_return Next::same_bytes;
}

Task<Lane::Next> Lane::refused(Trip& trip, Error error) {
  Row& row = *trip.row;
  if (auto end = ends_the_run(error)) {
    run_.end(std::move(*end));
    auto planning = plan_again(trip, error);
    co_return co_await std::move(planning);
  }
  if (row.maybe) {
    auto looking = look_through_lag(trip);
    const auto seen = co_await std::move(looking);
    if (!seen) co_return Next::wait_for_next_run;
    const Sighting sighting = *seen;
    if (sighting.seen != Seen::nothing && sighting.seen != Seen::stranger) {
      auto deciding = by_sighting(trip, sighting, error.to_string());
      co_return co_await std::move(deciding);
    }
  }
  if (says(error, texts().not_marked_for_import) || (error.status == 404 && row.root == 0)) {
    auto asking = not_marked(trip, error);
    co_return co_await std::move(asking);
  }
  if (another_owns(error)) {
    Error why = error;
    why.message += "; this conversation was opened by another application, only that one can write to it";
    journal::Committer::Work noting = [id = where_.channel_id](Transaction& t) { t.session_refused(id); };
    auto committing = run_.commit(std::move(noting));
    co_await std::move(committing);
    stop(std::move(why));
    auto planning = plan_again(trip, error);
    co_return co_await std::move(planning);
  }
  if (error.status == 404) {
    auto asking = root_missing(trip, error);
    co_return co_await std::move(asking);
  }
  const bool early = says(error, texts().too_early) ||
                     ((error.status == 400 || error.status == 403) && row.time <= conversation_.floor);
  const std::string reason =
      early ? fmt::format(
                  "too early: it is not later than the channel's createdDateTime {}; a new team with an older "
                  "date could hold it",
                  conversation_.floor.to_string())
            : error.to_string();
  auto marking = mark_failed(trip.i, reason);
  co_await std::move(marking);
  run_.refused(error);
  co_return Next::settled;
}

// The channel itself says no. One that has just been created may need a moment; otherwise its state is the reason.
Task<Lane::Next> Lane::not_marked(Trip& trip, Error error) {
  troubled_.insert(trip.i);  // every other message would get the same answer
  auto asking = run_.session.client.channel(where_.team_id, where_.channel_id);
  auto channel = co_await std::move(asking);
  const auto& lag = run_.session.options.read_lag;
  const bool gone = !channel && channel.error().status == 404;
  std::optional<Verdict> verdict;
  if (channel) {
    verdict = judge(seen_state(channel->migrationMode, conversation_.owner, run_.session.identity.client_id),
                    Act::import_message);
  }
  const bool open = verdict && !verdict->illegal();
  if ((open || gone) && trip.unmarked < static_cast<int>(lag.size())) {
    const auto wait = lag[trip.unmarked++];
    run_.tell_wait(fmt::format("{} to take messages", name()), wait);
    auto nap = run_.nap(wait);
    co_await std::move(nap);
    co_return Next::same_bytes;
  }
  Error why = !channel && !gone ? channel.error() : error;
  why.kind = Error::Kind::state;
  if (gone) {
    why.code = "conversation_gone";
    why.message = fmt::format("{} is not in Teams any more", name());
  } else if (verdict && verdict->illegal()) {
    const Error by_state = verdict->error(name());
    why.code = by_state.code;
    why.message = by_state.message;
  }
  stop(std::move(why));
  auto planning = plan_again(trip, error);
  co_return co_await std::move(planning);
}

// 404 on a reply: its root may not have reached every server yet.
Task<Lane::Next> Lane::root_missing(Trip& trip, Error error) {
  const auto& lag = run_.session.options.read_lag;
  const Row* root = root_of(*trip.row);
  auto asking = run_.session.client.message(where_, root ? root->graph_id : std::string());
  auto found = co_await std::move(asking);
  if (trip.missing_root < static_cast<int>(lag.size())) {
    const auto wait = lag[trip.missing_root++];
    run_.tell_wait("the root of a reply in " + name(), wait);
    auto nap = run_.nap(wait);
    co_await std::move(nap);
    co_return Next::same_bytes;
  }
  auto marking = mark_failed(trip.i, (found ? "reply refused: " : "root gone: ") + error.to_string());
  co_await std::move(marking);
  run_.refused(error);
  co_return Next::settled;
}

// Rule 8: without the role to read, a time that only we can have taken is our own message. A root whose replies are
// still to come stays in doubt all the same: they need its id, which a later run with the role finds.
Task<Lane::Next> Lane::read_after_conflict(Trip& trip, Error error) {
  auto looking = look_through_lag(trip);
  const auto sighting = co_await std::move(looking);
  if (!sighting) co_return Next::wait_for_next_run;
  if (sighting->forbidden() && only_we_write() && !roots_.contains(trip.row->id)) {
    auto marking = mark_sent(trip.i, "", false, "its id is not known, since the application may not read");
    co_await std::move(marking);
    co_return Next::settled;
  }
  if (sighting->seen != Seen::nothing) {
    auto deciding = by_sighting(trip, *sighting, error.to_string());
    co_return co_await std::move(deciding);
  }
  auto marking = mark_doubt(trip.i, "not found: Graph says its time is taken (409), but shows no message there");
  co_await std::move(marking);
  co_return Next::settled;
}

// Rule 7. `same_bytes` when nothing was seen.
Task<Lane::Next> Lane::by_sighting(Trip& trip, Sighting sighting, std::string why) {
  switch (sighting.seen) {
    case Seen::nothing:
      co_return Next::same_bytes;
    case Seen::ours: {
      auto marking = mark_sent(trip.i, sighting.id, true, "");
      co_await std::move(marking);
      co_return Next::settled;
    }
    case Seen::other_text: {
      auto marking = mark_doubt(trip.i, fmt::format("other text: message {} has this time and author, but reads "
                                                    "otherwise",
                                                    sighting.id));
      co_await std::move(marking);
      co_return Next::settled;
    }
    case Seen::stranger: {
      auto moving = move_away(trip.i);
      const bool moved = co_await std::move(moving);
      co_return moved ? Next::new_bytes : Next::settled;
    }
    case Seen::unreadable:
      break;
  }
  if (sighting.forbidden()) {
    auto marking = mark_doubt(trip.i, fmt::format("cannot read: {}; and the application may not read this channel "
                                                  "(grant ChannelMessage.Read.All and run again)",
                                                  why));
    co_await std::move(marking);
    co_return Next::settled;
  }
  stop(sighting.error.value_or(Error::transport("unreadable", "the conversation cannot be read")));
  co_return Next::wait_for_next_run;
}

// The lane or the run stops before Graph took the message. One that an earlier attempt may have stored stays
// `sending`, so that no new plan touches it before it is settled.
Task<Lane::Next> Lane::plan_again(Trip& trip, Error error) {
  Row& row = *trip.row;
  if (row.maybe) co_return Next::wait_for_next_run;
  row.state = State::planned;
  run_.transition(State::sending, State::planned);
  journal::Committer::Work work = [id = row.id, reason = error.to_string()](Transaction& t) {
    t.planned_again(id, reason);
  };
  auto committing = run_.commit(std::move(work));
  co_await std::move(committing);
  co_return Next::settled;
}

}  // namespace teamferry::migrate
