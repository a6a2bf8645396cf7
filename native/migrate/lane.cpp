#include "native/migrate/lane.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace teamferry::migrate {

using journal::State;

namespace {

// How many unsent rows a worker looks at to find one that can go: a long thread must not hold up what follows it.
constexpr int kLookahead = 64;

bool open(State state) {
  return state == State::planned || state == State::sending;
}

}  // namespace

Lane::Lane(RunState& run, journal::Conversation conversation, std::string team_graph_id, bool fresh)
    : run_(run),
      conversation_(std::move(conversation)),
      where_(where(conversation_, std::move(team_graph_id))),
      fresh_(fresh),
      reader_(run, where_),
      paced_{is_chat(conversation_) ? limits::RequestClass::import_to_chat : limits::RequestClass::import_to_channel,
             conversation_.graph_id},
      gate_(run.session.loop),
      work_(run.session.loop) {}

Task<void> Lane::work() {
  load();
  auto binding = bind();
  const bool bound = co_await std::move(binding);
  if (bound && !closing()) {
    run_.lane_remaining(conversation_.id, open_rows_);
    bool again = true;
    while (again) {
      TaskGroup workers;
      const int count = std::max(1, run_.session.options.window);
      for (int i = 0; i < count; ++i) workers.add(worker());
      auto all = workers.wait();
      co_await std::move(all);
      auto settling = settle_aside();
      again = co_await std::move(settling);
    }
    if (open_rows_ > 0 && !closing()) {
      stop(Error::state("unsettled",
                        fmt::format("{} messages of {} could not be settled; run again", open_rows_, name())));
    }
  }
  run_.lane_remaining(conversation_.id, 0);
}

void Lane::load() {
  rows_ = run_.session.journal.lane(conversation_.id);
  busy_.assign(rows_.size(), false);
  for (const DateTime time : run_.session.journal.taken(conversation_.id)) taken_.insert(time);
  for (const auto& row : rows_) {
    if (open(row.state)) ++open_rows_;
    const bool waits = open(row.state) || row.state == State::blocked || row.state == State::doubt;
    if (row.root != 0 && waits) roots_.emplace(row.root, rows_.size());
  }
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    const auto root = roots_.find(rows_[i].id);
    if (root != roots_.end()) root->second = i;
  }
}

Lane::Row* Lane::root_of(const Row& row) {
  const auto found = roots_.find(row.root);
  return found == roots_.end() || found->second >= rows_.size() ? nullptr : &rows_[found->second];
}

void Lane::stop(Error error) {
  if (!closing()) run_.summary.stopped.push_back({name(), std::move(error)});
  stopped_ = true;
  wake_all();
}

void Lane::wake_all() {
  gate_.notify();
  work_.notify();
}

Task<void> Lane::worker() {
  while (!closing()) {
    if (run_.pausing()) {
      auto pausing = run_.pass_pause();
      const bool go_on = co_await std::move(pausing);
      if (!go_on || closing()) break;
    }
    const Pick next = in_window_ < window() && moving_ == 0 ? pick() : Pick{};
    if (next.what == Pick::nothing) {
      if (carried_ == 0) break;  // nothing is left, and nobody is about to free something
      auto turn = work_.wait();
      co_await turn;
      continue;
    }
    ++carried_;
    work_.notify_one();
    auto working = next.what == Pick::block ? block(next.i) : carry_in_thread(next.i);
    try {
      co_await std::move(working);
    } catch (...) {  // a broken contract: the others must not wait for what this one holds
      stopped_ = true;
      --carried_;
      wake_all();
      throw;
    }
    --carried_;
    work_.notify_one();
  }
  wake_all();
}

Task<void> Lane::carry_in_thread(std::size_t i) {
  const journal::RowId thread = rows_[i].root;
  if (thread != 0) busy_threads_.insert(thread);
  auto carrying = carry(i);
  co_await std::move(carrying);
  busy_threads_.erase(thread);
}

// The first unsent row that can go now, or that never will.
Lane::Pick Lane::pick() {
  while (cursor_ < rows_.size() && (busy_[cursor_] || !open(rows_[cursor_].state))) ++cursor_;
  int seen = 0;
  for (std::size_t i = cursor_; i < rows_.size() && seen < kLookahead; ++i) {
    if (busy_[i] || !open(rows_[i].state)) continue;
    ++seen;
    const Pick found = rows_[i].root == 0 ? Pick{Pick::send, i} : pick_reply(i);
    if (found.what == Pick::nothing) continue;
    busy_[i] = true;
    return found;
  }
  return {};
}

Lane::Pick Lane::pick_reply(std::size_t i) {
  const Row* root = root_of(rows_[i]);
  if (root && root->state == State::sent && !root->graph_id.empty()) {
    return busy_threads_.contains(rows_[i].root) ? Pick{} : Pick{Pick::send, i};
  }
  if (root && open(root->state)) return {};
  // A reply that was on its way keeps its state; what became of its root is for a person to see.
  return rows_[i].state == State::planned ? Pick{Pick::block, i} : Pick{};
}

Task<void> Lane::block(std::size_t i) {
  const Row* root = root_of(rows_[i]);
  std::string reason = "root not sent";
  if (root && root->state == State::sent) {
    reason += ": it is in Teams, but its id is unknown";
  } else if (const auto row = run_.session.journal.message(rows_[i].root)) {
    const State state = root ? root->state : row->state;  // the journal may be a tick behind
    reason += fmt::format(": {} is {}", row->record, journal::name(state));
  }
  const journal::RowId id = rows_[i].id;
  rows_[i].state = State::blocked;
  --open_rows_;
  run_.transition(State::planned, State::blocked);
  ++run_.summary.blocked;
  journal::Committer::Work work = [id, reason](journal::Transaction& t) { t.blocked(id, reason); };
  auto committing = run_.commit(std::move(work));
  co_await std::move(committing);
}

// As many as the pace can use while each is on its way, and one that is ready for the next slot.
int Lane::window() const {
  const int most = std::max(1, run_.session.options.window);
  const double rate = run_.session.pace.rate(paced_);
  if (rate <= 0) return most;
  return std::min(most, static_cast<int>(std::floor(rate * busy_seconds_)) + 2);
}

bool Lane::may_leave(std::size_t i) const {
  if (!troubled_.empty()) return *troubled_.begin() == i && on_wire_ == 0;
  return *at_gate_.begin() == i;
}

// Waits for this message's turn and for the pace. false: the lane is closing.
Task<bool> Lane::pass_gate(std::size_t i) {
  at_gate_.insert(i);
  bool go = false;
  while (!closing()) {
    if (!may_leave(i)) {
      auto turn = gate_.wait();
      co_await turn;
      continue;
    }
    const auto wait = run_.session.pace.take(paced_, run_.session.loop.now());
    if (wait <= Loop::Duration::zero()) {
      go = true;
      break;
    }
    auto nap = run_.nap(wait);
    co_await std::move(nap);
  }
  at_gate_.erase(i);
  gate_.notify();
  co_return go;
}

}  // namespace teamferry::migrate
