#pragma once

#include "native/base/datetime.h"

namespace teamferry {

// The time of day. Passed in, so that a test decides what time it is.
class WallClock {
 public:
  virtual ~WallClock() = default;
  virtual DateTime now() const = 0;
};

class SystemClock : public WallClock {
 public:
  DateTime now() const override;
};

// The system's time until follow() is called; from then on one that begins at `shown` and runs `speed` times as fast.
// For rehearsals against an emulator whose time is a faster one.
// Tested by tests/native/base/clock_test.cpp.
class FollowingClock : public WallClock {
 public:
  explicit FollowingClock(const WallClock& real) : real_(real) {}
  void follow(DateTime shown, double speed);
  DateTime now() const override;

 private:
  const WallClock& real_;
  std::int64_t real_origin_ms_ = 0;
  std::int64_t shown_origin_ms_ = 0;
  double speed_ = 1;
};

}  // namespace teamferry
