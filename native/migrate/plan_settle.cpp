#include "native/migrate/plan_settle.h"

#include <algorithm>
#include <map>
#include <string>
#include <tuple>

#include "native/validate/message.h"
#include "native/validate/times.h"

namespace teamferry::migrate {
namespace {

using journal::State;

void lose_time(Row& row) {
  row.released = row.had_time;
  row.had_time = false;
  row.time = kNoTime;
}

}  // namespace

std::vector<std::pair<std::uint32_t, std::uint32_t>> Settler::find_duplicates() {
  std::vector<std::pair<std::uint32_t, std::uint32_t>> duplicates;
  index_.emplace(rows_.size(), [this](std::uint32_t i) { return arena_.view(rows_[i].key); });
  for (std::uint32_t i = 0; i < rows_.size(); ++i) {
    Row& row = rows_[i];
    if ((!row.seen && !row.ghost) || row.key.empty() || index_->add(i)) continue;
    if (row.frozen || !row.live()) continue;
    duplicates.emplace_back(i, index_->find(arena_.view(row.key)));
    row.state = State::skipped;
    row.reason = arena_.add("duplicate");
  }
  return duplicates;
}

// What the row `at` says by itself: the end of its chain, or unknown with the row above it.
Settler::End Settler::step(std::uint32_t at, std::uint32_t& next) const {
  next = index_->find(arena_.view(rows_[at].reply_to));
  if (next == kNone) return {End::What::missing, false, at};
  if (next == at) return {End::What::nobody};  // a root that names itself
  const Row& above = rows_[next];
  if (above.frozen) {
    if (above.root == kNone) return {End::What::root, false, next};
    return {End::What::root, true, above.root};
  }
  const bool top = above.reply_to.empty() || index_->find(arena_.view(above.reply_to)) == next;
  if (!top) return {};
  if (above.state == State::skipped) return {End::What::missing, false, at};
  return {End::What::root, false, next};
}

// Each row is stepped over once, however long the chains are and however many begin in them.
Settler::End Settler::end_of(std::uint32_t index) {
  std::vector<std::uint32_t> path;
  End end;
  for (std::uint32_t at = index, next = kNone;; at = next) {
    end = ends_[at];
    if (end.what == End::What::open) end = {End::What::nobody};  // a circle
    if (end.what != End::What::unknown) break;
    path.push_back(at);
    end = step(at, next);
    if (end.what != End::What::unknown) break;
    ends_[at].what = End::What::open;
  }
  for (std::size_t i = path.size(); i-- > 0;) {
    if (i + 1 < path.size() || ends_[path[i]].what == End::What::open) end.deep = true;
    ends_[path[i]] = end;
  }
  return end;
}

void Settler::find_roots() {
  std::map<std::string_view, std::vector<std::uint32_t>> orphans;  // by the key of the missing root
  ends_.assign(rows_.size(), End());
  for (std::uint32_t i = 0; i < rows_.size(); ++i) {
    Row& row = rows_[i];
    const bool replies = row.live() && row.seen && !row.reply_to.empty() && (!row.frozen || row.root == kNone);
    if (!replies) continue;
    const End end = end_of(i);
    const bool orphan = end.what == End::What::missing;
    if (orphan) orphans[arena_.view(rows_[end.row].reply_to)].push_back(i);
    if (row.frozen) continue;  // it was sent as a root: whoever shares its missing root follows it
    row.root = end.what == End::What::root ? end.row : kNone;
    row.flattened = row.root != kNone && end.deep;
  }
  for (auto& [key, group] : orphans) {
    const auto first = std::min_element(group.begin(), group.end(), [&](std::uint32_t a, std::uint32_t b) {
      const auto rank = [&](std::uint32_t i) {
        return std::tuple(!rows_[i].frozen, rows_[i].source, arena_.view(rows_[i].key), i);
      };
      return rank(a) < rank(b);
    });
    for (const std::uint32_t i : group) {
      if (rows_[i].frozen) continue;
      rows_[i].orphan = true;
      rows_[i].root = i == *first ? kNone : *first;
    }
  }
  ends_ = {};
}

// When a row would go out if nobody were in its way.
std::int64_t Settler::wished(const Row& row) const {
  if (row.source == kNoTime) return row.time;
  if (row.root == kNone) return row.source;
  const Row& root = rows_[row.root];
  const std::int64_t after = root.source == kNoTime ? root.time : root.source;
  return after == kNoTime ? row.source : std::max(row.source, after + 1);
}

std::optional<DateTime> Settler::oldest() const {
  std::int64_t least = INT64_MAX;
  for (const auto& row : rows_) {
    if (!row.live() || (!row.seen && !row.ghost)) continue;
    least = std::min(least, row.had_time ? row.time : row.source);
  }
  return least == INT64_MAX ? std::nullopt : std::optional(DateTime{least});
}

void Settler::place_times(DateTime floor, DateTime now, const std::vector<DateTime>& taken) {
  validate::TimeSlots slots(rows_.size() + taken.size());
  for (const DateTime time : taken) slots.reserve(time);
  for (const auto& row : rows_) {
    if (row.frozen && row.time != kNoTime) slots.reserve(DateTime{row.time});
  }
  std::vector<std::uint32_t> order;
  for (std::uint32_t i = 0; i < rows_.size(); ++i) {
    Row& row = rows_[i];
    if (row.frozen || !row.seen || !row.live()) continue;
    if (row.had_time && row.time > floor.ms && slots.reserve(DateTime{row.time})) continue;
    lose_time(row);
    order.push_back(i);
  }
  const auto before_root = [this](const Row& row) {
    if (row.frozen || !row.seen || !row.live() || row.time == kNoTime || row.root == kNone) return false;
    const Row& root = rows_[row.root];
    return row.time <= (root.time == kNoTime ? wished(root) : root.time);
  };
  for (std::uint32_t i = 0; i < rows_.size(); ++i) {  // a kept time must still lie behind the root's
    if (!rows_[i].had_time || !before_root(rows_[i])) continue;
    slots.release(DateTime{rows_[i].time});
    lose_time(rows_[i]);
    order.push_back(i);
  }
  std::sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
    const std::int64_t at_a = wished(rows_[a]), at_b = wished(rows_[b]);
    if (at_a != at_b) return at_a < at_b;
    return std::tuple(arena_.view(rows_[a].key), a) < std::tuple(arena_.view(rows_[b].key), b);
  });
  for (const std::uint32_t i : order) place_time(slots, rows_[i], floor, now);
  for (auto& row : rows_) {  // its root, placed just now, had to move past it
    if (!row.had_time || !before_root(row)) continue;
    slots.release(DateTime{row.time});
    lose_time(row);
    place_time(slots, row, floor, now);
  }
  block_replies();
}

