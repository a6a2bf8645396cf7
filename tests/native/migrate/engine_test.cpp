#include "native/migrate/engine.h"

#include <catch2/catch.hpp>

#include "world.h"

using namespace teamferry;
using namespace std::chrono_literals;
using journal::State;

TEST_CASE("A run creates what is missing and sends every message once, replies under their roots", "[migrate]") {
  fake::World world;
  world.random_plan(1, 60);
  fake::Life life(world, 1);
  const auto summary = life.run();
  CHECK(summary.whole());
  CHECK(summary.sent == 60);
  CHECK(world.store.content() == world.expected());
  CHECK(world.store.broken_invariant() == "");
  CHECK(world.in_state(State::sent) == 60);
}

TEST_CASE("Wherever a run dies, its successors end with the content of an undisturbed one", "[migrate]") {
  for (std::uint64_t seed = 1; seed <= 250; ++seed) {
    fake::World world;
    std::minstd_rand random(static_cast<std::minstd_rand::result_type>(seed * 31));
    world.store.ingestion_ids = seed % 2 == 0;
    world.store.read_lag = seed % 3 == 0 ? 5000 : 0;
    world.store.provisioning = seed % 4 == 0 ? 3000 : 0;
    world.store.page = 1 + seed % 7;
    world.store.inline_replies = 1 + seed % 4;
    world.jitter = true;
    world.fault_rate = seed % 5 == 0 ? 0 : 0.15;
    if (seed % 6 == 0) world.limits = throttle::no_limits();
    world.random_plan(seed, 30);
    bool ended = false;
    for (int life = 0; life < 12 && !ended; ++life) {
      fake::Life now(world, seed * 100 + static_cast<std::uint64_t>(life));
      ended = now.run_for(static_cast<int>(random() % 400));
      REQUIRE(world.journal->totals().records() == 30);
    }
    for (int tries = 0; tries < 5 && world.in_state(State::sent) < 30; ++tries) {
      fake::Life last(world, seed * 1000 + static_cast<std::uint64_t>(tries));
      last.run();
    }
    INFO("seed " << seed);
    for (const auto& row :
         world.journal->messages_in({State::failed, State::doubt, State::blocked, State::sending}, 3)) {
      UNSCOPED_INFO(row.record << ": " << row.reason);
    }
    REQUIRE(world.store.broken_invariant() == "");
    REQUIRE(world.in_state(State::sent) == 30);
    REQUIRE(world.store.content() == world.expected());
    REQUIRE(world.store.teams.size() == 1);
  }
}
