#include <catch2/catch.hpp>

#include "native/migrate/read.h"
#include "world.h"

using namespace teamferry;
using namespace std::chrono_literals;
using fake::Fault;
using fake::kAda;
using fake::kBo;
using fake::kStart;
using journal::State;

namespace {

// The same plan again in a new journal: what is left after a journal was lost.
std::unique_ptr<fake::World> lose_the_journal(const fake::World& old, std::uint64_t seed, int messages) {
  auto world = std::make_unique<fake::World>();
  world->random_plan(seed, messages);
  world->store = old.store;
  return world;
}

// Tells the new journal where its targets are, as finding them by name would.
void adopt(fake::World& world) {
  fake::Life life(world, 50);
  auto work = [&world](journal::Transaction& t) {
    auto team = world.journal->teams().front();
    team.graph_id = world.store.teams.front().id;
    team.state = "created";
    t.team(team);
  };
  journal::Committer::Work handed = work;
  REQUIRE(life.loop.run(life.committer->commit(std::move(handed))));
}

}  // namespace

TEST_CASE("After a lost journal the living messages are found to be our own, and only the rest is sent",
          "[migrate][bind]") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    INFO("seed " << seed);
    fake::World old;
    old.store.page = 5;
    old.store.inline_replies = 2;
    old.store.ingestion_ids = seed % 2 == 0;
    old.random_plan(seed, 40);
    {
      fake::Life life(old, seed);
      life.loop.at(life.loop.now() + 3s, [&life] { life.stop = true; });
      life.run();
    }
    const auto before = old.store.content().size();
    REQUIRE(before > 0);
    auto world = lose_the_journal(old, seed, 40);
    adopt(*world);
    fake::Life life(*world, seed);
    const auto summary = life.run();
    CHECK(summary.whole());
    CHECK(summary.sent == 40);
    CHECK(summary.sent_by_read == static_cast<std::int64_t>(before));
    CHECK(summary.moved == 0);
    CHECK(world->store.content() == world->expected());
  }
}

TEST_CASE("An older copy of a journal sends nothing twice", "[migrate][bind]") {
  // What the journal does not know of stands behind what it does, and the 409 leads to it.
  fake::World old;
  old.random_plan(7, 40);
  fake::Life(old, 1).run();
  auto world = lose_the_journal(old, 7, 40);
  adopt(*world);
  world->store.read_lag = 5000;
  for (auto& channel : world->store.teams.front().channels) {
    for (auto& message : channel.messages) message.stored = world->store.now;  // not readable when the lane binds
  }
  fake::Life life(*world, 2);
  const auto summary = life.run();
  CHECK(summary.sent == 40);
  CHECK(world->store.content() == world->expected());
}

TEST_CASE("A stranger found by the listing takes its millisecond before anything is sent there", "[migrate][bind]") {
  fake::World world;
  const int room = world.channel("room");
  const auto row = world.message(room, kStart, kAda, "mine");
  const auto next = world.message(room, kStart + 1, kAda, "next");
  world.plan();
  world.create_targets();
  world.store.stranger("room", kStart, kBo, "<p>a stranger's</p>");
  fake::Life life(world, 2);
  const auto summary = life.run();
  CHECK(summary.sent == 2);
  CHECK(summary.moved == 2);
  CHECK(world.journal->message(row)->time.ms == kStart + 2);
  CHECK(world.journal->message(next)->time.ms == kStart + 3);
  CHECK(std::none_of(world.store.imports.begin(), world.store.imports.end(),
                     [](const auto& import) { return import.ms == kStart; }));
}

TEST_CASE("Strangers next to each other: each keeps its millisecond, and no other one counts as taken",
          "[migrate][bind]") {
  fake::World world;
  world.store.page = GENERATE(1, 50);
  const int room = world.channel("room");
  const auto row = world.message(room, kStart, kAda, "mine");
  const auto next = world.message(room, kStart + 1, kAda, "next");
  world.plan();
  world.create_targets();
  // The listing shows the stranger at the first millisecond first, and the other below an older root.
  world.store.stranger("room", kStart, kBo, "<p>a stranger's</p>");
  world.store.stranger("room", kStart - 1000, kBo, "<p>a stranger's root</p>");
  world.store.stranger("room", kStart + 1, kBo, "<p>a reply to it</p>", std::to_string(kStart - 1000));
  const auto summary = fake::Life(world, 2).run();
  CHECK(summary.sent == 2);
  CHECK(summary.moved == 2);
  CHECK(world.journal->message(row)->time.ms == kStart + 2);
  CHECK(world.journal->message(next)->time.ms == kStart + 3);
  CHECK(world.journal->taken(1) == std::vector<DateTime>{DateTime{kStart}, DateTime{kStart + 1}});
}

TEST_CASE("A resumed run reads back only as far as something is unsettled", "[migrate][bind]") {
  fake::World world;
  world.store.page = 10;
  const int room = world.channel("room");
  for (int i = 0; i < 400; ++i) world.message(room, kStart + i * 1000, kAda, "text");
  world.plan();
  {
    fake::Life life(world, 1);
    life.loop.at(life.loop.now() + 60s, [&life] { life.stop = true; });
    life.run();
  }
  REQUIRE(world.in_state(State::sent) > 200);
  fake::Life life(world, 2);
  life.run();
  CHECK(life.service.calls["GET messages"] <= 2);
  CHECK(world.store.content() == world.expected());
}

TEST_CASE("judge() tells ours from strangers' and from what nobody can tell", "[migrate][bind]") {
  migrate::Expected expected{DateTime{kStart}, kAda, "17", "two words"};
  graph::Message message;
  message.createdDateTime = expected.time;
  message.from_user_id = "8C0A1A67-50CE-4114-BB6C-DA9C5DBCF6CA";
  message.replyToId = "17";
  message.contentType = "html";
  message.content = "<div>two&nbsp;<em>words</em></div>";
  CHECK(judge(message, expected) == migrate::Seen::ours);
  SECTION("another author") {
    message.from_user_id = kBo;
    CHECK(judge(message, expected) == migrate::Seen::stranger);
  }
  SECTION("another parent") {
    message.replyToId = "";
    CHECK(judge(message, expected) == migrate::Seen::stranger);
  }
  SECTION("another text") {
    message.content = "<p>two  wards</p>";
    CHECK(judge(message, expected) == migrate::Seen::other_text);
  }
  SECTION("a tombstone is nobody's") {
    message.from_user_id = "";
    message.content = "";
    message.deleted = true;
    CHECK(judge(message, expected) == migrate::Seen::other_text);
  }
}
