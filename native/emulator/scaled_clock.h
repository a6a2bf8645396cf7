#pragma once

#include <algorithm>
#include <cstdint>

#include "native/base/clock.h"

namespace teamferry::emulator {

// The emulator's own time: it begins with the given clock's and runs `speed` times as fast, and can be moved on for a
// rehearsal of what expires. What a faster life of the same state has stored is never in its future.
// Not thread-safe. Tested by tests/native/emulator/control_test.cpp.
class ScaledClock : public WallClock {
 public:
  // The clock must outlive this. speed >= 1. Begins no earlier than `not_before` (ms).
  ScaledClock(const WallClock& base, double speed, std::int64_t not_before = 0)
      : base_(base), origin_(base.now().ms), speed_(speed), moved_(std::max<std::int64_t>(0, not_before - origin_)) {}

  DateTime now() const override {
    const auto passed = static_cast<double>(base_.now().ms - origin_);
    return DateTime{origin_ + static_cast<std::int64_t>(passed * speed_) + moved_};
  }
  void move_on(std::int64_t ms) { moved_ += ms; }

 private:
  const WallClock& base_;
  std::int64_t origin_;
  double speed_;
  std::int64_t moved_;
};

}  // namespace teamferry::emulator
