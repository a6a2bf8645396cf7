// Channels that people use already, from a plan to its verification, against the emulator.
#include <catch2/catch.hpp>

#include <algorithm>
#include <filesystem>

#include "migration.h"

using namespace teamferry;
using fake::Migration;
using fake::Program;
using journal::State;

namespace {

// Two living messages of others: one on the millisecond of our second, one apart from all.
constexpr char kSeed[] = R"({
  "tenant": { "domain": "acme.example", "displayName": "Acme" },
  "users": [ { "displayName": "Dee", "mail": "dee@acme.example" }, { "displayName": "Eli", "mail": "eli@acme.example" } ],
  "teams": [ { "displayName": "Orbit", "owners": ["dee@acme.example"], "members": ["eli@acme.example"],
    "createdDateTime": "2018-05-04T08:00:00Z",
    "channels": [ { "displayName": "plans", "createdDateTime": "2019-02-04T12:00:00.500Z", "messages": [
      { "createdDateTime": "2019-02-04T12:00:01.000Z", "from": "eli@acme.example", "text": "I was here first" },
      { "createdDateTime": "2019-03-04T12:00:00Z", "from": "dee@acme.example", "text": "later" } ] } ] } ]
})";

struct Living : Migration {
  Living() : Migration("", kSeed) {
    Program program(world, *emulated, "full");
    const auto team = program.loop.run(program.client.teams_named("Orbit")).value().at(0);
    plan_options.team = team.id;
    const auto channels = program.loop.run(program.client.channels(team.id)).value();
    for (const auto& channel : channels) {
      if (channel.displayName == "plans") plans = channel.id;
    }
    room("C1", "plans", 5).place.target = plans;
  }
  graph::Conversation seen() {
    Program program(world, *emulated, "full");
    return program.loop.run(program.client.channel(plan_options.team, plans)).value();
  }
  std::string plans;
};

}  // namespace

TEST_CASE("A living channel is not opened before somebody has seen both dates and said so",
          "[migrate][roads][existing]") {
  Living migration;
  REQUIRE(migration.plan().planned == 5);
  const auto asked = migration.run();
  CHECK(asked.sent == 0);
  REQUIRE(asked.stopped.size() == 1);
  CHECK(asked.stopped[0].error.code == "not_confirmed");
  CHECK(asked.stopped[0].error.message.find("from 2019-02-04T12:00:00.500Z to 2019-01-01T00:00:00.000Z") !=
        std::string::npos);
  CHECK(migration.seen().migrationMode == graph::MigrationMode::none);
}

TEST_CASE("Messages go around those that live there, and the living ones stay", "[migrate][roads][existing]") {
  Living migration;
  migration.plan();
  migration.world.options.confirm_existing = true;
  const auto sent = migration.run();
  CHECK(sent.whole());
  CHECK(sent.sent == 5);
  CHECK(sent.moved == 1);
  CHECK(migration.seen().createdDateTime == DateTime::parse("2019-01-01T00:00:00Z"));
  REQUIRE(migration.complete().ok());
  CHECK(migration.conversation("C1").state == "completed");
  const auto verified = migration.verify();
  CHECK(verified.ok());
  CHECK(verified.conversations.at(0).equal == 5);
  CHECK(verified.conversations.at(0).extra == 2);
  CHECK(migration.world.journal->members().empty());
}

TEST_CASE("After a lost journal the living messages are known as ours, and nothing is opened again",
          "[migrate][roads][existing]") {
  Living migration;
  migration.world.options.confirm_existing = true;
  migration.plan();
  REQUIRE(migration.run().sent == 5);
  REQUIRE(migration.complete().ok());
  const auto imports = migration.emulated->stats().imports;
  migration.world.journal = journal::Journal::open(":memory:").value();
  migration.plan();
  const auto again = migration.run();
  CHECK(again.whole());
  CHECK(again.sent_by_read == 5);
  CHECK(migration.emulated->stats().imports == imports);
  CHECK(migration.seen().migrationMode == graph::MigrationMode::completed);
  CHECK(migration.conversation("C1").state == "completed");
}

