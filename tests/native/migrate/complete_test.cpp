#include <catch2/catch.hpp>

#include <algorithm>

#include "world.h"

using namespace teamferry;
using fake::Fault;
using fake::kAda;
using fake::kStart;
using journal::State;

namespace {

struct Sent : fake::World {
  explicit Sent(bool with_general = false) {
    if (with_general) message(channel("General"), kStart, kAda, "text");
    message(channel("one"), kStart, kAda, "text");
    message(channel("two"), kStart, kAda, "text");
    plan();
    fake::Life(*this, 1).run();
  }
  bool open() {
    for (const auto& channel : store.teams.front().channels) {
      if (channel.mode != "completed") return true;
    }
    return !store.teams.front().completed;
  }
};

fake::Service::Script once(std::string what, Fault fault) {
  auto done = std::make_shared<bool>(false);
  return [done, what, fault](const http::Request& request) {
    if (*done || request.method != "POST" || request.url.find(what) == std::string::npos) return Fault::none;
    *done = true;
    return fault;
  };
}

}  // namespace

TEST_CASE("Completion ends every channel, General last, then the team", "[migrate][complete]") {
  const bool with_general = GENERATE(false, true);
  Sent world(with_general);
  fake::Life life(world, 2);
  const auto summary = life.complete();
  REQUIRE(summary.ok());
  CHECK(summary->channels == 3);
  CHECK(summary->teams == 1);
  CHECK_FALSE(world.open());
  CHECK_FALSE(world.store.teams.front().general_was_early);
  CHECK(world.journal->teams().front().state == "completed");
  for (const auto& conversation : world.journal->conversations()) CHECK(conversation.state == "completed");
  SECTION("twice is once") {
    fake::Life again(world, 3);
    const auto second = again.complete();
    REQUIRE(second.ok());
    CHECK(second->channels == 0);
    CHECK(again.service.calls.empty());
  }
}

TEST_CASE("Nothing is completed while a message is missing, unless the user says how many and why",
          "[migrate][complete]") {
  fake::World world;
  const int room = world.channel("room");
  world.message(room, kStart, kAda, "fine");
  world.message(room, kStart + 1, kAda, "refused");
  world.plan();
  {
    fake::Life life(world, 1);
    life.service.script = [](const http::Request& request) {
      return request.body.find("refused") != std::string::npos ? Fault::refuse : Fault::none;
    };
    life.run();
  }
  const auto complete = [&world] {
    fake::Life life(world, 2);
    return life.complete();
  };
  const auto refused = complete();
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().code == "unsettled");
  CHECK(refused.error().message.find("1 failed") != std::string::npos);
  world.options.accept_failures = 1;
  CHECK(complete().error().code == "no_reason");
  world.options.accept_reason = "a test message of a bot";
  CHECK(world.store.channel_named("room")->mode == "inProgress");
  const auto accepted = complete();
  REQUIRE(accepted.ok());
  CHECK(accepted->left_behind == 1);
  CHECK(world.journal->meta("accepted_failures") == "1");
  CHECK(world.journal->meta("accepted_reason") == "a test message of a bot");
}

TEST_CASE("Completion refuses what was never run, and fewer acceptances than there are failures",
          "[migrate][complete]") {
  fake::World world;
  const int room = world.channel("room");
  for (int i = 0; i < 3; ++i) world.message(room, kStart + i, kAda, "text");
  world.plan();
  fake::Life life(world, 1);
  life.session.options.accept_reason = "because";
  CHECK(life.complete().error().code == "unsettled");
  life.session.options.accept_failures = 2;
  CHECK(life.complete().error().code == "unsettled");
  life.session.options.accept_failures = 3;
  CHECK(life.complete().error().code == "not_created");
  CHECK(life.service.calls.empty());
}

TEST_CASE("A channel that the journal does not know stops the completion before it begins", "[migrate][complete]") {
  Sent world;
  fake::Channel stray;
  stray.id = "19:stray@thread.tacv2";
  stray.name = "stray";
  world.store.teams.front().channels.push_back(stray);
  fake::Life life(world, 2);
  const auto summary = life.complete();
  REQUIRE_FALSE(summary.ok());
  CHECK(summary.error().code == "unknown_channels");
  CHECK(summary.error().message.find("'stray'") != std::string::npos);
  CHECK(world.store.channel_named("one")->mode == "inProgress");
  SECTION("unless it is completed") {
    world.store.channel_named("stray")->mode = "completed";
    CHECK(fake::Life(world, 3).complete().ok());
  }
}

TEST_CASE("A completion whose answer was lost is seen to be done", "[migrate][complete]") {
  const Fault fault =
      GENERATE(Fault::error_before, Fault::error_after, Fault::lost_before, Fault::lost_after, Fault::throttle);
  const bool team = GENERATE(false, true);
  Sent world;
  const std::string id = world.store.teams.front().id;
  fake::Life life(world, 2);
  life.service.script = once(team ? id + "/completeMigration" : "thread.tacv2/completeMigration", fault);
  const auto summary = life.complete();
  if (!summary) FAIL(summary.error().to_string());
  CHECK_FALSE(world.open());
}

