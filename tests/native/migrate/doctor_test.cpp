#include <catch2/catch.hpp>

#include <algorithm>

#include "native/base/sha256.h"
#include "native/migrate/doctor.h"
#include "world.h"

using namespace teamferry;
using fake::Fault;
using fake::kAda;
using fake::kStart;
using journal::State;
using migrate::Check;
using migrate::Level;
using migrate::Remedy;

namespace {

// A team with General and two channels, all sent.
struct Sent : fake::World {
  Sent() {
    message(channel("General"), kStart, kAda, "text");
    first = message(channel("one"), kStart, kAda, "text");
    message(channel("two"), kStart, kAda, "text");
    plan();
    fake::Life(*this, 1).run();
  }
  std::vector<Check> examine(const std::string& app = "app-1") {
    fake::Life life(*this, 7);
    return life.loop.run(migrate::examine(life.client, *journal, app)).value();
  }
  // Cures what is found, and returns what came of it.
  std::vector<migrate::Cure> cure() {
    fake::Life life(*this, 8);
    announced.clear();
    auto checks = life.loop.run(migrate::examine(life.client, *journal, "app-1")).value();
    return life.loop
        .run(migrate::cure(life.session, checks, [this](const Check& check) { announced.push_back(check.code); }))
        .value();
  }
  void complete() {
    fake::Life life(*this, 2);
    REQUIRE(life.complete().ok());
  }
  // Only the first channel; then the program dies.
  void complete_one() {
    fake::Life life(*this, 2);
    life.service.script = [&](const http::Request& request) {
      if (!request.url.ends_with("completeMigration") || ++asked < 2) return Fault::none;
      life.stop = true;
      return Fault::lost_before;
    };
    CHECK_FALSE(life.complete().ok());
  }
  void write(journal::Committer::Work work) {
    fake::Life life(*this, 9);
    life.loop.run(life.committer->commit(std::move(work))).value();
  }
  journal::RowId first = 0;
  int asked = 0;
  std::vector<std::string> announced;
};

Check of(const std::vector<Check>& checks, const std::string& subject) {
  const auto found =
      std::find_if(checks.begin(), checks.end(), [&](const Check& check) { return check.subject == subject; });
  if (found == checks.end()) throw std::logic_error("nothing is said of " + subject);
  return *found;
}

}  // namespace

TEST_CASE("A migration that is sent is ready to complete, and nothing is cured unasked", "[migrate][doctor]") {
  Sent world;
  const auto checks = world.examine();
  REQUIRE(checks.size() == 4);
  CHECK(checks[0].code == "open");
  for (const char* name : {"#General", "#one", "#two"}) CHECK(of(checks, name).code == "ready_to_complete");
  CHECK(world.cure().empty());
  CHECK(world.store.channel_named("one")->mode == "inProgress");
}

TEST_CASE("A completed migration is well", "[migrate][doctor]") {
  Sent world;
  world.complete();
  for (const auto& check : world.examine()) {
    INFO(check.subject << " " << check.text);
    CHECK(check.level == Level::ok);
    CHECK(check.code == "completed");
  }
}

TEST_CASE("A completion that was asked for and broke off is finished", "[migrate][doctor]") {
  Sent world;
  world.complete_one();
  CHECK(of(world.examine(), "#two").code == "completion_unfinished");
  const auto cures = world.cure();
  REQUIRE_FALSE(cures.empty());
  for (const auto& cure : cures) CHECK_FALSE(cure.error);
  CHECK(world.store.teams.front().completed);
  CHECK_FALSE(world.store.teams.front().general_was_early);
  CHECK(world.announced.size() == cures.size());
  for (const auto& check : world.examine()) CHECK(check.code == "completed");
  const auto findings = world.journal->findings(100);
  CHECK(std::count_if(findings.begin(), findings.end(), [](const std::string& text) {
          return text.starts_with("doctor: doctor was asked to finish the completion");
        }) == static_cast<std::ptrdiff_t>(cures.size()));
}

TEST_CASE("A channel that the journal calls completed and the service open is completed again", "[migrate][doctor]") {
  Sent world;
  world.complete();
  world.store.channel_named("one")->mode = "inProgress";
  const Check check = of(world.examine(), "#one");
  CHECK(check.code == "open_there");
  CHECK(check.level == Level::problem);
  const auto cures = world.cure();
  REQUIRE(cures.size() == 1);
  CHECK_FALSE(cures[0].error);
  CHECK(world.store.channel_named("one")->mode == "completed");
  CHECK(of(world.examine(), "#one").code == "completed");
}

TEST_CASE("A completion behind our back is noted", "[migrate][doctor]") {
  Sent world;
  world.store.channel_named("one")->mode = "completed";
  CHECK(of(world.examine(), "#one").code == "completed_there");
  const auto cures = world.cure();
  REQUIRE(cures.size() == 1);
  CHECK(cures[0].outcome == "noted");
  CHECK(world.journal->conversations()[1].state == "completed");
  CHECK(of(world.examine(), "#one").code == "completed");
}

