#include "native/throttle/pace.h"

#include <catch2/catch.hpp>

#include "native/limits/limits.h"
#include "tests/support/limits_override.h"

using namespace teamferry::throttle;
using namespace std::chrono_literals;

namespace {

using teamferry::limits::RequestClass;

const Pace::TimePoint kStart{1h};
const Paced a{RequestClass::import_to_channel, "a"};
const Paced b{RequestClass::import_to_channel, "b"};

// How many requests leave in `time` when each is asked for as soon as it may be.
int sent_in(Pace& pace, const Paced& what, Pace::Duration time) {
  int sent = 0;
  for (auto now = kStart; now < kStart + time;) {
    const auto wait = pace.take(what, now);
    if (wait == 0ms) ++sent;
    now += wait;
  }
  return sent;
}

}  // namespace

TEST_CASE("Each conversation has its own pace", "[throttle]") {
  Pace pace(article_limits());
  CHECK(pace.take(a, kStart) == 0ms);
  CHECK(pace.take(b, kStart + 25ms) == 0ms);
  CHECK(pace.take(a, kStart) == 200ms);
  CHECK(pace.take(a, kStart + 200ms) == 0ms);
}

TEST_CASE("A 429 holds and slows its conversation alone", "[throttle]") {
  Pace pace(article_limits());
  REQUIRE(pace.take(a, kStart) == 0ms);
  pace.throttled(a, kStart, 10s);
  CHECK(pace.rate(a) == 2.5);
  CHECK(pace.rate(b) == 5.0);
  CHECK(pace.take(b, kStart + 25ms) == 0ms);
  CHECK(pace.take(a, kStart + 4s) == 6s);
  CHECK(pace.take(a, kStart + 10s) == 0ms);
  CHECK(pace.take(a, kStart + 10s) == 400ms);
}

TEST_CASE("A 429 that names no time holds for five seconds", "[throttle]") {
  Pace pace(article_limits());
  pace.throttled(a, kStart, std::nullopt);
  CHECK(pace.take(a, kStart) == 5s);
}

TEST_CASE("Answers to requests that left together halve the rate once", "[throttle]") {
  Pace pace(article_limits());
  for (int i = 0; i < 8; ++i) pace.throttled(a, kStart + i * 10ms, 2s);
  CHECK(pace.rate(a) == 2.5);
  CHECK(pace.take(a, kStart + 1s) == 1070ms);
}

TEST_CASE("No 429 slows below the floor", "[throttle]") {
  Pace pace(article_limits());
  for (int i = 0; i < 10; ++i) pace.throttled(a, kStart + i * 10s, 1s);
  CHECK(pace.rate(a) == 0.8);
  CHECK(pace.take(a, kStart + 1h) == 0ms);
  CHECK(pace.take(a, kStart + 1h) == 1250ms);
}

