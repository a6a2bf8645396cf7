#pragma once

#include <string>

#include "native/limits/limits.h"

namespace teamferry::limits {

// Every value by its name, with who says so, as JSON, for what reads limits without being C++:
//   {"sizes.message_soft_bytes": {"value": 25000, "source": "https://…", "as_of": "2026-08", "mark": "inferred"}}
// `answers.*` stand only here: how the service answers where documents leave it open, which `teamferry probe` asks.
// Tested by tests/native/limits/limits_test.cpp.
std::string described_json(const Limits& limits);

}  // namespace teamferry::limits
