#include "native/migrate/survey.h"

#include <catch2/catch.hpp>

#include "tests/native/migrate/plan_sample.h"
#include "tests/support/limits_override.h"

using namespace teamferry;
using namespace teamferry::migrate;

TEST_CASE("A survey counts what arrives, and nothing that stays behind", "[survey]") {
  Sample s;
  auto& room = s.mapper.room("C1");
  room.messages = {{"a", 0},  reply("b", 10, "a"),   reply("c", 20, "a"),
                   {"d", 30}, skipped("e", "event"), parked("f", "broken")};
  s.planned();
  const Survey found = survey(*s.journal);
  REQUIRE(found.conversations.size() == 1);
  const auto& sums = found.conversations[0];
  CHECK(sums.messages == 4);
  CHECK(sums.replies == 2);
  CHECK(sums.threads == 1);
  REQUIRE(sums.first);
  CHECK(sums.last->ms - sums.first->ms == 30);
  CHECK(sums.largest_body_bytes > 0);
  CHECK(sums.body_bytes > sums.largest_body_bytes);
  CHECK(found.months.size() == 1);
  CHECK(found.months.begin()->first == sums.first->to_string().substr(0, 7));
  CHECK(found.months.begin()->second == 4);
}

TEST_CASE("Pages of a survey are those of the roots, and what a long thread has beyond its first", "[survey]") {
  const limits::Override pages_of_two(R"({"counts": {"messages_per_page": 2}})");
  Sample s;
  auto& room = s.mapper.room("C1");
  for (int i = 0; i < 3; ++i) room.messages.push_back({"root" + std::to_string(i), i});
  s.mapper.room("C2");
  SECTION("three roots are two pages, an empty conversation is one") {
    s.planned();
    const auto found = survey(*s.journal).conversations;
    CHECK(found.at(0).pages == 2);
    CHECK(found.at(1).pages == 1);
  }
  SECTION("five replies need two more") {
    for (int i = 0; i < 5; ++i) s.mapper.rooms[0].messages.push_back(reply("r" + std::to_string(i), 10 + i, "root0"));
    s.planned();
    CHECK(survey(*s.journal).conversations.at(0).pages == 4);
  }
}
