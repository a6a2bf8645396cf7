#include "native/migrate/plan_limits.h"

#include <catch2/catch.hpp>

#include "tests/native/migrate/plan_sample.h"
#include "tests/support/limits_override.h"

using namespace teamferry;
using namespace teamferry::migrate;
using Catch::Matchers::Contains;

namespace {

void speak(Sample& s, int rooms, int messages) {
  for (int r = 0; r < rooms; ++r) {
    auto& room = s.mapper.room("C" + std::to_string(r));
    for (int i = 0; i < messages; ++i) room.messages.push_back({"k" + std::to_string(i), i});
  }
}

}  // namespace

TEST_CASE("A plan within the limits has no finding of them", "[plan]") {
  Sample s;
  speak(s, 3, 10);
  CHECK(s.planned().limits.empty());
}

TEST_CASE("A team with too many channels is named with the limit and who says so", "[plan]") {
  const limits::Override fewer(R"({"counts": {"channels_per_team": 3}})");
  Sample s;
  SECTION("General counts") {
    speak(s, 3, 1);
    const auto found = s.planned().limits;
    REQUIRE(found.size() == 1);
    CHECK_THAT(found[0], Contains("would have 4 channels") && Contains("the limit is 3 [counts.channels_per_team, "
                                                                       "limits.json]"));
  }
  SECTION("as many as there may be are fine") {
    speak(s, 2, 1);
    CHECK(s.planned().limits.empty());
  }
}

TEST_CASE("A plan that takes days says how many, and what it is that takes them", "[plan]") {
  Sample s;
  speak(s, 2, 50);
  SECTION("the longest conversation") {
    const limits::Override impatient(R"({"times": {"long_sending_days": 0.0001}})");
    const auto found = s.planned().limits;
    REQUIRE(found.size() == 1);
    CHECK_THAT(found[0], Contains("the longest conversation has 50 messages, and one takes 5 a second") &&
                             Contains("https://learn.microsoft.com/") && Contains("2026-08"));
  }
  SECTION("the tenant") {
    const limits::Override impatient(R"({"times": {"long_sending_days": 0.0001}})");
    s.options.tenant_per_second = 2;
    const auto found = s.planned().limits;
    REQUIRE(found.size() == 1);
    CHECK_THAT(found[0], Contains("100 messages, and a tenant takes about 2 a second"));
  }
}
