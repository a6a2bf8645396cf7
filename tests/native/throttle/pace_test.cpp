#include "native/throttle/pace.h"

#include <catch2/catch.hpp>

#include "native/limits/limits.h"
#include "tests/support/limits_override.h"

using namespace teamferry::throttle;
using namespace std::chrono_literals;

namespace {
const Pace::TimePoint kStart{1h};
}

TEST_CASE("Each conversation has its own pace", "[throttle]") {
  Pace pace(article_limits());
  CHECK(pace.take("a", kStart) == 0ms);
  CHECK(pace.take("b", kStart) == 0ms);
  CHECK(pace.take("a", kStart) == 200ms);
  CHECK(pace.take("a", kStart + 200ms) == 0ms);
}

TEST_CASE("A 429 holds and slows its conversation alone", "[throttle]") {
  Pace pace(article_limits());
  REQUIRE(pace.take("a", kStart) == 0ms);
  pace.throttled("a", kStart, 10s);
  CHECK(pace.rate("a") == 2.5);
  CHECK(pace.rate("b") == 5.0);
  CHECK(pace.take("b", kStart) == 0ms);
  CHECK(pace.take("a", kStart + 4s) == 6s);
  CHECK(pace.take("a", kStart + 10s) == 0ms);
  CHECK(pace.take("a", kStart + 10s) == 400ms);
}

TEST_CASE("A 429 that names no time holds for five seconds", "[throttle]") {
  Pace pace(article_limits());
  pace.throttled("a", kStart, std::nullopt);
  CHECK(pace.take("a", kStart) == 5s);
}

TEST_CASE("Answers to requests that left together halve the rate once", "[throttle]") {
  Pace pace(article_limits());
  for (int i = 0; i < 8; ++i) pace.throttled("a", kStart + i * 10ms, 2s);
  CHECK(pace.rate("a") == 2.5);
  CHECK(pace.take("a", kStart + 1s) == 1070ms);
}

TEST_CASE("No 429 slows below the floor", "[throttle]") {
  Pace pace(article_limits());
  for (int i = 0; i < 10; ++i) pace.throttled("a", kStart + i * 10s, 1s);
  CHECK(pace.rate("a") == 0.8);
  CHECK(pace.take("a", kStart + 1h) == 0ms);
  CHECK(pace.take("a", kStart + 1h) == 1250ms);
}

TEST_CASE("The rate is won back by 0.2 per 200 that passed, up to where it was", "[throttle]") {
  Pace pace(article_limits());
  pace.throttled("a", kStart, 1s);
  for (int i = 0; i < 199; ++i) pace.passed("a");
  CHECK(pace.rate("a") == 2.5);
  pace.passed("a");
  CHECK(pace.rate("a") == Approx(2.7));
  SECTION("and a new 429 counts from the beginning") {
    for (int i = 0; i < 199; ++i) pace.passed("a");
    pace.throttled("a", kStart + 1h, 1s);
    for (int i = 0; i < 199; ++i) pace.passed("a");
    CHECK(pace.rate("a") == Approx(1.35));
  }
  SECTION("and not above") {
    for (int i = 0; i < 20'000; ++i) pace.passed("a");
    CHECK(pace.rate("a") == 5.0);
    CHECK(pace.take("a", kStart + 1h) == 0ms);
    CHECK(pace.take("a", kStart + 1h) == 200ms);
  }
}

TEST_CASE("Without limits nothing waits but for Retry-After", "[throttle]") {
  Pace pace(no_limits());
  for (int i = 0; i < 1000; ++i) REQUIRE(pace.take("a", kStart) == 0ms);
  pace.throttled("a", kStart, 3s);
  CHECK(pace.take("a", kStart) == 3s);
  CHECK(pace.take("a", kStart + 3s) == 0ms);
  CHECK(pace.take("a", kStart + 3s) == 0ms);
}

TEST_CASE("An hour of one conversation is what the article allows", "[throttle]") {
  Pace pace(article_limits());
  int sent = 0;
  for (auto now = kStart; now < kStart + 1h;) {
    const auto wait = pace.take("a", now);
    if (wait == 0ms) ++sent;
    now += wait;
  }
  CHECK(sent == 18'000);
}

TEST_CASE("Limits are found by name and come from the service's data", "[throttle]") {
  REQUIRE(limits_named("article"));
  CHECK(limits_named("article")->rate == teamferry::limits::in_force().pace.article_per_second);
  const teamferry::limits::Override slower(R"({"pace": {"article_per_second": 2.5, "unnamed_wait_seconds": 9}})");
  CHECK(limits_named("article")->rate == 2.5);
  Pace pace(article_limits());
  pace.throttled("a", kStart, std::nullopt);
  CHECK(pace.take("a", kStart) == 9s);
  CHECK(limits_named("off")->rate == 0);
  CHECK_FALSE(limits_named("guess"));
}
