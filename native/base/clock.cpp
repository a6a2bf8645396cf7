#include "native/base/clock.h"

#include <chrono>
#include <cmath>

namespace teamferry {

DateTime SystemClock::now() const {
  using namespace std::chrono;
  return DateTime{duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count()};
}

void FollowingClock::follow(DateTime shown, double speed) {
  real_origin_ms_ = real_.now().ms;
  shown_origin_ms_ = shown.ms;
  speed_ = speed;
}

DateTime FollowingClock::now() const {
  const auto passed = static_cast<double>(real_.now().ms - real_origin_ms_);
  return DateTime{shown_origin_ms_ + std::llround(passed * speed_)};
}

}  // namespace teamferry
