#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "native/migrate/plan.h"
#include "native/migrate/plan_places.h"

namespace teamferry::migrate {

// What the plan has more of than the service allows, or takes longer for than a person may expect: one sentence each,
// with the limit, who says so and when, and what can be done. `open`: messages that are not sent yet.
// Tested by tests/native/migrate/plan_limits_test.cpp.
std::vector<std::string> beyond_limits(const Places& places, const PlanSummary& summary, std::int64_t open,
                                       const PlanOptions& options);

}  // namespace teamferry::migrate
