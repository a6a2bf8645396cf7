#include "native/throttle/tenant_budget.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <string>

#include "tests/support/limits_override.h"

using namespace teamferry;
using namespace teamferry::throttle;
using namespace std::chrono_literals;

namespace {

const TenantBudget::TimePoint kStart{1h};

// Conversations that all want to send at every moment, each asking again when it was told to.
struct Crowd {
  Crowd(TenantBudget& b, int size) : budget(b) {
    for (int i = 0; i < size; ++i) wake.emplace(kStart, "c" + std::to_string(i));
  }
  void until(TenantBudget::TimePoint end) {
    while (wake.begin()->first < end) {
      const auto [now, who] = *wake.begin();
      wake.erase(wake.begin());
      const auto wait = budget.take(who, now);
      if (wait == 0ms) ++sent[who];
      wake.emplace(now + std::max<TenantBudget::Duration>(wait, 1ms), who);
    }
  }
  int total() const {
    int all = 0;
    for (const auto& [who, count] : sent) all += count;
    return all;
  }
  TenantBudget& budget;
  std::multimap<TenantBudget::TimePoint, std::string> wake;
  std::map<std::string, int> sent;
};

// Three conversations meet a 429 in the same moment.
void crowd_objects(TenantBudget& budget, TenantBudget::TimePoint now, TenantBudget::TimePoint until) {
  for (const char* who : {"a", "b", "c"}) budget.throttled(who, now, until);
}

}  // namespace

TEST_CASE("A budget of forty a second is used up, and everybody gets the same", "[throttle]") {
  TenantBudget budget(40, 40);
  Crowd crowd(budget, 200);
  crowd.until(kStart + 60s);
  CHECK(crowd.total() == 2400);
  const auto [least, most] = std::minmax_element(crowd.sent.begin(), crowd.sent.end(),
                                                 [](const auto& x, const auto& y) { return x.second < y.second; });
  CHECK(crowd.sent.size() == 200);
  CHECK(least->second == 12);
  CHECK(most->second == 12);
}

TEST_CASE("A slot that nobody comes for is lost after a second", "[throttle]") {
  TenantBudget budget(1, 1);
  REQUIRE(budget.take("a", kStart) == 0ms);
  REQUIRE(budget.take("b", kStart) == 500ms);
  CHECK(budget.take("c", kStart) == 500ms);
  CHECK(budget.take("b", kStart + 999ms) == 1ms);
  CHECK(budget.take("c", kStart + 1501ms) == 499ms);
  SECTION("and is honoured before") {
    CHECK(budget.take("b", kStart + 2s) == 0ms);
  }
  SECTION("and then a new one is found") {
    CHECK(budget.take("b", kStart + 2501ms) == 499ms);
  }
}

TEST_CASE("An unknown budget doubles every ten seconds, up to what no tenant has", "[throttle]") {
  TenantBudget budget(40, 500);
  Crowd crowd(budget, 600);
  crowd.until(kStart + 10s);
  CHECK(crowd.total() == 400);
  crowd.until(kStart + 20s);
  CHECK(crowd.total() == Approx(400 + 800).margin(2));
  crowd.until(kStart + 30s);
  CHECK(crowd.total() == Approx(400 + 800 + 1600).margin(4));
  crowd.until(kStart + 100s);
  CHECK(budget.rate() == 500);
}

TEST_CASE("A 429 of two conversations says nothing of the tenant, one of three at once does", "[throttle]") {
  TenantBudget budget(40, 500);
  budget.throttled("a", kStart, kStart + 5s);
  budget.throttled("b", kStart, kStart + 5s);
  budget.throttled("a", kStart + 1s, kStart + 5s);
  CHECK(budget.rate() == 40);
  SECTION("two seconds later is not at once") {
    budget.throttled("c", kStart + 3500ms, kStart + 5s);
    CHECK(budget.rate() == 40);
  }
  SECTION("then nobody sends before the service's wait is over, and the rate is halved") {
    budget.throttled("c", kStart + 1s, kStart + 7s);
    CHECK(budget.take("y", kStart + 1s) > 0ms);
    CHECK(budget.take("z", kStart + 6999ms) > 0ms);
    CHECK(budget.take("y", kStart + 7s) == 0ms);
    CHECK(budget.rate() == 20);
  }
}

TEST_CASE("Answers to what had left before the halving do not halve again", "[throttle]") {
  TenantBudget budget(40, 500);
  crowd_objects(budget, kStart, kStart + 1s);
  REQUIRE(budget.rate() == 20);
  for (const char* who : {"d", "e", "f"}) budget.throttled(who, kStart + 300ms, kStart + 2s);
  CHECK(budget.rate() == 20);
  for (const char* who : {"d", "e", "f"}) budget.throttled(who, kStart + 3s, kStart + 4s);
  CHECK(budget.rate() == 10);
}

TEST_CASE("What is halved is what was really sent, not what might have been", "[throttle]") {
  TenantBudget budget(40, 500);
  Crowd crowd(budget, 600);
  crowd.until(kStart + 15s);
  REQUIRE(budget.rate() == 80);
  SECTION("when all of it was used") {
    crowd_objects(budget, kStart + 15s, kStart + 16s);
    CHECK(budget.rate() == Approx(40).margin(1));
  }
  SECTION("when little of it was used") {
    for (auto now = kStart + 17s; now < kStart + 20s; now += 100ms) budget.take("x", now);
    crowd_objects(budget, kStart + 20s, kStart + 21s);
    CHECK(budget.rate() == Approx(5).margin(1));
  }
}

TEST_CASE("After a halving the rate comes back to four fifths of what was too much, then slowly on", "[throttle]") {
  TenantBudget budget(100, 500);
  REQUIRE(budget.take("x", kStart) == 0ms);
  crowd_objects(budget, kStart, kStart + 1s);
  CHECK(budget.rate() == 50);
  auto now = kStart + 1s;
  const auto after = [&](int periods) {
    now += periods * 10s;
    budget.take("x", now);
    return budget.rate();
  };
  CHECK(after(1) == Approx(55));
  CHECK(after(5) == Approx(80));
  CHECK(after(1) == Approx(81.6));
  CHECK(after(360) == 500);
}

TEST_CASE("However often the service objects, a little is left", "[throttle]") {
  TenantBudget budget(40, 500);
  auto now = kStart;
  for (int i = 0; i < 10; ++i, now += 4s) {
    budget.take("x", now);
    crowd_objects(budget, now, now + 1s);
  }
  CHECK(budget.rate() == 4);
}

TEST_CASE("A budget without limit never waits and never learns one", "[throttle]") {
  TenantBudget budget(0, 0);
  for (int i = 0; i < 1000; ++i) REQUIRE(budget.take("a", kStart) == 0ms);
  crowd_objects(budget, kStart, kStart + 9s);
  CHECK(budget.take("a", kStart) == 0ms);
}
