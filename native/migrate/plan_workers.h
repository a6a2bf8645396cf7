#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "native/migrate/plan_conversation.h"

// Conversations planned on several threads, each with a mapper of its own; the caller's thread writes.
//
// The longest come first, so that none is left over at the end. A conversation's rows depend on no other's, and what
// the conversations come to is put together in the order of the places, so the plan does not tell how many there were.
// Tested by tests/native/migrate/plan_workers_test.cpp.
namespace teamferry::migrate {

// The order in which conversations of these sizes are planned: the largest first, others as they stand.
std::vector<std::size_t> longest_first(const std::vector<std::uint64_t>& sizes);

struct WorkersOptions {
  std::size_t workers = 1;
  std::vector<std::size_t> order;  // of places
  // Called on the caller's thread: records read since the last call, and conversations done. May be empty.
  std::function<void(std::int64_t more, std::size_t done)> progress;
};

// One outcome a place. Of several that fail the first in order tells. `decide` and `tick` of `shared` are replaced.
Result<std::vector<ConversationOutcome>> plan_on_workers(const PlanShared& shared, People& people,
                                                         const Mapper::Another& another, journal::Journal& journal,
                                                         journal::PlanWriter& writer, std::vector<PlannedPlace>& places,
                                                         const WorkersOptions& options);

}  // namespace teamferry::migrate
