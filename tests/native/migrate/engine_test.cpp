#include "native/migrate/engine.h"

#include <fmt/format.h>

#include <catch2/catch.hpp>

#include "native/migrate/engine_state.h"
#include "tests/support/limits_override.h"
#include "world.h"

using namespace teamferry;
using namespace std::chrono_literals;
using fake::Fault;
using fake::kAda;
using fake::kStart;
using journal::State;

namespace {

void set_the_weather(fake::World& world, std::uint64_t seed) {
  world.store.ingestion_ids = seed % 2 == 0;
  world.store.read_lag = seed % 3 == 0 ? 5000 : 0;
  world.store.provisioning = seed % 4 == 0 ? 3000 : 0;
  world.store.page = 1 + seed % 7;
  world.store.inline_replies = 1 + seed % 4;
  world.jitter = true;
  world.fault_rate = seed % 5 == 0 ? 0 : 0.15;
  if (seed % 6 == 0) world.limits = throttle::no_limits();
  world.random_plan(seed, 30);
}

Error refusal(int status, std::string message) {
  Error error;
  error.kind = Error::Kind::service;
  error.status = status;
  error.message = std::move(message);
  return error;
}

}  // namespace

TEST_CASE("What ends a run is recognised by the texts in the service's data", "[migrate]") {
  CHECK(migrate::ends_the_run(refusal(403, "Missing role permissions on the request.")));
  CHECK_FALSE(migrate::ends_the_run(refusal(403, "The roles are lacking.")));
  const limits::Override other(R"({"texts": {"missing_role": ["roles are lacking"]}})");
  CHECK_FALSE(migrate::ends_the_run(refusal(403, "Missing role permissions on the request.")));
  CHECK(migrate::ends_the_run(refusal(403, "The roles are lacking.")));
}

TEST_CASE("A run under other limits leaves a note of them in the journal", "[migrate]") {
  fake::World world;
  world.message(world.channel("one"), kStart + 1, kAda, "hello");
  world.plan();
  const limits::Override other(R"({"pace": {"article_per_second": 4}})");
  fake::Life life(world, 1);
  REQUIRE(life.run().whole());
  CHECK(world.journal->meta("run_limits") == R"({"pace.article_per_second":4})");
}

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

TEST_CASE("A whole migration, killed at any step of run and complete, ends completed", "[migrate]") {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    INFO("seed " << seed);
    fake::World world;
    set_the_weather(world, seed);
    std::minstd_rand random(static_cast<std::minstd_rand::result_type>(seed * 17));
    for (std::uint64_t tries = 0; tries < 9 && world.in_state(State::sent) < 30; ++tries) {
      fake::Life(world, seed * 50 + tries).run();
    }
    REQUIRE(world.in_state(State::sent) == 30);
    for (int life = 0; life < 6; ++life) {
      fake::Life now(world, seed * 100 + static_cast<std::uint64_t>(life));
      now.complete_for(static_cast<int>(random() % 60));
    }
    world.fault_rate = 0;
    fake::Life last(world, seed);
    const auto completed = last.complete();
    if (!completed) FAIL(completed.error().to_string());
    CHECK(world.store.teams.front().completed);
    for (const auto& channel : world.store.teams.front().channels) CHECK(channel.mode == "completed");
    CHECK(world.journal->teams().front().state == "completed");
    fake::Life reader(world, seed);
    const auto verified = reader.verify();
    REQUIRE(verified.ok());
    CHECK(verified->ok());
  }
}

TEST_CASE("A second run over a finished journal asks for nothing and sends nothing", "[migrate]") {
  fake::World world;
  world.random_plan(3, 20);
  fake::Life(world, 1).run();
  fake::Life again(world, 2);
  const auto summary = again.run();
  CHECK(summary.whole());
  CHECK(summary.sent == 0);
  CHECK(again.service.calls.empty());
}

TEST_CASE("Ctrl-C waits for the answers that are due and leaves nothing half sent", "[migrate]") {
  fake::World world;
  world.random_plan(4, 60);
  fake::Life life(world, 1);
  life.loop.at(life.loop.now() + 4s, [&life] { life.stop = true; });
  const auto begun = life.loop.now();
  const auto summary = life.run();
  CHECK(summary.interrupted);
  CHECK_FALSE(summary.whole());
  CHECK(life.loop.now() - begun < 5s);
  CHECK(summary.sent > 0);
  CHECK(world.in_state(State::sending) == 0);
  CHECK(world.in_state(State::sent) + world.in_state(State::planned) == 60);
  fake::Life(world, 2).run();
  CHECK(world.store.content() == world.expected());
}

TEST_CASE("Ctrl-C during a long Retry-After ends within a second", "[migrate]") {
  fake::World world;
  world.random_plan(5, 10);
  fake::Life life(world, 1);
  life.service.script = [](const http::Request& request) {
    return request.method == "POST" && request.url.ends_with("/messages") ? Fault::throttle_bare : Fault::none;
  };
  life.loop.at(life.loop.now() + 60s, [&life] { life.stop = true; });
  const auto begun = life.loop.now();
  const auto summary = life.run();
  CHECK(summary.interrupted);
  CHECK(life.loop.now() - begun < 61s);
  CHECK(summary.throttled > 2);
}

