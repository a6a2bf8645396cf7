// Road B, from a plan to its verification, against the emulator: channels that cannot be born in migration mode.
#include <catch2/catch.hpp>

#include "migration.h"

using namespace teamferry;
using fake::Migration;
using journal::State;

TEST_CASE("A private channel is filled by road B once its team is completed", "[migrate][roads][emulator]") {
  Migration migration;
  migration.room("C1", "one", 7);
  migration.room("C2", "secret", 8).place.membershipType = "private";
  REQUIRE(migration.plan().planned == 15);

  const auto first = migration.run();
  CHECK(first.whole());
  CHECK(first.sent == 7);
  CHECK(first.waiting == 1);
  CHECK(migration.world.in_state(State::planned) == 8);

  const auto completed = migration.complete();
  REQUIRE(completed.ok());
  CHECK(completed->teams == 1);
  CHECK(completed->members == 3);
  CHECK(completed->waiting == 1);

  const auto second = migration.run();
  CHECK(second.whole());
  CHECK(second.sent == 8);
  CHECK(second.waiting == 0);
  CHECK(migration.conversation("C2").state == "inProgress");
  CHECK(migration.conversation("C2").floor < migrate::kNoon);

  const auto ended = migration.complete();
  REQUIRE(ended.ok());
  CHECK(ended->channels == 1);
  CHECK(ended->members == 2);
  CHECK(ended->waiting == 0);
  CHECK(migration.conversation("C2").state == "completed");
  const auto verified = migration.verify();
  CHECK(verified.ok());
  CHECK(verified.conversations.size() == 2);
  CHECK(migration.emulated->stats().imports == 15);
}
