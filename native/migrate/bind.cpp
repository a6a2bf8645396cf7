#include <fmt/format.h>

#include <algorithm>

#include "native/base/sha256.h"
#include "native/migrate/conversation_state.h"
#include "native/migrate/lane.h"
#include "native/migrate/start.h"

// Rule 2 of DESIGN.md 4a: before anything leaves, a lane compares its rows with what lives in the conversation, and
// opens it for import if that takes a start.
namespace teamferry::migrate {

using journal::State;
using journal::Transaction;

namespace {

bool unsettled(State state) {
  return state == State::planned || state == State::sending || state == State::doubt;
}

constexpr std::size_t kBatch = 1000;  // decisions in one transaction
constexpr int kRounds = 3;            // of reading what lives there, should rows have to move

}  // namespace

Task<bool> Lane::bind() {
  tell("binding");
  if (!fresh_ || is_switched(conversation_)) {
    auto checking = check_state();
    const bool good = co_await std::move(checking);
    if (!good) co_return false;
  }
  std::vector<journal::RowId> unclear;
  for (auto& row : rows_) {
    if (row.state != State::sending || row.maybe) continue;
    row.maybe = true;
    unclear.push_back(row.id);
  }
  if (!unclear.empty()) {
    journal::Committer::Work work = [unclear](Transaction& t) {
      for (const auto id : unclear) t.maybe(id, true);
    };
    auto committing = run_.commit(std::move(work));
    const bool durable = co_await std::move(committing);
    if (!durable) co_return false;
  }
  // A row that moved away from a stranger may now stand where an earlier run of ours has sent it.
  bool again = true;
  for (int round = 0; again && round < kRounds; ++round) {
    auto judging = judge_living(again);
    const bool judged = co_await std::move(judging);
    if (!judged) co_return false;
  }
  auto settling = settle_unclear();
  const bool settled = co_await std::move(settling);
  if (!settled) co_return false;
  auto waking = wake_blocked();
  const bool awake = co_await std::move(waking);
  if (!awake || !closed_) co_return awake;
  if (open_rows_ == 0 && !open_unnoted_ && !completed_there_) co_return true;  // nothing to open it for
  auto opening = open_rows_ > 0 || open_unnoted_ ? open_for_import() : note_completed();
  co_return co_await std::move(opening);
}

// All is there, and nothing is left to open it for: so it is to a journal that was lost after the completion.
Task<bool> Lane::note_completed() {
  if (conversation_.state == "completed") co_return true;
  conversation_.state = "completed";
  journal::Committer::Work work = [conversation = conversation_](Transaction& t) { t.conversation(conversation); };
  auto committing = run_.commit(std::move(work));
  co_return co_await std::move(committing);
}

// Only what is still to be sent is a reason to start: after a lost journal everything may be there. One that is open
// is noted as such.
Task<bool> Lane::open_for_import() {
  const auto oldest = std::find_if(rows_.begin(), rows_.end(), [](const Row& row) { return unsettled(row.state); });
  const DateTime from = oldest == rows_.end() ? DateTime{INT64_MAX} : oldest->time;
  auto opening = open_conversation(run_, conversation_, where_, from);
  auto opened = co_await std::move(opening);
  if (opened) {
    conversation_ = std::move(*opened);
    co_return true;
  }
  if (auto end = ends_the_run(opened.error()); end && opened.error().kind == Error::Kind::service) {
    run_.end(std::move(*end));
  } else {
    stop(opened.error());
  }
  co_return false;
}

// false: the lane cannot send; it has been stopped with its state named.
Task<bool> Lane::check_state() {
  auto asking = run_.session.client.conversation(where_);
  auto channel = co_await std::move(asking);
  if (!channel) {
    Error why = channel.error();
    if (why.status == 404) {
      why =
          Error::state("conversation_gone",
                       fmt::format("{} is not in Teams any more; look who deleted it, and start with a new journal and "
                                   "a new team",
                                   name()));
    } else if (auto end = ends_the_run(why)) {
      run_.end(std::move(*end));
      co_return false;
    } else if (why.status == 403) {
      co_return true;  // no right to look: the journal is believed
    }
    stop(std::move(why));
    co_return false;
  }
  const auto state = seen_state(channel->migrationMode, conversation_.owner, run_.session.identity.client_id);
  completed_there_ = state.mode == MigrationMode::completed;
  // By a start whose answer was never read, or by an earlier journal: that is to be noted, or nobody completes it.
  open_unnoted_ = state.mode == MigrationMode::inProgress && conversation_.state != "inProgress";
  const bool believed_open = state.mode == MigrationMode::unknown && conversation_.state == "inProgress";
  // One that was born migrating and that we completed is opened again like any other, for what a later export adds.
  // Whoever else completed it may have had a reason.
  const bool ours_to_open = completed_there_ && conversation_.state == "completed";
  closed_ = (is_switched(conversation_) || ours_to_open) && !believed_open &&
            (open_unnoted_ || judge(state, Act::start).answer != Answer::illegal);
  if (const auto verdict = judge(state, Act::import_message); !closed_ && open_rows_ > 0 && verdict.illegal()) {
    stop(verdict.error(fmt::format("{}, which has {} messages to send,", name(), open_rows_)));
    co_return false;
  }
  if (channel->createdDateTime && *channel->createdDateTime != conversation_.floor) {
    conversation_.floor = *channel->createdDateTime;
    journal::Committer::Work work = [conversation = conversation_](Transaction& t) { t.conversation(conversation); };
    auto committing = run_.commit(std::move(work));
    co_return co_await std::move(committing);
  }
  co_return true;
}

// Lists what lives there, back to the oldest row that is not settled, and judges what stands on the milliseconds of
// our rows: after a lost journal the living messages are our own.
Task<bool> Lane::judge_living(bool& moved) {
  moved = false;
  std::optional<DateTime> oldest;
  bool began = !fresh_;
  for (const auto& row : rows_) {
    if (unsettled(row.state) && (!oldest || row.time < *oldest)) oldest = row.time;
    if (row.state == State::sent || row.state == State::sending || row.state == State::doubt) began = true;
  }
  if (!oldest || !began) co_return true;
  std::vector<journal::Committer::Work> decided;
  Reader::Each each = [this, &decided](const graph::Message& message) { judge_one(message, decided); };
  auto listing = reader_.each_living(oldest, std::move(each));
  Status listed = co_await std::move(listing);
  for (std::size_t done = 0; done < decided.size(); done += kBatch) {
    std::vector<journal::Committer::Work> part(
        decided.begin() + static_cast<std::ptrdiff_t>(done),
        decided.begin() + static_cast<std::ptrdiff_t>(std::min(decided.size(), done + kBatch)));
    journal::Committer::Work work = [part = std::move(part)](Transaction& t) {
      for (const auto& one : part) one(t);
    };
    auto committing = run_.commit(std::move(work));
    const bool durable = co_await std::move(committing);
    if (!durable) co_return false;
  }
  if (!listed && listed.error().status != 403) {
    stop(listed.error());
    co_return false;
  }
  listed_ = listed.ok();
  moved = !displaced_.empty();
  auto moving = move_displaced();
  co_return co_await std::move(moving);
}

// All strangers' times are known before the first row moves, so that none moves onto the next stranger, and the
// journal holds each of them even if the row that met it was moved by an earlier one.
Task<bool> Lane::move_displaced() {
  const auto displaced = std::exchange(displaced_, {});
  if (displaced.empty()) co_return true;
  for (const auto& [i, time] : displaced) taken_.insert(time);
  journal::Committer::Work work = [conversation = conversation_.id, displaced](Transaction& t) {
    for (const auto& [i, time] : displaced) t.taken(conversation, time);
  };
  auto committing = run_.commit(std::move(work));
  const bool durable = co_await std::move(committing);
  if (!durable) co_return false;
  for (const auto& [i, time] : displaced) {
    if (rows_[i].time != time || !unsettled(rows_[i].state)) continue;
    auto moving = move_away(i);
    co_await std::move(moving);
    if (closing()) co_return false;
  }
  co_return true;
}

// Decides at once in memory, so that a root is known when its replies come; the journal follows in batches.
void Lane::judge_one(const graph::Message& message, std::vector<journal::Committer::Work>& decided) {
  if (!message.createdDateTime) return;
  const DateTime time = *message.createdDateTime;
  auto row = std::lower_bound(rows_.begin(), rows_.end(), time, [](const Row& r, DateTime t) { return r.time < t; });
  while (row != rows_.end() && row->time == time && !unsettled(row->state)) ++row;
  if (row == rows_.end() || row->time != time) return;
  const auto i = static_cast<std::size_t>(row - rows_.begin());
  if (row->root != 0) {
    const Row* root = root_of(*row);
    if (!root || root->state != State::sent) return;  // its place cannot be told before its root is
  }
  const auto body = run_.session.journal.body(row->id);
  if (!body) return;
  const Seen seen = judge(message, expected(*row, *body));
  const State from = row->state;
  if (seen == Seen::ours) {
    if (from != State::doubt) --open_rows_;
    row->state = State::sent;
    row->graph_id = message.id;
    run_.transition(from, State::sent);
    run_.accepted(true);
    decided.push_back(
        [id = row->id, graph_id = message.id](Transaction& t) { t.sent(id, graph_id, "found by reading"); });
  } else if (seen == Seen::other_text && from != State::doubt) {
    --open_rows_;
    row->state = State::doubt;
    run_.transition(from, State::doubt);
    ++run_.summary.doubt;
    const std::string hash = sha256(journal::full_body(*body, time));
    decided.push_back(
        [id = row->id, from, time, variant = row->variant, hash, message_id = message.id](Transaction& t) {
          if (from == State::planned) t.intent(id, time, variant, hash);
          t.doubt(id, fmt::format("other text: message {} has this time and author, but reads otherwise", message_id));
        });
  } else if (seen == Seen::stranger && from != State::doubt) {
    displaced_.emplace(i, time);
  }
}

// What an earlier run left on its way. A reply's thread may be older than what was listed.
Task<bool> Lane::settle_unclear() {
  for (std::size_t i = 0; i < rows_.size() && !closing(); ++i) {
    Row& row = rows_[i];
    if (row.state != State::sending && row.state != State::doubt) continue;
    if (!row.maybe && row.state == State::sending) continue;  // moved away from a stranger
    const Row* root = row.root == 0 ? nullptr : root_of(row);
    if (row.root == 0 ? listed_ : !root || root->graph_id.empty()) continue;
    auto body = run_.session.journal.body(row.id);
    if (!body) {
      run_.end(body.error());
      break;
    }
    auto looking = reader_.look_patiently(expected(row, *body), false);
    const Sighting sighting = co_await std::move(looking);
    if (sighting.seen == Seen::ours) {
      auto marking = mark_sent(i, sighting.id, true, "");
      co_await std::move(marking);
    } else if (row.state == State::sending && sighting.seen == Seen::other_text) {
      auto marking = mark_doubt(
          i, fmt::format("other text: message {} has this time and author, but reads otherwise", sighting.id));
      co_await std::move(marking);
    } else if (row.state == State::sending && sighting.seen == Seen::stranger) {
      auto moving = move_away(i);
      co_await std::move(moving);
    } else if (sighting.forbidden()) {
      break;  // the same bytes go again; should they be refused as known, that is for a person
    } else if (sighting.seen == Seen::unreadable) {
      stop(*sighting.error);
    }
  }
  co_return !closing();
}

// Replies that an earlier run left blocked, and whose root is sent by now or about to be.
Task<bool> Lane::wake_blocked() {
  std::vector<journal::RowId> woken;
  for (auto& row : rows_) {
    if (row.state != State::blocked) continue;
    const Row* root = root_of(row);
    const bool sent = root && root->state == State::sent && !root->graph_id.empty();
    if (!sent && !(root && (root->state == State::planned || root->state == State::sending))) continue;
    row.state = State::planned;
    ++open_rows_;
    run_.transition(State::blocked, State::planned);
    woken.push_back(row.id);
  }
  if (woken.empty()) co_return true;
  journal::Committer::Work work = [woken](Transaction& t) {
    for (const auto id : woken) t.planned_again(id, "its root is sent");
  };
  auto committing = run_.commit(std::move(work));
  co_return co_await std::move(committing);
}

}  // namespace teamferry::migrate