TEST_CASE("A completion that dies at any step is finished by the next", "[migrate][complete]") {
  for (int steps = 1; steps < 80; ++steps) {
    Sent world(steps % 2 == 0);
    fake::Life(world, 2).complete_for(steps);
    fake::Life life(world, 3);
    const auto summary = life.complete();
    INFO("steps " << steps);
    if (!summary) FAIL(summary.error().to_string());
    REQUIRE_FALSE(world.open());
  }
}

TEST_CASE("Another application cannot complete, and is told who can", "[migrate][complete]") {
  Sent world;
  world.store.client_id = "app-2";
  fake::Life life(world, 2);
  const auto summary = life.complete();
  REQUIRE_FALSE(summary.ok());
  CHECK(summary.error().message.find("only the application that opened") != std::string::npos);
  const auto sessions = world.journal->import_sessions();
  CHECK(std::count_if(sessions.begin(), sessions.end(), [](const auto& s) { return s.refused; }) == 1);
}

TEST_CASE("A conversation whose session the journal gives to another application is not completed, nor asked to be",
          "[migrate][complete]") {
  Sent world;
  auto foreign = world.journal->conversations().front();
  foreign.owner = "app-2";
  fake::Life life(world, 2);
  life.loop.run(life.committer->commit([&](journal::Transaction& t) { t.conversation(foreign); })).value();
  const auto summary = life.complete();
  REQUIRE_FALSE(summary.ok());
  CHECK(summary.error().code == "other_application");
  CHECK(world.store.channel_named("one")->mode == "inProgress");
}

TEST_CASE("The journal tells who opened each conversation, by which call, and how it was last seen",
          "[migrate][complete]") {
  Sent world(true);
  const auto sessions = [&world] {
    std::vector<std::string> lines;
    for (const auto& s : world.journal->import_sessions()) {
      lines.push_back(s.client_id + " " + s.call + " " + s.state);
      CHECK(s.started.ms > 0);
      CHECK(s.seen >= s.started);
    }
    std::sort(lines.begin(), lines.end());
    return lines;
  };
  CHECK(sessions() == std::vector<std::string>{"app-1 create_channel inProgress", "app-1 create_channel inProgress",
                                               "app-1 create_team inProgress"});
  REQUIRE(fake::Life(world, 2).complete().ok());
  CHECK(sessions() == std::vector<std::string>{"app-1 create_channel completed", "app-1 create_channel completed",
                                               "app-1 create_team completed"});
}

TEST_CASE("A completion that was refused is not taken for done by the next", "[migrate][complete]") {
  const bool throttled = GENERATE(false, true);
  Sent world;
  const std::string team = "/teams/" + world.store.teams.front().id + "/completeMigration";
  const auto refuse = [&team](Fault fault, fake::Life& life) {
    life.service.script = [&team, &life, fault](const http::Request& request) {
      if (!request.url.ends_with(team)) return Fault::none;
      if (fault == Fault::throttle) life.stop = true;
      return fault;
    };
  };
  {
    fake::Life life(world, 2);
    refuse(throttled ? Fault::throttle : Fault::refuse, life);
    CHECK_FALSE(life.complete().ok());
  }
  CHECK(world.journal->creation_state("complete_team", "1") == "failed");
  {
    fake::Life life(world, 3);
    refuse(Fault::refuse, life);
    const auto summary = life.complete();
    REQUIRE_FALSE(summary.ok());
    CHECK(summary.error().status == 400);
    CHECK(world.journal->teams().front().state == "created");
  }
  CHECK(fake::Life(world, 4).complete().ok());
  CHECK_FALSE(world.open());
}

TEST_CASE("After an unclear answer only the words of a refusal make a team completed", "[migrate][complete]") {
  Sent world;
  const std::string team = "/teams/" + world.store.teams.front().id + "/completeMigration";
  {
    fake::Life life(world, 2);
    life.service.script = [&](const http::Request& request) {
      if (!request.url.ends_with(team)) return Fault::none;
      life.stop = true;
      return Fault::lost_before;
    };
    CHECK(life.complete().error().code == "interrupted");
  }
  CHECK(world.journal->creation_state("complete_team", "1") == "begun");
  {
    fake::Life life(world, 3);
    life.service.script = once(team, Fault::refuse);  // "Bad Request": nobody knows what it means
    CHECK(life.complete().error().status == 400);
    CHECK(world.journal->teams().front().state == "created");
  }
  CHECK(fake::Life(world, 4).complete().ok());
  CHECK_FALSE(world.open());
}

TEST_CASE("A private channel with nothing to send is created and waits for nothing", "[migrate][complete]") {
  fake::World world;
  world.message(world.channel("one"), kStart, kAda, "text");
  world.private_channel("board");
  world.plan();
  REQUIRE(fake::Life(world, 1).run().whole());
  REQUIRE(fake::Life(world, 2).complete()->waiting == 1);
  REQUIRE(fake::Life(world, 3).run().whole());
  CHECK(world.store.channel_named("board")->kind == "private");
  CHECK(fake::Life(world, 4).complete()->waiting == 0);
}