TEST_CASE("Ctrl-C while a team or a channel comes to be ends within a second", "[migrate]") {
  const bool channel = GENERATE(false, true);
  fake::World world;
  world.message(world.channel("room"), kStart, kAda, "text");
  world.plan();
  if (!channel) world.store.provisioning = 600'000;
  fake::Life life(world, 1);
  life.service.script = [&world, channel](const http::Request& request) {
    if (channel && request.method == "POST" && request.url.ends_with("/channels")) world.store.provisioning = 200'000;
    return Fault::none;
  };
  const auto begun = life.loop.now();
  life.loop.at(begun + 3s, [&life] { life.stop = true; });
  const auto summary = life.run();
  CHECK(life.loop.now() - begun < 4s);
  CHECK(summary.interrupted);
  CHECK_FALSE(summary.error);
  CHECK(summary.stopped.empty());
  world.store.provisioning = 0;
  CHECK(fake::Life(world, 2).run().whole());
  CHECK(world.store.teams.size() == 1);
}

TEST_CASE("A journal that fails while a channel is created ends the run and leaves nobody waiting", "[migrate]") {
  fake::World world;
  for (const char* name : {"one", "two", "three"}) world.message(world.channel(name), kStart, kAda, "text");
  world.plan();
  world.options.creations = 1;
  fake::Life life(world, 1);
  life.session.progress = [](const migrate::Progress& progress) {
    if (progress.doing == "creating #one") throw journal::Failure(Error::state("journal_io", "the disk is full"));
  };
  const auto summary = life.run();
  REQUIRE(summary.error);
  CHECK(summary.error->code == "journal_io");
}

TEST_CASE("A run needs a finished plan and the identity its journal belongs to", "[migrate]") {
  fake::World world;
  SECTION("without a plan nothing starts") {
    fake::Life life(world, 1);
    const auto result = life.loop.run(migrate::run(life.session));
    REQUIRE_FALSE(result.ok());
    CHECK(result.error().code == "plan_unfinished");
    CHECK(life.service.calls.empty());
  }
  SECTION("another application is refused, and the words name both") {
    world.random_plan(6, 5);
    fake::Life(world, 1).run();
    world.identity.client_id = "app-2";
    fake::Life life(world, 2);
    const auto result = life.loop.run(migrate::run(life.session));
    REQUIRE_FALSE(result.ok());
    CHECK(result.error().code == "other_identity");
    CHECK(result.error().message.find("app-1") != std::string::npos);
    CHECK(result.error().message.find("app-2") != std::string::npos);
    CHECK(life.service.calls.empty());
  }
  SECTION("another target is refused, and nothing of the new identity is written") {
    world.random_plan(6, 5);
    fake::Life(world, 1).run();
    world.identity.target = "global";
    fake::Life life(world, 2);
    CHECK(life.complete().error().code == "other_identity");
    CHECK(world.journal->meta("target") == "emulator");
  }
}

TEST_CASE("Twenty equal refusals in a row stop the run; different ones do not", "[migrate]") {
  fake::World world;
  const int room = world.channel("room");
  for (int i = 0; i < 60; ++i) world.message(room, kStart + i, kAda, "text");
  world.plan();
  fake::Life life(world, 1);
  life.service.script = [](const http::Request& request) {
    return request.url.ends_with("/messages") && request.method == "POST" ? Fault::refuse : Fault::none;
  };
  const auto summary = life.run();
  REQUIRE(summary.error);
  CHECK(summary.error->code == "equal_refusals");
  CHECK(summary.failed >= 20);
  CHECK(summary.failed < 24);
  CHECK(world.in_state(State::failed) == summary.failed);
  CHECK(world.in_state(State::sending) == 0);
}

TEST_CASE("Refusals that differ only in ids and times are equal", "[migrate]") {
  fake::World world;
  fake::Life life(world, 1);
  migrate::RunState state(life.session);
  const auto refuse = [&](int i, const char* what) {
    state.refused(
        refusal(403, fmt::format("{} '8c0a1a67-50ce-4114-bb6c-{:012x}' at 2019-02-04T19:58:{:02}Z", what, i, i)));
  };
  SECTION("twenty of them end the run") {
    for (int i = 0; i < 19; ++i) refuse(i, "no rights on user");
    CHECK_FALSE(state.summary.error);
    refuse(19, "no rights on user");
    REQUIRE(state.summary.error);
    CHECK(state.summary.error->code == "equal_refusals");
    CHECK_THAT(state.summary.error->message, Catch::Contains("000000000013"));
  }
  SECTION("other words count from the beginning") {
    for (int i = 0; i < 60; ++i) refuse(i, i % 19 == 0 ? "no licence of user" : "no rights on user");
    CHECK_FALSE(state.summary.error);
  }
}