void Settler::place_time(validate::TimeSlots& slots, Row& row, DateTime floor, DateTime now) {
  const auto fail = [&](std::string_view reason) {
    row.state = State::failed;
    row.reason = arena_.add(reason);
  };
  if (row.source > now.ms) {
    validate::MessageFacts facts;
    const std::string text = DateTime{row.source}.to_string();
    facts.createdDateTime = text;
    facts.context.now = now;
    validate::Findings findings;
    validate::check_time(facts, findings);
    return fail(findings.empty() ? "R2 createdDateTime: it is in the future" : findings[0].to_string());
  }
  validate::Wish wish;
  wish.time = DateTime{wished(row)};
  wish.floor = floor;
  if (row.root != kNone && rows_[row.root].time != kNoTime) wish.root_time = DateTime{rows_[row.root].time};
  const auto placed = validate::place(slots, wish);
  if (!placed) return fail(placed.error().message);
  row.time = placed->time.ms;
}

void Settler::block_replies() {
  for (auto& row : rows_) {
    if (row.frozen || !row.seen || !row.live() || row.root == kNone) continue;
    const Row& root = rows_[row.root];
    if (root.state != State::failed) continue;
    row.state = State::blocked;
    row.reason = arena_.add("root failed: " + std::string(arena_.view(root.key)));
  }
}

}  // namespace teamferry::migrate
