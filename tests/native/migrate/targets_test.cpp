#include <catch2/catch.hpp>

#include "world.h"

using namespace teamferry;
using namespace std::chrono_literals;
using fake::Fault;
using fake::kAda;
using fake::kStart;
using journal::State;

namespace {

struct TwoRooms : fake::World {
  TwoRooms() {
    message(channel("one"), kStart, kAda, "text");
    message(channel("two"), kStart, kAda, "text");
    plan();
  }
};

fake::Service::Script once(const char* what, Fault fault) {
  auto done = std::make_shared<bool>(false);
  return [done, what = std::string(what), fault](const http::Request& request) {
    if (*done || request.method != "POST" || !request.url.ends_with(what)) return Fault::none;
    *done = true;
    return fault;
  };
}

}  // namespace

TEST_CASE("A creation without a clear answer is looked for and never made twice", "[migrate][targets]") {
  TwoRooms world;
  const char* what = GENERATE("/teams", "/channels");
  const Fault fault = GENERATE(Fault::error_before, Fault::error_after, Fault::lost_before, Fault::lost_after,
                               Fault::throttle, Fault::empty_answer);
  world.store.provisioning = GENERATE(0, 8000);
  fake::Life life(world, 1);
  life.service.script = once(what, fault);
  const auto summary = life.run();
  CHECK(summary.whole());
  REQUIRE(world.store.teams.size() == 1);
  CHECK(world.store.teams.front().channels.size() == 3);
  CHECK(world.store.content() == world.expected());
}

TEST_CASE("A run that dies while creating leaves one team and one channel of each name", "[migrate][targets]") {
  for (int steps = 1; steps < 90; ++steps) {
    TwoRooms world;
    world.store.provisioning = steps % 2 == 0 ? 2000 : 0;
    fake::Life(world, 1).run_for(steps);
    fake::Life(world, 2).run();
    INFO("steps " << steps);
    REQUIRE(world.store.teams.size() == 1);
    REQUIRE(world.store.teams.front().channels.size() == 3);
    REQUIRE(world.store.content() == world.expected());
  }
}

TEST_CASE("A team of the same name without the project's marker is not taken for ours", "[migrate][targets]") {
  TwoRooms world;
  fake::Team other;
  other.id = "team-of-others";
  other.name = "Orbit archive";
  other.description = "somebody else's";
  other.channels.push_back({});
  world.store.teams.push_back(other);
  fake::Life life(world, 1);
  life.service.script = once("/teams", Fault::lost_before);
  life.run();
  REQUIRE(world.store.teams.size() == 2);
  CHECK(world.store.teams.front().channels.size() == 1);
  CHECK(world.store.content() == world.expected());
}

TEST_CASE("General is the channel that the team was born with", "[migrate][targets]") {
  fake::World world;
  const int general = world.channel("General");
  world.message(general, kStart, kAda, "hello");
  world.plan();
  fake::Life(world, 1).run();
  CHECK(world.store.teams.front().channels.size() == 1);
  CHECK(world.store.content() == world.expected());
}

TEST_CASE("A channel that cannot be created stops its conversation and names the answer", "[migrate][targets]") {
  TwoRooms world;
  fake::Life life(world, 1);
  life.service.script = once("/channels", Fault::refuse);
  const auto summary = life.run();
  REQUIRE(summary.stopped.size() == 1);
  CHECK(summary.stopped.front().error.status == 400);
  CHECK(summary.sent == 1);
  SECTION("and the next run tries again") {
    CHECK(fake::Life(world, 2).run().whole());
    CHECK(world.store.content() == world.expected());
  }
}

TEST_CASE("A team that is refused ends the run with the answer", "[migrate][targets]") {
  TwoRooms world;
  fake::Life life(world, 1);
  life.service.script = once("/teams", Fault::refuse);
  const auto summary = life.run();
  REQUIRE(summary.error);
  CHECK(summary.error->status == 400);
  CHECK(fake::Life(world, 2).run().whole());
}
