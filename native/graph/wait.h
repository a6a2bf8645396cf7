#pragma once

#include <algorithm>
#include <optional>

#include "native/graph/client.h"

namespace teamferry::graph {

// Paces the looks at something that was just created. The last look is at the deadline itself.
class Wait {
 public:
  Wait(Loop& loop, const Patience& patience)
      : loop_(loop), pause_(patience.pause), deadline_(loop.now() + patience.deadline) {}

  // What to await before the next look; nothing once the deadline is over.
  std::optional<Callback<Unit>> pause() {
    const auto present = loop_.now();
    if (present >= deadline_) return std::nullopt;
    return loop_.sleep_until(std::min(present + pause_, deadline_));
  }

 private:
  Loop& loop_;
  Loop::Duration pause_;
  Loop::TimePoint deadline_;
};

}  // namespace teamferry::graph
