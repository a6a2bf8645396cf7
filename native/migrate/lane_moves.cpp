#include "native/migrate/lane_moves.h"

namespace teamferry::migrate {
namespace {

using journal::State;

// Rows whose millisecond the journal keeps unique.
bool live(State state) {
  return state != State::skipped && state != State::failed;
}

}  // namespace

Moves plan_moves(const std::vector<journal::LaneRow>& rows, std::size_t first, const std::set<DateTime>& taken) {
  std::set<DateTime> occupied;  // only what stands near: a move reaches no further than a second
  const DateTime from = rows[first].time;
  for (const auto& row : rows) {
    if (live(row.state) && row.time >= from && row.time.ms <= from.ms + 5000) occupied.insert(row.time);
  }
  auto free_above = [&](DateTime time) {
    do ++time.ms;
    while (occupied.contains(time) || taken.contains(time));
    return time;
  };

  Moves moves;
  DateTime last = free_above(from);
  occupied.insert(last);
  moves.emplace_back(rows[first].id, last);
  for (std::size_t i = first + 1; i < rows.size() && rows[i].time <= last; ++i) {
    if (rows[i].state != State::planned || rows[i].time < from) continue;
    last = free_above(last);
    occupied.insert(last);
    moves.emplace_back(rows[i].id, last);
  }
  return moves;
}

}  // namespace teamferry::migrate
