#include "paced_run.h"

#include <catch2/catch.hpp>

using namespace teamferry;
using emulator::Profile;
using fake::run_paced;

TEST_CASE("By the article, one conversation sends five a second and meets no 429", "[pace]") {
  const auto figures = run_paced({"article", Profile::article, 1, 500});
  CHECK(figures.sent == 500);
  CHECK(figures.per_second >= 4.9);
  CHECK(figures.throttled + figures.other_throttled == 0);
}

TEST_CASE("By the table, one conversation sends four fifths of what is printed and meets hardly a 429", "[pace]") {
  const auto figures = run_paced({"table", Profile::table, 1, 400});
  CHECK(figures.sent == 400);
  CHECK(figures.per_second >= 0.8 * 0.98);
  CHECK(figures.per_second <= 1.0);
  CHECK(figures.throttled_share() < 0.01);
}

TEST_CASE("A service that allows less than the article is followed down to its floor", "[pace]") {
  const auto figures = run_paced({"article", Profile::table, 1, 1000});
  CHECK(figures.sent == 1000);
  CHECK(figures.per_second >= 0.8 * 0.83);
  CHECK(figures.throttled_share() < 0.03);
}

TEST_CASE("At the strict pace no second of a conversation sees six attempts at the door", "[pace]") {
  const auto figures = run_paced({"strict", Profile::strict, 3, 300});
  CHECK(figures.sent == 900);
  CHECK(figures.most_in_a_second == 5);
  CHECK(figures.throttled == 0);
  CHECK(figures.per_second >= 3 * 4.4);
}

TEST_CASE("Two hundred conversations share the tenant's budget evenly and use four fifths of it", "[pace]") {
  const auto figures = run_paced({"table", Profile::table, 200, 30});
  CHECK(figures.sent == 6000);
  CHECK(figures.per_second >= 0.98 * 40);
  CHECK(figures.throttled == 0);
  CHECK(figures.fairness >= 0.9);
}

TEST_CASE("A tenant's budget that nobody knows is found", "[pace]") {
  const auto figures = run_paced({"article", Profile::table, 200, 50});
  CHECK(figures.sent == 10'000);
  CHECK(figures.throttled_share() < 0.05);
  CHECK(figures.fairness >= 0.5);
}