TEST_CASE("Fifty channels fill the budget of the tenant as it doubles, and are created four a second", "[migrate]") {
  for (const std::int64_t latency : {100, 300}) {
    fake::World world;
    for (int c = 0; c < 50; ++c) {
      const int room = world.channel("room " + std::to_string(c));
      for (int i = 0; i < 100; ++i) world.message(room, kStart + i, kAda, "text");
    }
    world.plan();
    fake::Life life(world, 1);
    life.service.latency = latency;
    const auto summary = life.run();
    INFO("latency " << latency);
    CHECK(summary.sent == 5000);
    const int first_half_minute = 10 * (40 + 80 + 160);
    const double ideal = 30 + (5000 - first_half_minute) / (50 * 5.0) + static_cast<double>(latency) / 1000;
    CHECK(ideal / summary.sending_seconds > 0.95);
    const auto& created = life.service.creations;
    REQUIRE(created.size() == 50);
    for (std::size_t i = 4; i < created.size(); ++i) CHECK(created[i] - created[i - 4] >= 980);
  }
}

TEST_CASE("The first hundred conversations wait for each other's channels, and for nobody else's", "[migrate]") {
  fake::World world;
  for (int c = 0; c < 120; ++c) world.message(world.channel("room " + std::to_string(c)), kStart, kAda, "text");
  world.plan();
  fake::Life life(world, 1);
  int created = 0;
  std::optional<int> created_before_the_first;
  life.service.script = [&](const http::Request& request) {
    if (request.method == "POST" && request.url.ends_with("/channels")) ++created;
    if (request.url.ends_with("/messages") && !created_before_the_first) created_before_the_first = created;
    return Fault::none;
  };
  CHECK(life.run().sent == 120);
  REQUIRE(created_before_the_first);
  CHECK(*created_before_the_first >= 100);
  CHECK(*created_before_the_first < 105);
  CHECK(created == 120);
}

TEST_CASE("Channels below the budget of the tenant need hardly longer than one", "[migrate]") {
  fake::World world;
  for (int c = 0; c < 7; ++c) {
    const int room = world.channel("room " + std::to_string(c));
    for (int i = 0; i < 100; ++i) world.message(room, kStart + i, kAda, "text");
  }
  world.plan();
  fake::Life life(world, 1);
  life.service.latency = 300;
  const auto summary = life.run();
  CHECK(summary.sent == 700);
  CHECK((99 * 0.2 + 0.3) / summary.sending_seconds > 0.98);
}

TEST_CASE("Progress tells what arrives, how fast, what is waited for and how long it takes", "[migrate]") {
  fake::World world;
  const int room = world.channel("room");
  for (int i = 0; i < 200; ++i) world.message(room, kStart + i, kAda, "text");
  world.plan();
  fake::Life life(world, 1);
  int imports = 0;
  life.service.script = [&imports](const http::Request& request) {
    return request.url.ends_with("/messages") && ++imports == 50 ? Fault::throttle : Fault::none;
  };
  std::vector<migrate::Progress> seen;
  life.session.progress = [&seen](const migrate::Progress& progress) { seen.push_back(progress); };
  const auto summary = life.run();
  CHECK(summary.throttled == 1);
  CHECK(seen.back().done == 200);
  CHECK(seen.back().total == 200);
  const auto waiting = std::find_if(seen.begin(), seen.end(), [](const auto& p) { return !p.waiting_for.empty(); });
  REQUIRE(waiting != seen.end());
  CHECK(waiting->waiting_for == "429 in #room");
  CHECK(waiting->wait >= 3s);
  const auto middle = std::find_if(seen.begin(), seen.end(), [](const auto& p) { return p.done == 40; });
  REQUIRE(middle != seen.end());
  CHECK(middle->rate == Approx(5).margin(0.5));
  REQUIRE(middle->left);
  CHECK(std::chrono::duration<double>(*middle->left).count() == Approx(32).margin(3));
}

TEST_CASE("The forecast is that of the longest conversation or of all, whichever takes longer", "[migrate]") {
  migrate::Forecast forecast;
  Loop::TimePoint now{1h};
  CHECK_FALSE(forecast.left(now, 100, 100, 5, 0));
  CHECK(std::chrono::duration<double>(*forecast.left(now, 2000, 100, 5, 40)).count() == Approx(50));
  for (int i = 0; i < 200; ++i) forecast.sent(now += 50ms);
  CHECK(forecast.rate(now) == Approx(20).margin(2.5));
  CHECK(std::chrono::duration<double>(*forecast.left(now, 2000, 1000, 5, 40)).count() == Approx(200));
  CHECK(std::chrono::duration<double>(*forecast.left(now, 20'000, 1000, 5, 40)).count() == Approx(1000).margin(130));
  CHECK(std::chrono::duration<double>(*forecast.left(now, 2000, 1000, 0, 40)).count() == Approx(100).margin(13));
}
