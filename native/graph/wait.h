#pragma once

#include <algorithm>

#include "native/graph/client.h"

namespace teamferry::graph {

// Paces the looks at something that was just created. The last look is at the deadline itself.
class Wait {
 public:
  Wait(Loop& loop, Patience patience)
      : loop_(loop), patience_(std::move(patience)), deadline_(loop.now() + patience_.deadline) {}

  bool stopped() const { return patience_.should_stop && patience_.should_stop(); }

  // Waits for the next look. false: the deadline is over, or the caller wants to stop.
  Task<bool> pause() {
    const auto present = loop_.now();
    if (present >= deadline_) co_return false;
    const auto next = std::min(present + patience_.pause, deadline_);
    while (!stopped() && loop_.now() < next) {
      auto sleep = loop_.sleep_until(patience_.should_stop ? std::min(loop_.now() + kGlance, next) : next);
      co_await sleep;
    }
    co_return !stopped();
  }

 private:
  static constexpr Loop::Duration kGlance = std::chrono::milliseconds(500);

  Loop& loop_;
  Patience patience_;
  Loop::TimePoint deadline_;
};

}  // namespace teamferry::graph
