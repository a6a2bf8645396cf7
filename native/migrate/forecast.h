#pragma once

#include <deque>
#include <optional>

#include "native/base/loop.h"

namespace teamferry::migrate {

// How fast messages arrive, over the last half minute, and how long the rest will take: as long as the longest
// conversation at its own pace, or all of them at the pace of the whole, whichever is more.
// Tested by tests/native/migrate/engine_test.cpp.
class Forecast {
 public:
  void sent(Loop::TimePoint now);
  // Messages a second.
  double rate(Loop::TimePoint now) const;
  // `lane_rate` and `tenant_rate`: what one conversation, and all together, may send a second; 0: without limit. Before
  // the first messages the latter stands for what is measured; nothing if there is neither.
  std::optional<Loop::Duration> left(Loop::TimePoint now, std::int64_t remaining, std::int64_t longest,
                                     double lane_rate, double tenant_rate) const;

 private:
  static constexpr std::chrono::seconds kSpan{30};
  struct Second {
    Loop::TimePoint start;
    std::int64_t messages;
  };
  std::deque<Second> seconds_;
};

}  // namespace teamferry::migrate