TEST_CASE("A journal that is lost, or an old copy of it, in the middle of an import sends nothing twice",
          "[migrate][roads][existing]") {
  const bool copy = GENERATE(false, true);
  Living migration;
  auto& world = migration.world;
  migration.fill(migration.mapper.rooms.front(), 15, 5);
  migration.plan();
  world.options.confirm_existing = true;
  world.options.window = 1;
  const auto run_until = [&](int sent) {
    Program program(world, *migration.emulated, "full");
    program.session.progress = [&](const migrate::Progress& now) { program.stop = now.done >= sent; };
    return program.loop.run(migrate::run(program.session)).value();
  };
  REQUIRE(run_until(4).interrupted);
  const std::string path = migration.file.path;
  world.journal.reset();
  if (copy) std::filesystem::copy_file(path, path + ".old");
  world.journal = journal::Journal::open(path).value();
  REQUIRE(run_until(12).interrupted);
  world.journal.reset();
  std::filesystem::remove(path);
  if (copy) std::filesystem::rename(path + ".old", path);
  world.journal = journal::Journal::open(path).value();
  if (!copy) migration.plan();
  const auto accepted = static_cast<std::int64_t>(migration.emulated->stats().imports);
  const auto rest = migration.run();
  CHECK(rest.whole());
  CHECK(rest.sent_by_read == accepted - (copy ? 4 : 0));
  CHECK(migration.emulated->stats().imports == 20);
  REQUIRE(migration.complete().ok());
  const auto verified = migration.verify();
  CHECK(verified.ok());
  CHECK(verified.conversations.at(0).equal == 20);
  CHECK(verified.conversations.at(0).extra == 2);
}

TEST_CASE("A new channel of a living team is created normally, but never in the place of another",
          "[migrate][roads][existing]") {
  Living migration;
  migration.mapper.rooms.clear();
  migration.room("C2", "archive", 4);
  migration.room("C3", "Plans", 1);
  migration.plan();
  const auto sent = migration.run();
  CHECK(sent.sent == 4);
  REQUIRE(sent.stopped.size() == 1);
  CHECK(sent.stopped[0].conversation == "#Plans");
  CHECK(sent.stopped[0].error.code == "name_taken");
  CHECK(migration.conversation("C2").state == "inProgress");
  CHECK(migration.seen().migrationMode == graph::MigrationMode::none);
}

TEST_CASE("A team or a channel that is not there is named", "[migrate][roads][existing]") {
  Living migration;
  SECTION("the team") {
    migration.plan_options.team = "57fb72d0-5d47-48da-87f1-594bed003375";
    migration.plan();
    const auto none = migration.run();
    REQUIRE(none.error);
    CHECK(none.error->code == "team_gone");
  }
  SECTION("the channel") {
    migration.mapper.rooms.front().place.target = "19:nowhere@thread.tacv2";
    migration.plan();
    const auto none = migration.run();
    REQUIRE(none.stopped.size() == 1);
    CHECK(none.stopped[0].error.code == "conversation_gone");
  }
}

TEST_CASE("A start whose answer was lost with the program is noted by the next one, and completed",
          "[migrate][roads][existing]") {
  Living migration;
  migration.world.options.confirm_existing = true;
  migration.plan();
  REQUIRE(migration.run().sent == 5);
  journal::Committer::Work forget = [&](journal::Transaction& t) {
    auto conversation = migration.conversation("C1");
    conversation.state = "created";
    t.conversation(conversation);
    t.creation_begun("start_migration", std::to_string(conversation.id));
  };
  REQUIRE(VirtualLoop().run(migration.world.journal->direct_committer()->commit(forget)).ok());
  migration.fill(migration.mapper.rooms.front(), 1, 5);
  migration.plan();
  CHECK(migration.run().sent == 1);
  CHECK(migration.conversation("C1").state == "inProgress");
  REQUIRE(migration.complete().ok());
  CHECK(migration.seen().migrationMode == graph::MigrationMode::completed);
}
