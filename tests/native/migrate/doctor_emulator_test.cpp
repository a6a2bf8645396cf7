// Doctor against the emulator: what it misbehaves in, doctor names, and cures what can be cured.
#include <catch2/catch.hpp>

#include <algorithm>
#include <fstream>

#include "native/migrate/doctor.h"
#include "program.h"

using namespace teamferry;
using namespace std::chrono_literals;
using fake::Program;
using fake::strict;
using fake::TemporaryFile;
using migrate::Check;
using migrate::Level;

namespace {

// A small migration that is sent and not completed.
struct Migration {
  explicit Migration(emulator::Options options = strict()) : emulated(emulator::Emulator::start(options).value()) {
    world.journal = journal::Journal::open(file.path).value();
    world.limits = throttle::no_limits();
    world.options.channel_patience = {50ms, 20s};
    world.options.team_patience = {50ms, 20s};
    world.random_plan(5, 30);
    Program program(world, *emulated, "full");
    const auto summary = program.loop.run(migrate::run(program.session));
    if (!summary || !summary->whole()) FAIL("the run did not end well");
  }
  std::vector<Check> examine(const std::string& app = "full") {
    Program program(world, *emulated, app);
    return program.loop.run(migrate::examine(program.client, *world.journal, world.identity.client_id)).value();
  }
  std::vector<migrate::Cure> cure(const std::vector<Check>& checks) {
    Program program(world, *emulated, "full");
    return program.loop.run(migrate::cure(program.session, checks, {})).value();
  }
  Result<migrate::CompleteSummary> complete(const std::string& app = "full") {
    Program program(world, *emulated, app);
    return program.loop.run(migrate::complete(program.session));
  }
  std::string team() { return world.journal->teams().front().graph_id; }
  journal::Conversation first() { return world.journal->conversations().front(); }

  TemporaryFile file;
  fake::World world;
  std::unique_ptr<emulator::Emulator> emulated;
};

std::size_t count(const std::vector<Check>& checks, const std::string& code) {
  return static_cast<std::size_t>(
      std::count_if(checks.begin(), checks.end(), [&](const Check& check) { return check.code == code; }));
}

std::string codes(const std::vector<Check>& checks) {
  std::string all;
  for (const auto& check : checks) all += check.code + " ";
  return all;
}

}  // namespace

TEST_CASE("Sessions that do not complete at once are finished by doctor", "[migrate][doctor][emulator]") {
  TemporaryFile rules;
  std::ofstream(rules.path) << R"({"rules": [{"name": "completion fails once", "fault": "status", "status": 500,
                                              "on": "completions", "most": 1}]})";
  auto options = strict();
  options.faults_file = rules.path;
  Migration migration(options);
  const std::size_t conversations = migration.world.journal->conversations().size();
  CHECK(count(migration.examine(), "ready_to_complete") == conversations);
  {
    Program program(migration.world, *migration.emulated, "full");
    program.session.progress = [&program](const migrate::Progress& progress) {
      if (!progress.waiting_for.empty()) program.stop = true;
    };
    CHECK_FALSE(program.loop.run(migrate::complete(program.session)).ok());
  }
  auto checks = migration.examine();
  INFO(codes(checks));
  REQUIRE(count(checks, "completion_unfinished") == conversations);
  for (const auto& cure : migration.cure(checks)) CHECK_FALSE(cure.error);
  checks = migration.examine();
  INFO(codes(checks));
  CHECK(count(checks, "completed") == checks.size());
}

TEST_CASE("A channel that was started too soon after its completion is called stuck", "[migrate][doctor][emulator]") {
  TemporaryFile rules;
  std::ofstream(rules.path) << R"({"rules": [{"name": "stuck", "fault": "wedge", "ms": 3600000}]})";
  auto options = strict();
  options.faults_file = rules.path;
  Migration migration(options);
  REQUIRE(migration.complete());
  {
    Program program(migration.world, *migration.emulated, "full");
    const auto first = migration.first();
    const Status started =
        program.loop.run(program.client.start_migration({migration.team(), first.graph_id}, std::nullopt));
    REQUIRE_FALSE(started.ok());
    const std::string subject = std::to_string(first.id), refusal = started.error().to_string();
    program.loop
        .run(program.committer->commit([&](journal::Transaction& t) {
          t.creation_begun("start_migration", subject);
          t.creation_failed("start_migration", subject, refusal);
        }))
        .value();
  }
  const auto checks = migration.examine();
  INFO(codes(checks));
  CHECK(count(checks, "wedged") == 1);
  CHECK(migration.cure(checks).empty());
}

TEST_CASE("Another application's completion is refused, and doctor says who can", "[migrate][doctor][emulator]") {
  Migration migration;
  CHECK_FALSE(migration.complete("second").ok());
  const auto checks = migration.examine();
  INFO(codes(checks));
  CHECK(count(checks, "other_application") == 1);
}

TEST_CASE("A team that somebody deleted is missed with all its channels", "[migrate][doctor][emulator]") {
  Migration migration;
  {
    Program program(migration.world, *migration.emulated, "full");
    http::Request request;
    request.method = "DELETE";
    request.url = program.client.url("/groups/" + migration.team());
    REQUIRE(program.loop.run(program.pipeline.send(std::move(request))).ok());
  }
  const auto checks = migration.examine();
  INFO(codes(checks));
  CHECK(count(checks, "team_gone") == checks.size());
}

TEST_CASE("Without a role to look, doctor says that it cannot, and believes the journal",
          "[migrate][doctor][emulator]") {
  Migration migration;
  const auto checks = migration.examine("import-only");
  INFO(codes(checks));
  CHECK(count(checks, "state_forbidden") == checks.size());
  for (const auto& check : checks) CHECK(check.level == Level::warning);
  CHECK(checks.back().text.find("the journal says inProgress") != std::string::npos);
}
