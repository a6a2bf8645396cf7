#include "native/migrate/discard.h"

#include <catch2/catch.hpp>

#include "world.h"

using namespace teamferry;
using Catch::Matchers::Contains;

namespace {

struct Sent : fake::World {
  Sent() {
    random_plan(3, 20);
    fake::Life(*this, 1).run();
  }
  Result<migrate::Discarded> discard(const std::string& name) {
    fake::Life life(*this, 2);
    auto discarding = migrate::discard(life.session, name);
    return life.loop.run(std::move(discarding));
  }
  std::string name() { return journal->teams().front().displayName; }
};

}  // namespace

TEST_CASE("A team that we created is deleted, and its journal takes no run any more", "[migrate][discard]") {
  Sent world;
  const auto discarded = world.discard(world.name());
  REQUIRE(discarded.ok());
  CHECK_FALSE(discarded->gone_before);
  CHECK(world.store.teams.empty());
  CHECK(world.journal->teams().front().state == "discarded");
  fake::Life life(world, 3);
  auto running = migrate::run(life.session);
  const auto run = life.loop.run(std::move(running));
  REQUIRE_FALSE(run.ok());
  CHECK(run.error().code == "discarded");
  CHECK_THAT(run.error().message, Contains("--journal FILE"));
  CHECK(life.verify().error().code == "discarded");
  CHECK(life.complete().error().code == "discarded");
}

TEST_CASE("A name that is not typed exactly deletes nothing", "[migrate][discard]") {
  Sent world;
  const auto refused = world.discard(world.name() + "s");
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().code == "no_team");
  CHECK_THAT(refused.error().message, Contains("'" + world.name() + "'"));
  CHECK(world.store.teams.size() == 1);
}

TEST_CASE("A team that bears another name by now stays", "[migrate][discard]") {
  Sent world;
  const auto name = world.name();
  world.store.teams.front().name = "Somebody's team";
  const auto refused = world.discard(name);
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().code == "renamed");
  CHECK(world.store.teams.size() == 1);
}

TEST_CASE("A team that is gone already is discarded in the journal", "[migrate][discard]") {
  Sent world;
  world.store.teams.clear();
  const auto discarded = world.discard(world.name());
  REQUIRE(discarded.ok());
  CHECK(discarded->gone_before);
  CHECK(world.journal->teams().front().state == "discarded");
}

TEST_CASE("A team that was never created has nothing to delete", "[migrate][discard]") {
  fake::World world;
  world.random_plan(3, 5);
  fake::Life life(world, 1);
  auto discarding = migrate::discard(life.session, world.journal->teams().front().displayName);
  const auto refused = life.loop.run(std::move(discarding));
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().code == "not_created");
}
