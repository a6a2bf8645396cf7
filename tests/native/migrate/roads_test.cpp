// Road B, from a plan to its verification, against the emulator: what cannot be born in migration mode.
#include <catch2/catch.hpp>

#include "plan_sample.h"
#include "program.h"

using namespace teamferry;
using namespace std::chrono_literals;
using fake::Program;
using fake::strict;
using fake::TemporaryFile;
using journal::State;

namespace {

// A source with people of the emulator's tenant. The journal outlives the programs.
struct Migration {
  explicit Migration(emulator::Options options = strict()) : emulated(emulator::Emulator::start(options).value()) {
    world.journal = journal::Journal::open(file.path).value();
    world.limits = throttle::no_limits();
    world.options.channel_patience = {50ms, 20s};
    world.options.team_patience = {50ms, 20s};
    world.options.read_lag = {200ms, 500ms, 1s};
    for (const char* name : {"Ada", "Bo", "Cy", "Archive"}) person(name);
    plan_options.team = "Acme";
    plan_options.people.fallback = "archive@acme.example";
    plan_options.clock = &clock;
  }

  void person(const std::string& name) {
    std::string mail = name + "@acme.example";
    mail[0] = static_cast<char>(std::tolower(mail[0]));
    const auto user = emulated->ensure_user(name, mail).value();
    directory.users[mail] = {user.id, user.displayName, user.userPrincipalName, user.mail};
    mapper.person(name, name, mail);
  }

  migrate::Room& room(const std::string& id, const std::string& name, int messages) {
    auto& room = mapper.room(id, name);
    room.place.members = {"Ada", "Bo"};
    for (int i = 0; i < messages; ++i) {
      migrate::Said said{id + "-" + std::to_string(i), i * 1000};
      said.from = i % 2 == 0 ? "Ada" : "Bo";
      if (i % 3 == 2 && room.place.chatType.empty()) said.reply_to = id + "-" + std::to_string(i - 1);
      room.messages.push_back(said);
    }
    return room;
  }

  migrate::PlanSummary plan() { return migrate::plan(mapper, directory, *world.journal, plan_options).value(); }

  migrate::RunSummary run() {
    Program program(world, *emulated, "full");
    auto summary = program.loop.run(migrate::run(program.session)).value();
    for (const auto& stopped : summary.stopped) UNSCOPED_INFO(stopped.error.to_string());
    if (summary.error) UNSCOPED_INFO(summary.error->to_string());
    return summary;
  }
  Result<migrate::CompleteSummary> complete() {
    Program program(world, *emulated, "full");
    auto completed = program.loop.run(migrate::complete(program.session));
    if (!completed) UNSCOPED_INFO(completed.error().to_string());
    return completed;
  }
  migrate::VerifySummary verify() {
    Program program(world, *emulated, "full");
    return program.loop.run(migrate::verify(program.session)).value();
  }

  journal::Conversation conversation(const std::string& source_id) {
    for (auto& c : world.journal->conversations()) {
      if (c.source_id == source_id) return c;
    }
    throw std::logic_error("no conversation " + source_id);
  }

  std::unique_ptr<emulator::Emulator> emulated;
  TemporaryFile file;
  fake::World world;
  migrate::TableMapper mapper;
  migrate::ListDirectory directory;
  SystemClock clock;
  migrate::PlanOptions plan_options;
};

}  // namespace

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