TEST_CASE("The rate is won back by 0.2 per 200 that passed, up to where it was", "[throttle]") {
  Pace pace(article_limits());
  pace.throttled(a, kStart, 1s);
  for (int i = 0; i < 199; ++i) pace.passed(a);
  CHECK(pace.rate(a) == 2.5);
  pace.passed(a);
  CHECK(pace.rate(a) == Approx(2.7));
  SECTION("and a new 429 counts from the beginning") {
    for (int i = 0; i < 199; ++i) pace.passed(a);
    pace.throttled(a, kStart + 1h, 1s);
    for (int i = 0; i < 199; ++i) pace.passed(a);
    CHECK(pace.rate(a) == Approx(1.35));
  }
  SECTION("and not above") {
    for (int i = 0; i < 20'000; ++i) pace.passed(a);
    CHECK(pace.rate(a) == 5.0);
    CHECK(pace.take(a, kStart + 1h) == 0ms);
    CHECK(pace.take(a, kStart + 1h) == 200ms);
  }
}

TEST_CASE("Without limits nothing waits but for Retry-After", "[throttle]") {
  Pace pace(no_limits());
  for (int i = 0; i < 1000; ++i) REQUIRE(pace.take(a, kStart) == 0ms);
  pace.throttled(a, kStart, 3s);
  CHECK(pace.take(a, kStart) == 3s);
  CHECK(pace.take(a, kStart + 3s) == 0ms);
  CHECK(pace.take(a, kStart + 3s) == 0ms);
}

TEST_CASE("An hour of one conversation is what the article allows", "[throttle]") {
  Pace pace(article_limits());
  CHECK(sent_in(pace, a, 1h) == 18'000);
}

TEST_CASE("Each class of requests has a pace of its own", "[throttle]") {
  Pace pace(article_limits());
  CHECK(pace.take(a, kStart) == 0ms);
  CHECK(pace.take({RequestClass::read_channel_messages, "a"}, kStart) == 0ms);
  CHECK(pace.take({RequestClass::read_channel_messages, "a"}, kStart) == 200ms);
  pace.throttled({RequestClass::read_channel_messages, "a"}, kStart, 10s);
  CHECK(pace.take(a, kStart + 200ms) == 0ms);
  for (int i = 0; i < 100; ++i) CHECK(pace.take({RequestClass::unpaced, "a"}, kStart) == 0ms);
}

TEST_CASE("By the table, an hour holds four fifths of each row", "[throttle]") {
  Pace pace(table_limits());
  CHECK(sent_in(pace, a, 1h) == 2'880);
  CHECK(sent_in(pace, {RequestClass::read_chat_messages, "a"}, 1h) == 2'880);
  CHECK(sent_in(pace, {RequestClass::create_channel, "team"}, 1h) == 11'520);
  CHECK(sent_in(pace, {RequestClass::create_team, ""}, 1h) == 28'800);
}

TEST_CASE("Members join a team and a chat four fifths of four times a minute, at any pace but off", "[throttle]") {
  for (const char* name : {"article", "table", "strict"}) {
    Pace pace(*limits_named(name));
    CHECK(sent_in(pace, {RequestClass::add_team_member, "team"}, 1h) == 192);
    CHECK(sent_in(pace, {RequestClass::change_chat_member, "chat"}, 1h) == 192);
  }
}

TEST_CASE("Two conversations share the budget of the tenant, two classes do not", "[throttle]") {
  auto limits = table_limits();
  limits.of(RequestClass::import_to_channel).tenant_rate = 1;
  limits.of(RequestClass::import_to_channel).tenant_most = 1;
  Pace pace(limits);
  CHECK(pace.take(a, kStart) == 0ms);
  CHECK(pace.take(b, kStart) == 500ms);
  CHECK(pace.take(b, kStart + 999ms) == 1ms);
  CHECK(pace.take({RequestClass::import_to_chat, "b"}, kStart) == 0ms);
  CHECK(pace.take(b, kStart + 1s) == 0ms);
}

TEST_CASE("A conversation that is held leaves its slot to others", "[throttle]") {
  auto limits = table_limits();
  limits.of(RequestClass::import_to_channel).tenant_rate = 1;
  limits.of(RequestClass::import_to_channel).tenant_most = 1;
  Pace pace(limits);
  REQUIRE(pace.take(a, kStart) == 0ms);
  REQUIRE(pace.take(b, kStart) > 0ms);
  SECTION("after a 429") {
    pace.throttled(b, kStart, 500ms);
  }
  SECTION("for another reason") {
    pace.hold(b, kStart + 500ms);
  }
  CHECK(pace.take(b, kStart + 1s) > 0ms);
}

TEST_CASE("Limits are found by name and come from the service's data", "[throttle]") {
  REQUIRE(limits_named("article"));
  const auto rate = [](const char* name) {
    return limits_named(name)->of(RequestClass::import_to_channel).resource_rate;
  };
  CHECK(rate("article") == teamferry::limits::in_force().pace.article_per_second);
  CHECK(rate("strict") == 4.5);
  CHECK(rate("table") == Approx(0.8));
  const teamferry::limits::Override slower(R"({"pace": {"article_per_second": 2.5, "unnamed_wait_seconds": 9}})");
  CHECK(rate("article") == 2.5);
  Pace pace(article_limits());
  pace.throttled(a, kStart, std::nullopt);
  CHECK(pace.take(a, kStart) == 9s);
  CHECK(rate("off") == 0);
  CHECK_FALSE(limits_named("guess"));
}
