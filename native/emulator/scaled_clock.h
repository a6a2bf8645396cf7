#pragma once

#include <cstdint>

#include "native/base/clock.h"

namespace teamferry::emulator {

// The emulator's own time: it begins with the given clock's and runs `speed` times as fast, and can be moved on for a
// rehearsal of what expires. A restarted emulator begins with the given clock's time again.
// Not thread-safe. Tested by tests/native/emulator/control_test.cpp.
class ScaledClock : public WallClock {
 public:
  // The clock must outlive this. speed >= 1.
  ScaledClock(const WallClock& base, double speed) : base_(base), origin_(base.now().ms), speed_(speed) {}

  DateTime now() const override {
    const auto passed = static_cast<double>(base_.now().ms - origin_);
    return DateTime{origin_ + static_cast<std::int64_t>(passed * speed_) + moved_};
  }
  void move_on(std::int64_t ms) { moved_ += ms; }

 private:
  const WallClock& base_;
  std::int64_t origin_;
  double speed_;
  std::int64_t moved_ = 0;
};

}  // namespace teamferry::emulator