TEST_CASE("A message on its way into a channel that was completed is looked for, then planned again",
          "[migrate][doctor]") {
  const bool arrived = GENERATE(false, true);
  Sent world;
  fake::World& base = world;
  auto* channel = world.store.channel_named("one");
  // As a death between intent and answer leaves it.
  auto replanned = std::move(base.journal->begin_plan().value());
  const auto row = journal::row_id(2, 99);
  const std::string body = base.journal->body(world.first).value();
  replanned->begin_conversation(2).value();
  replanned->put_body(row, body).value();
  journal::PlanRow planned;
  planned.id = row;
  planned.key = "late";
  planned.record = "one record 99";
  planned.time = planned.planned_time = DateTime{kStart + 50};
  replanned->put(planned).value();
  replanned->conversation_done(2).value();
  replanned->finish().value();
  world.write([&](journal::Transaction& t) {
    t.intent(row, DateTime{kStart + 50}, 0, sha256("bytes"));
    t.maybe(row, true);
  });
  if (arrived) {
    auto message = channel->messages.front();
    message.ms = kStart + 50;
    message.id = std::to_string(message.ms);
    channel->messages.push_back(message);
  }
  channel->mode = "completed";
  CHECK(of(world.examine(), "#one").code == "closed_with_messages");
  const auto cures = world.cure();
  REQUIRE(cures.size() == 1);
  CHECK_FALSE(cures[0].error);
  CHECK(world.state(row) == (arrived ? State::sent : State::planned));
  CHECK(world.journal->conversations()[1].state == "completed");
  CHECK(of(world.examine(), "#one").remedy == Remedy::none);
}

TEST_CASE("Messages in doubt are read again; those that are not there stay in doubt", "[migrate][doctor]") {
  Sent world;
  auto* channel = world.store.channel_named("one");
  const auto row = journal::row_id(2, 98);
  const std::string body = world.journal->body(world.first).value();
  auto writer = std::move(world.journal->begin_plan().value());
  writer->begin_conversation(2).value();
  writer->put_body(row, body).value();
  journal::PlanRow planned;
  planned.id = row;
  planned.key = "late";
  planned.time = planned.planned_time = DateTime{kStart + 70};
  writer->put(planned).value();
  writer->conversation_done(2).value();
  writer->finish().value();
  world.write([&](journal::Transaction& t) {
    t.intent(row, DateTime{kStart + 70}, 0, sha256("bytes"));
    t.doubt(row, "not found: 409");
  });
  const auto checks = world.examine();
  CHECK(std::count_if(checks.begin(), checks.end(), [](const Check& c) { return c.code == "doubt"; }) == 1);
  CHECK(world.cure()[0].outcome == "0 of 1 found in Teams");
  CHECK(world.state(row) == State::doubt);
  auto message = channel->messages.front();
  message.ms = kStart + 70;
  message.id = std::to_string(message.ms);
  channel->messages.push_back(message);
  CHECK(world.cure()[0].outcome == "1 of 1 found in Teams");
  CHECK(world.state(row) == State::sent);
  SECTION("and without the role to read they are left alone, with the reason") {
    world.write([&](journal::Transaction& t) { t.finding("test", 0, ""); });
    world.store.readable = false;
    CHECK(world.cure().empty());
  }
}

TEST_CASE("A team that was deleted takes its channels along", "[migrate][doctor]") {
  Sent world;
  world.store.teams.clear();
  const auto checks = world.examine();
  CHECK(checks[0].code == "team_gone");
  CHECK(of(checks, "#one").code == "team_gone");
  CHECK(world.cure().empty());
}

TEST_CASE("A channel that was deleted is missed", "[migrate][doctor]") {
  Sent world;
  auto& channels = world.store.teams.front().channels;
  channels.erase(
      std::find_if(channels.begin(), channels.end(), [](const fake::Channel& c) { return c.name == "two"; }));
  const auto checks = world.examine();
  CHECK(of(checks, "#two").code == "conversation_gone");
  CHECK(of(checks, "#one").code == "ready_to_complete");
}

TEST_CASE("What another application opened is not touched", "[migrate][doctor]") {
  Sent world;
  SECTION("as the journal knows") {
    CHECK(of(world.examine("app-2"), "#one").code == "other_application");
  }
  SECTION("as the service has said") {
    world.store.client_id = "app-2";
    {
      fake::Life life(world, 2);
      CHECK_FALSE(life.complete().ok());
    }
    CHECK(of(world.examine(), "#one").code == "other_application");
    const auto cures = world.cure();
    CHECK(std::none_of(cures.begin(), cures.end(), [](const migrate::Cure& c) { return c.check.subject == "#one"; }));
  }
}

TEST_CASE("A completion that would leave messages behind is not finished unasked", "[migrate][doctor]") {
  Sent world;
  world.complete_one();
  world.write([&](journal::Transaction& t) {
    auto one = world.journal->conversations()[1];
    one.state = "inProgress";
    t.conversation(one);
  });
  auto writer = std::move(world.journal->begin_plan().value());
  writer->begin_conversation(3).value();
  writer->put_body(journal::row_id(3, 97), "{}").value();
  journal::PlanRow planned;
  planned.id = journal::row_id(3, 97);
  planned.key = "new";
  planned.time = planned.planned_time = DateTime{kStart + 90};
  writer->put(planned).value();
  writer->conversation_done(3).value();
  writer->finish().value();
  const auto cures = world.cure();
  const auto refused = std::find_if(cures.begin(), cures.end(), [](const migrate::Cure& c) { return c.error; });
  REQUIRE(refused != cures.end());
  CHECK(refused->error->code == "unsettled");
  CHECK(world.store.channel_named("two")->mode == "inProgress");
}
