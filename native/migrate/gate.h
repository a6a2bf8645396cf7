#pragma once

#include <cstdint>

#include "native/migrate/session.h"

namespace teamferry::migrate {

// How many messages of what is to be completed now are not in Teams, if they may stay behind. Counted are the
// conversations that this completion ends: not those that wait for it, nor those that were completed before.
// Errors: `unsettled` if they may not; `no_reason` if nobody said why.
// Tested by tests/native/migrate/complete_test.cpp and roads_test.cpp.
Result<std::int64_t> check_gate(journal::Journal& journal, const Options& options);

}  // namespace teamferry::migrate
