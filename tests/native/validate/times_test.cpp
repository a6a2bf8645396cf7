#include "native/validate/times.h"

#include <catch2/catch.hpp>
#include <random>
#include <set>

#include "native/limits/limits.h"

using namespace teamferry;
using namespace teamferry::validate;
using Catch::Matchers::Contains;

namespace {
DateTime at(const char* text) {
  return *DateTime::parse(text);
}
std::string floor_of(const char* text) {
  return floor_below(at(text)).to_string();
}
}  // namespace

TEST_CASE("R1: a planned time has exactly the form that is sent", "[times]") {
  CHECK(parse_planned_time("2019-02-04T19:58:15.511Z").value().ms == 1549310295511);
  CHECK_THAT(parse_planned_time("2019-02-04T19:58:15.5Z").error().message, Contains("Write 2019-02-04T19:58:15.500Z"));
  CHECK_THAT(parse_planned_time("yesterday").error().message, Contains("R1 createdDateTime: 'yesterday' is not"));
}

TEST_CASE("R3: a time is cut towards the past and never rounded", "[times]") {
  CHECK(cut_microseconds(1589553562044999).ms == 1589553562044);
  CHECK(cut_microseconds(-1).ms == -1);
  CHECK(cut_microseconds(-1000).ms == -1);
  CHECK(cut_nanoseconds(1589553562044999999).ms == 1589553562044);
  CHECK(cut_nanoseconds(-1000001).ms == -2);
}

TEST_CASE("R4: a clash goes to the least free millisecond above", "[times]") {
  TimeSlots slots;
  for (const int ms : {100, 101, 103}) CHECK(slots.reserve({ms}));
  CHECK_FALSE(slots.reserve({101}));
  CHECK(slots.size() == 3);
  CHECK(slots.least_free_at_or_after({100})->ms == 102);
  CHECK(slots.least_free_at_or_after({103})->ms == 104);
  CHECK_FALSE(slots.least_free_at_or_after({100}, 1));
  slots.release({101});
  slots.release({777});
  CHECK(slots.size() == 2);
  CHECK(slots.free({101}));
  CHECK_FALSE(slots.free({103}));
}

TEST_CASE("Time slots agree with a set whatever is reserved and released", "[times]") {
  std::mt19937 random(4);
  TimeSlots slots;
  std::set<std::int64_t> model;
  for (int i = 0; i < 200'000; ++i) {
    const std::int64_t ms = static_cast<std::int64_t>(random() % 20'000) * (random() % 2 ? 1 : 1'000'003) - 5'000;
    if (random() % 3 == 0) {
      slots.release({ms});
      model.erase(ms);
    } else if (slots.reserve({ms}) != model.insert(ms).second) {
      FAIL("reserve of " << ms);
    }
    if (slots.free({ms + 1}) != (model.count(ms + 1) == 0)) FAIL("free of " << ms + 1);
  }
  CHECK(slots.size() == model.size());
}

TEST_CASE("A million messages find their slots in no time", "[times]") {
  TimeSlots slots(1'000'000);
  std::mt19937_64 random(1);
  std::int64_t ms = 1'500'000'000'000;
  for (int i = 0; i < 1'000'000; ++i) {
    ms += static_cast<std::int64_t>(random() % 100'000) * (random() % 10 != 0);
    slots.reserve(*slots.least_free_at_or_after({ms}));
  }
  CHECK(slots.size() == 1'000'000);
}

TEST_CASE("R4, R5, R9: a message is placed after floor and root where nothing stands", "[times]") {
  TimeSlots slots;
  Wish wish;
  wish.time = {1000};
  wish.floor = DateTime{999};
  CHECK(place(slots, wish).value().time.ms == 1000);
  SECTION("a second one moves by a millisecond") {
    const auto placed = place(slots, wish).value();
    CHECK(placed.time.ms == 1001);
    CHECK(placed.moved_ms == 1);
  }
  SECTION("a reply moves behind its root") {
    wish.root_time = DateTime{1000};
    wish.time = {900};
    wish.floor = DateTime{10};
    const auto placed = place(slots, wish).value();
    CHECK(placed.time.ms == 1001);
    CHECK(placed.moved_ms == 101);
  }
  SECTION("one at the floor is refused") {
    wish.time = {999};
    CHECK_THAT(place(slots, wish).error().message, Contains("R5 createdDateTime: 1970-01-01T00:00:00.999Z is not"));
  }
  SECTION("one that would land in another second is refused") {
    for (std::int64_t ms = 1001; ms <= 1000 + limits::in_force().times.largest_shift_ms; ++ms) slots.reserve({ms});
    CHECK_THAT(place(slots, wish).error().message, Contains("R4 createdDateTime: every millisecond"));
  }
}

TEST_CASE("R5: the floor lies a month or thirty days below the oldest message", "[times]") {
  CHECK(floor_of("2019-02-28T10:00:00Z") == "2019-01-01T00:00:00.000Z");
  CHECK(floor_of("2019-03-01T00:00:00Z") == "2019-01-30T00:00:00.000Z");
  CHECK(floor_of("2019-01-15T10:00:00Z") == "2018-12-01T00:00:00.000Z");
  CHECK(floor_of("0001-01-05T00:00:00Z") == "0001-01-02T00:00:00.000Z");
}
