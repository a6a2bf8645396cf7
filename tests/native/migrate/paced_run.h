#pragma once

#include <cstdint>
#include <string>

#include "native/emulator/throttle.h"
#include "native/throttle/limits.h"

// A whole run of the engine on a clock that jumps, against a service whose door is watched by the emulator's throttle:
// the product's own lanes, pace and row of policies meet a judge that shares no rule with them.
namespace teamferry::fake {

struct PacedRun {
  std::string pace;                                      // the profile that we keep ...
  emulator::Profile judge = emulator::Profile::article;  // ... and the one that is enforced
  int conversations = 1;
  int messages = 100;             // in each
  std::int64_t latency_ms = 300;  // of an answer, half of it each way ...
  std::int64_t jitter_ms = 100;   // ... give or take so much
};

struct PacedFigures {
  std::int64_t sent = 0;
  std::int64_t imports = 0;          // that came to the door
  std::int64_t throttled = 0;        // of those: answered with 429
  std::int64_t other_throttled = 0;  // 429s to other requests
  double seconds = 0;                // from the first import to the last answer
  double per_second = 0;             // imports let through, all conversations together
  int most_in_a_second = 0;          // attempts of one conversation at the door within any second
  double fairness = 0;               // while all send: fewest let through of a conversation / most

  double throttled_share() const { return static_cast<double>(throttled) / static_cast<double>(imports); }
};

PacedFigures run_paced(const PacedRun& settings);

}  // namespace teamferry::fake
