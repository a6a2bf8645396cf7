#include "native/throttle/token_bucket.h"

#include <catch2/catch.hpp>
#include <random>
#include <vector>

using namespace teamferry::throttle;
using namespace std::chrono_literals;

namespace {
const TokenBucket::Clock::time_point kStart{1h};
}

TEST_CASE("A bucket of one gives a token an interval", "[throttle]") {
  TokenBucket bucket(200ms, 1);
  CHECK(bucket.take(kStart) == 0ms);
  CHECK(bucket.take(kStart) == 200ms);
  CHECK(bucket.take(kStart + 150ms) == 50ms);
  CHECK(bucket.take(kStart + 200ms) == 0ms);
  CHECK(bucket.take(kStart + 200ms) == 200ms);
}

TEST_CASE("A bucket of five gives five at once, then one an interval", "[throttle]") {
  TokenBucket bucket(200ms, 5);
  for (int i = 0; i < 5; ++i) CHECK(bucket.take(kStart) == 0ms);
  CHECK(bucket.take(kStart) == 200ms);
  CHECK(bucket.take(kStart + 200ms) == 0ms);
  CHECK(bucket.take(kStart + 200ms) == 200ms);
  SECTION("and is full again after five intervals, not fuller") {
    for (int i = 0; i < 5; ++i) CHECK(bucket.take(kStart + 1h) == 0ms);
    CHECK(bucket.take(kStart + 1h) == 200ms);
  }
  SECTION("waits out a hold, and a shorter one never shortens it") {
    bucket.hold(kStart + 7s);
    bucket.hold(kStart + 2s);
    CHECK(bucket.take(kStart + 1s) == 6s);
    CHECK(bucket.take(kStart + 7s) == 0ms);
    CHECK(bucket.take(kStart + 7s) == 200ms);
  }
}

TEST_CASE("A late caller is never given the time it lost", "[throttle]") {
  TokenBucket bucket(200ms, 1);
  REQUIRE(bucket.take(kStart) == 0ms);
  REQUIRE(bucket.take(kStart + 950ms) == 0ms);
  CHECK(bucket.take(kStart + 950ms) == 200ms);
}

TEST_CASE("Six tokens of a bucket of one never lie within a second", "[throttle]") {
  std::mt19937 random(1);
  TokenBucket bucket(200ms, 1);
  auto now = kStart;
  std::vector<TokenBucket::Clock::time_point> taken;
  while (taken.size() < 2000) {
    if (const auto wait = bucket.take(now); wait > 0ms) {
      now += wait + std::chrono::microseconds(random() % 3000);
    } else {
      taken.push_back(now);
      now += std::chrono::microseconds(random() % 400'000);
    }
  }
  bool kept = true;
  for (std::size_t i = 5; i < taken.size(); ++i) kept = kept && taken[i] - taken[i - 5] >= 1s;
  CHECK(kept);
}

TEST_CASE("Another rate holds from the next token on", "[throttle]") {
  TokenBucket bucket(200ms, 1);
  REQUIRE(bucket.take(kStart) == 0ms);
  bucket.set_interval(400ms);
  CHECK(bucket.take(kStart + 200ms) == 0ms);
  CHECK(bucket.take(kStart + 200ms) == 400ms);
}

TEST_CASE("An interval of zero gives without limit, but keeps a hold", "[throttle]") {
  TokenBucket bucket(0ms, 1);
  for (int i = 0; i < 100; ++i) REQUIRE(bucket.take(kStart) == 0ms);
  bucket.hold(kStart + 3s);
  CHECK(bucket.take(kStart) == 3s);
  CHECK(bucket.take(kStart + 3s) == 0ms);
}

TEST_CASE("A bucket that could give nothing is a mistake of the program", "[throttle]") {
  CHECK_THROWS_AS(TokenBucket(200ms, 0), std::invalid_argument);
  CHECK_THROWS_AS(TokenBucket(-1ms, 1), std::invalid_argument);
}
