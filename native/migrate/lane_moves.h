#pragma once

#include <set>
#include <utility>
#include <vector>

#include "native/journal/journal.h"

namespace teamferry::migrate {

using Moves = std::vector<std::pair<journal::RowId, DateTime>>;

// Where rows go when a stranger holds the millisecond of rows[first]: that row takes the least free one above, and
// planned rows behind it that would now stand before it move likewise, each in turn. Sent and sending rows stay.
// `rows` are those of one conversation in the order in which they are sent; the first move is that of rows[first].
// Changes nothing itself.
// Tested by tests/native/migrate/lane_test.cpp.
Moves plan_moves(const std::vector<journal::LaneRow>& rows, std::size_t first, const std::set<DateTime>& taken);

}  // namespace teamferry::migrate
