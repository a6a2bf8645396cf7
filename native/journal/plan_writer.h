#pragma once

#include <memory>

#include "native/journal/journal.h"
#include "native/journal/sqlite.h"

namespace teamferry::journal {

// Marks the plan unfinished, durably, and forgets what only planning knows (people, teams that were not created
// yet, its findings, what the export held). Throws Failure.
std::unique_ptr<PlanWriter> make_plan_writer(Database& db);

}  // namespace teamferry::journal
