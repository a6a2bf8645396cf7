// The engine, the whole row of policies and the journal's own thread against the emulator, over real sockets.
#include <catch2/catch.hpp>

#include "program.h"

using namespace teamferry;
using namespace std::chrono_literals;
using fake::Program;
using fake::strict;
using fake::TemporaryFile;
using journal::State;

TEST_CASE("The emulator takes a whole migration and gives it back unchanged", "[migrate][emulator]") {
  auto options = strict();
  options.ingestion_ids = GENERATE(false, true);
  options.provisioning = options.ingestion_ids ? 300ms : 0ms;
  options.read_lag = options.ingestion_ids ? 500ms : 0ms;
  const auto emulated = emulator::Emulator::start(options).value();
  TemporaryFile file;
  fake::World world;
  world.journal = journal::Journal::open(file.path).value();
  world.limits = throttle::no_limits();
  world.options.channel_patience = {50ms, 20s};
  world.options.team_patience = {50ms, 20s};
  world.options.read_lag = {200ms, 500ms, 1s};
  world.random_plan(5, 200);
  {
    Program program(world, *emulated, "full");
    const auto summary = program.loop.run(migrate::run(program.session));
    REQUIRE(summary.ok());
    for (const auto& stopped : summary->stopped) UNSCOPED_INFO(stopped.error.to_string());
    if (summary->error) UNSCOPED_INFO(summary->error->to_string());
    CHECK(summary->whole());
    CHECK(summary->sent == 200);
    CHECK(summary->throttled == 0);
  }
  Program program(world, *emulated, "full");
  const auto completed = program.loop.run(migrate::complete(program.session));
  if (!completed) FAIL(completed.error().to_string());
  CHECK(completed->teams == 1);
  const auto verified = program.loop.run(migrate::verify(program.session));
  REQUIRE(verified.ok());
  CHECK(verified->ok());
  CHECK(verified->by_kind.empty());
}

TEST_CASE("Stopped half way, the next start sends the rest and nothing twice", "[migrate][emulator]") {
  const auto emulated = emulator::Emulator::start(strict()).value();
  TemporaryFile file;
  fake::World world;
  world.journal = journal::Journal::open(file.path).value();
  world.random_plan(6, 60);
  for (auto wait : {1500ms, 60'000ms}) {
    Program program(world, *emulated, "full");
    program.loop.at(program.loop.now() + wait, [&program] { program.stop = true; });
    if (wait > 10s) program.session.pace = throttle::Pace(throttle::no_limits());
    REQUIRE(program.loop.run(migrate::run(program.session)).ok());
  }
  CHECK(world.in_state(State::sent) == 60);
  CHECK(emulated->stats().imports == 60);
}

TEST_CASE("An application without the role to migrate is told which permission it lacks", "[migrate][emulator]") {
  const auto emulated = emulator::Emulator::start(strict()).value();
  fake::World world;
  world.random_plan(7, 10);
  Program program(world, *emulated, "reader");
  const auto summary = program.loop.run(migrate::run(program.session));
  REQUIRE(summary.ok());
  REQUIRE(summary->error);
  CHECK(summary->error->status == 403);
  CHECK(summary->error->message.find("Teamwork.Migrate.All") != std::string::npos);
  CHECK(summary->error->message.find("admin consent") != std::string::npos);
  CHECK(world.in_state(State::planned) == 10);
}
