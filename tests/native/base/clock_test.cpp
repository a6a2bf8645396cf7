#include "native/base/clock.h"

#include <catch2/catch.hpp>

using namespace teamferry;

namespace {
struct Hand : WallClock {
  DateTime now() const override { return DateTime{ms}; }
  std::int64_t ms = 1'000'000;
};
}  // namespace

TEST_CASE("A clock shows the time it reads until it follows another, then that one at its speed", "[base]") {
  Hand hand;
  FollowingClock clock(hand);
  CHECK(clock.now().ms == 1'000'000);
  clock.follow(DateTime{5'000'000}, 60);
  CHECK(clock.now().ms == 5'000'000);
  hand.ms += 1'500;
  CHECK(clock.now().ms == 5'090'000);
}
