#include "native/migrate/pilot.h"

#include <catch2/catch.hpp>

#include "world.h"

using namespace teamferry;
using Catch::Matchers::Contains;
using fake::kAda;
using fake::kStart;
using journal::State;

namespace {

struct TwoRooms : fake::World {
  int first = channel("Garden"), second = channel("garden tools");
  journal::RowId a = message(first, kStart, kAda, "dig"), b = message(second, kStart + 1, kAda, "rake");
  TwoRooms() { plan(); }
};

}  // namespace

TEST_CASE("A pilot is found by its name in any letter case, with or without its mark, and by its id",
          "[migrate][pilot]") {
  TwoRooms world;
  const auto source_id = world.journal->conversations().front().source_id;
  for (const std::string& name : {std::string("garden"), std::string("#Garden"), std::string("GARDEN"), source_id}) {
    const auto found = migrate::find_pilot(*world.journal, name);
    REQUIRE(found.ok());
    REQUIRE(found->has_value());
    CHECK(**found == world.journal->conversations().front().id);
  }
  CHECK_FALSE(migrate::find_pilot(*world.journal, "").value().has_value());
  const auto none = migrate::find_pilot(*world.journal, "tools");
  REQUIRE_FALSE(none.ok());
  CHECK_THAT(none.error().message, Contains("it has #garden tools, #Garden"));
}

TEST_CASE("A pilot alone is sent and verified, and the next run sends the rest and nothing twice", "[migrate][pilot]") {
  TwoRooms world;
  {
    fake::Life life(world, 1);
    life.session.options.pilot = "Garden";
    const auto summary = life.run();
    CHECK(summary.sent == 1);
    CHECK(summary.whole());
    const auto seen = life.verify().value();
    CHECK(seen.ok());
    REQUIRE(seen.conversations.size() == 1);
    CHECK(seen.conversations.front().displayName == "Garden");
  }
  CHECK(world.state(world.a) == State::sent);
  CHECK(world.state(world.b) == State::planned);
  CHECK(world.store.channel_named("garden tools") == nullptr);
  CHECK(fake::Life(world, 2).run().sent == 1);
  CHECK(world.store.content() == world.expected());
}

TEST_CASE("A pilot that nobody has sends nothing at all", "[migrate][pilot]") {
  TwoRooms world;
  fake::Life life(world, 1);
  life.session.options.pilot = "kitchen";
  auto running = migrate::run(life.session);
  const auto summary = life.loop.run(std::move(running));
  REQUIRE_FALSE(summary.ok());
  CHECK(summary.error().code == "no_conversation");
  CHECK(world.store.teams.empty());
}
