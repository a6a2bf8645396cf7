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

constexpr int kDeepest = 10'000;  // replies to replies; deeper chains are cycles

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

// The row that the reply `index` belongs under; kNone with `missing` set when it is not there or skipped, kNone
// without when the row turns out to answer nobody.
std::uint32_t Settler::root_of(std::uint32_t index, std::string_view& missing) {
  std::uint32_t at = index;
  for (int depth = 0; depth < kDeepest; ++depth) {
    const std::string_view key = arena_.view(rows_[at].reply_to);
    const std::uint32_t next = index_->find(key);
    if (next == kNone) return missing = key, kNone;
    if (next == at) return at == index ? kNone : at;  // a root that names itself
    if (next == index) return kNone;                  // a circle
    const Row& above = rows_[next];
    if (depth > 0) rows_[index].flattened = true;
    if (above.frozen) {
      if (above.root != kNone) rows_[index].flattened = true;
      return above.root == kNone ? next : above.root;
    }
    const bool top = above.reply_to.empty() || index_->find(arena_.view(above.reply_to)) == next;
    if (top && above.state == State::skipped) return missing = key, kNone;
    if (top) return next;
    at = next;
  }
  return kNone;
}

void Settler::find_roots() {
  std::map<std::string_view, std::vector<std::uint32_t>> orphans;  // by the key of the missing root
  for (std::uint32_t i = 0; i < rows_.size(); ++i) {
    Row& row = rows_[i];
    const bool replies = row.live() && row.seen && !row.reply_to.empty() && (!row.frozen || row.root == kNone);
    if (!replies) continue;
    std::string_view missing;
    const bool flattened = row.flattened;
    const std::uint32_t root = root_of(i, missing);
    if (row.frozen) {  // it was sent as a root: whoever shares its missing root follows it
      row.flattened = flattened;
      if (root == kNone && !missing.empty()) orphans[missing].push_back(i);
      continue;
    }
    row.root = root;
    if (root == kNone) row.flattened = false;
    if (root == kNone && !missing.empty()) orphans[missing].push_back(i);
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
  // A chain may have ended at a row that became a reply itself: one level only (R11).
  for (auto& row : rows_) {
    if (row.frozen || row.root == kNone) continue;
    for (int depth = 0; rows_[row.root].root != kNone && depth < kDeepest; ++depth) row.root = rows_[row.root].root;
  }
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
    facts.now = now;
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
