#include "native/migrate/lane.h"

#include <algorithm>
#include <catch2/catch.hpp>

#include "native/migrate/lane_moves.h"
#include "tests/support/limits_override.h"
#include "world.h"

using namespace teamferry;
using namespace std::chrono_literals;
using fake::Fault;
using fake::kAda;
using fake::kBo;
using fake::kStart;
using journal::State;

namespace {

bool is_import(const http::Request& request) {
  return request.method == "POST" && (request.url.ends_with("/messages") || request.url.ends_with("/replies"));
}

bool holds(const http::Request& request, const std::string& text) {
  return is_import(request) && request.body.find(text) != std::string::npos;
}

// The first `times` imports that hold `text` meet `fault`.
fake::Service::Script first(int times, std::string text, Fault fault) {
  auto left = std::make_shared<int>(times);
  return [left, text, fault](const http::Request& request) {
    return holds(request, text) && (*left)-- > 0 ? fault : Fault::none;
  };
}

std::vector<std::int64_t> departures(const fake::Life& life) {
  return life.service.departures.begin()->second;
}

struct OneRoom : fake::World {
  int room = channel("room");
  journal::RowId a = 0, b = 0, c = 0;
  OneRoom() {
    a = message(room, kStart, kAda, "first");
    b = message(room, kStart + 1, kBo, "second");
    c = message(room, kStart + 2, kAda, "third");
    plan();
  }
};

}  // namespace

TEST_CASE("A lane keeps five a second, whatever the latency", "[migrate][lane]") {
  for (const std::int64_t latency : {10, 100, 300, 900}) {
    fake::World world;
    const int room = world.channel("room");
    for (int i = 0; i < 150; ++i) world.message(room, kStart + i, kAda, "text");
    world.plan();
    fake::Life life(world, 1);
    life.service.latency = latency;
    const auto summary = life.run();
    const auto left = departures(life);
    INFO("latency " << latency);
    REQUIRE(left.size() == 150);
    CHECK(summary.sent == 150);
    // Ideal: the last leaves 149 slots after the first.
    CHECK(static_cast<double>(left.back() - left.front()) / (149 * 200.0) < 1.05);
    for (std::size_t i = 5; i < left.size(); ++i) REQUIRE(left[i] - left[i - 5] >= 1000);
    CHECK(std::is_sorted(world.store.imports.begin(), world.store.imports.end(),
                         [](const auto& x, const auto& y) { return x.ms < y.ms; }));
  }
}

TEST_CASE("Replies of one thread go one after another, and others pass them", "[migrate][lane]") {
  fake::World world;
  const int room = world.channel("room");
  const auto root = world.message(room, kStart, kAda, "root");
  for (int i = 1; i <= 20; ++i) world.message(room, kStart + i, kBo, "reply", root);
  for (int i = 1; i <= 20; ++i) world.message(room, kStart + 100 + i, kBo, "later root");
  world.plan();
  fake::Life life(world, 1);
  life.service.latency = 1000;
  life.run();
  CHECK(world.store.content() == world.expected());
  std::int64_t last = 0;
  for (const auto& import : world.store.imports) {
    if (import.ms > kStart && import.ms <= kStart + 20) {
      CHECK(import.service_time - last >= 1000);
      last = import.service_time;
    }
  }
  // 21 in a row take 21 s by themselves; the later roots go meanwhile.
  CHECK(departures(life).back() - departures(life).front() < 23'000);
}

TEST_CASE("After a 429 nothing leaves before Retry-After, and then the same bytes first", "[migrate][lane]") {
  fake::World world;
  const int room = world.channel("room");
  for (int i = 0; i < 30; ++i) world.message(room, kStart + i, kAda, "text " + std::to_string(i) + ".");
  world.plan();
  fake::Life life(world, 1);
  life.service.latency = 500;
  life.service.script = first(1, "text 9.", Fault::throttle);
  const auto summary = life.run();
  CHECK(summary.throttled == 1);
  CHECK(world.store.content() == world.expected());
  const auto left = departures(life);
  const auto gap = std::adjacent_find(left.begin(), left.end(), [](auto x, auto y) { return y - x > 1000; });
  REQUIRE(gap != left.end());
  CHECK(*(gap + 1) - *gap >= 2700);
  CHECK(left.size() == 31);
  CHECK(world.journal->message(journal::row_id(1, 10))->maybe == false);
}

TEST_CASE("An answer that was lost is settled by the same bytes and a look", "[migrate][lane]") {
  OneRoom world;
  const Fault fault =
      GENERATE(Fault::error_before, Fault::error_after, Fault::lost_before, Fault::lost_after, Fault::empty_answer);
  world.store.ingestion_ids = GENERATE(false, true);
  world.store.read_lag = GENERATE(0, 5000);
  fake::Life life(world, 1);
  life.service.script = first(2, "second", fault);
  const auto summary = life.run();
  CHECK(summary.sent == 3);
  CHECK(summary.doubt == 0);
  CHECK(world.store.content() == world.expected());
  CHECK(world.journal->message(world.b)->graph_id == world.store.channel_named("room")->at(kStart + 1)->id);
  std::vector<std::string> bodies;
  for (const auto& import : world.store.imports) {
    if (import.ms == kStart + 1) bodies.push_back(import.body);
  }
  CHECK(std::all_of(bodies.begin(), bodies.end(), [&bodies](const auto& body) { return body == bodies.front(); }));
}

TEST_CASE("A stranger's millisecond moves the row and the unsent ones it would pass, and says so", "[migrate][lane]") {
  OneRoom world;
  world.create_targets();
  world.store.stranger("room", kStart, kBo, "<p>I was here</p>");
  // Not yet visible when the lane binds, so that the 409 tells.
  world.store.channel_named("room")->messages.back().stored = world.store.now;
  world.store.read_lag = 1000;
  fake::Life life(world, 1);
  const auto summary = life.run();
  CHECK(summary.moved >= 1);
  CHECK(summary.sent == 3);
  const auto* room = world.store.channel_named("room");
  CHECK(room->messages.size() == 4);
  std::vector<std::string> order;
  auto messages = room->messages;
  std::sort(messages.begin(), messages.end(), [](const auto& x, const auto& y) { return x.ms < y.ms; });
  for (const auto& message : messages) order.push_back(message.content);
  CHECK(order.front() == "<p>I was here</p>");
  CHECK(world.store.broken_invariant() == "");
  CHECK(world.journal->taken(1) == std::vector<DateTime>{DateTime{kStart}});
  CHECK_FALSE(world.journal->findings(10).empty());
}

TEST_CASE("A row that would have to move further than allowed fails instead", "[migrate][lane]") {
  const limits::Override nearer(R"({"times": {"largest_shift_ms": 20}})");
  OneRoom world;
  world.create_targets();
  for (int i = 1; i <= 25; ++i)
    world.store.stranger("room", kStart + i, "99999999-5bb3-4f0d-a43f-e555fd399c6f", "<p>busy</p>");
  const auto summary = fake::Life(world, 1).run();
  CHECK(world.state(world.a) == State::sent);
  CHECK(world.state(world.b) == State::failed);
  CHECK(world.state(world.c) == State::failed);
  CHECK(world.reason(world.b).starts_with("no free time: "));
  CHECK(summary.failed == 2);
}

TEST_CASE("A message with our time, author and place but another text is a doubt, and its replies wait",
          "[migrate][lane]") {
  fake::World world;
  const int room = world.channel("room");
  const auto root = world.message(room, kStart, kAda, "what I wrote");
  const auto reply = world.message(room, kStart + 1, kBo, "answer", root);
  const auto other = world.message(room, kStart + 2, kBo, "another root");
  world.plan();
  world.create_targets();
  world.store.stranger("room", kStart, kAda, "<p>what somebody changed</p>");
  fake::Life(world, 1).run();
  CHECK(world.state(root) == State::doubt);
  CHECK(world.state(reply) == State::blocked);
  CHECK(world.state(other) == State::sent);
  CHECK(world.store.channel_named("room")->messages.size() == 2);
  SECTION("the next run looks again, and goes on when the text is back") {
    world.store.channel_named("room")->messages.front().content = "<p>what I wrote</p>";
    fake::Life(world, 2).run();
    CHECK(world.state(root) == State::sent);
    CHECK(world.state(reply) == State::sent);
    CHECK(world.store.content() == world.expected());
  }
  SECTION("as long as it differs nothing is sent for it") {
    const auto before = world.store.imports.size();
    fake::Life(world, 2).run();
    CHECK(world.state(root) == State::doubt);
    CHECK(world.store.imports.size() == before);
  }
}

TEST_CASE("A 409 with nothing to see is looked at for a minute and then left in doubt", "[migrate][lane]") {
  OneRoom world;
  world.create_targets();
  world.store.stranger("room", kStart + 1, kBo, "<p>hidden</p>");
  world.store.channel_named("room")->messages.back().stored = world.store.now + 10'000'000;
  fake::Life life(world, 1);
  const auto begun = life.loop.now();
  const auto summary = life.run();
  CHECK(summary.doubt == 1);
  CHECK(summary.sent == 2);
  CHECK(world.state(world.b) == State::doubt);
  CHECK(life.loop.now() - begun > 72s);
  CHECK(world.store.imports.size() == 3);
}

TEST_CASE("Without the role to read, a time that only we can have taken is our own message", "[migrate][lane]") {
  OneRoom world;
  world.store.readable = false;
  fake::Life life(world, 1);
  life.service.script = first(1, "second", Fault::lost_after);
  const auto summary = life.run();
  CHECK(summary.sent == 3);
  CHECK(world.store.content() == world.expected());
  CHECK(world.journal->message(world.b)->graph_id.empty());
  CHECK(world.journal->message(world.b)->time.ms == kStart + 1);
  REQUIRE(world.journal->findings(10).size() == 1);
  CHECK_THAT(world.journal->findings(10).front(), Catch::Contains("its id is not known"));
}

TEST_CASE("Without the role to read, elsewhere a 409 is a doubt and never a new time", "[migrate][lane]") {
  fake::World world;
  const bool chat = GENERATE(true, false);
  const int room = chat ? world.chat("room") : world.channel("room");
  const auto lost = world.message(room, kStart, kAda, "second");
  const auto reply = chat ? 0 : world.message(room, kStart + 1, kBo, "answer", lost);
  world.plan();
  world.store.readable = false;
  fake::Life life(world, 1);
  life.service.script = first(1, "second", Fault::lost_after);
  CHECK(life.run().doubt == 1);
  CHECK(world.state(lost) == State::doubt);
  CHECK(world.journal->message(lost)->time.ms == kStart);
  // A root whose id nobody knows holds its replies; a later run with the role settles both.
  if (!chat) CHECK(world.state(reply) == State::blocked);
  world.store.readable = true;
  CHECK(fake::Life(world, 2).run().whole());
  CHECK(world.state(lost) == State::sent);
  CHECK(world.store.content() == world.expected());
}

TEST_CASE("A refused message fails with the answer as its reason, and its replies are blocked", "[migrate][lane]") {
  fake::World world;
  const int room = world.channel("room");
  const auto root = world.message(room, kStart, kAda, "refused");
  const auto reply = world.message(room, kStart + 1, kBo, "answer", root);
  const auto other = world.message(room, kStart + 2, kBo, "fine");
  world.plan();
  fake::Life life(world, 1);
  life.service.script = first(1, "refused", Fault::refuse);
  const auto summary = life.run();
  CHECK(summary.whole());
  CHECK(world.state(root) == State::failed);
  CHECK(world.reason(root).starts_with("400 BadRequest: "));
  CHECK(world.state(reply) == State::blocked);
  CHECK(world.reason(reply) == "root not sent: room/2019-02-04.json record 1 is failed");
  CHECK(world.state(other) == State::sent);
}

TEST_CASE("A refusal of what may have arrived is looked at before it counts", "[migrate][lane]") {
  OneRoom world;
  fake::Life life(world, 1);
  int attempts = 0;
  life.service.script = [&attempts](const http::Request& request) {
    if (!holds(request, "second")) return Fault::none;
    return ++attempts == 1 ? Fault::lost_after : attempts == 2 ? Fault::refuse : Fault::none;
  };
  life.run();
  CHECK(world.state(world.b) == State::sent);
  CHECK(world.store.content() == world.expected());
}

TEST_CASE("A refusal of what has arrived but is not readable yet is looked at until it would be", "[migrate][lane]") {
  OneRoom world;
  world.store.read_lag = 5000;
  fake::Life life(world, 1);
  int attempts = 0;
  life.service.script = [&attempts](const http::Request& request) {
    if (!holds(request, "second")) return Fault::none;
    return ++attempts == 1 ? Fault::lost_after : Fault::refuse;
  };
  life.run();
  CHECK(world.state(world.b) == State::sent);
  CHECK(world.store.content() == world.expected());
}

TEST_CASE("A message at or before the channel's date fails as too early", "[migrate][lane]") {
  fake::World world;
  const int room = world.channel("room");
  const auto early = world.message(room, 1'500'000'000'000, kAda, "early");
  const auto fine = world.message(room, kStart, kAda, "fine");
  world.plan();
  fake::Life(world, 1).run();
  CHECK(world.state(early) == State::failed);
  CHECK(world.reason(early).starts_with("too early: "));
  CHECK(world.state(fine) == State::sent);
}

TEST_CASE("A channel that was completed behind our back stops its lane alone, with its state named",
          "[migrate][lane]") {
  fake::World world;
  const int room = world.channel("room"), other = world.channel("other");
  for (int i = 0; i < 40; ++i) world.message(room, kStart + i, kAda, "text");
  for (int i = 0; i < 40; ++i) world.message(other, kStart + i, kAda, "text");
  world.plan();
  fake::Life life(world, 1);
  life.loop.at(life.loop.now() + 4s, [&world] { world.store.channel_named("room")->mode = "completed"; });
  const auto summary = life.run();
  REQUIRE(summary.stopped.size() == 1);
  CHECK(summary.stopped.front().conversation == "#room");
  CHECK(summary.stopped.front().error.message.find("completed") != std::string::npos);
  CHECK_FALSE(summary.whole());
  CHECK(world.in_state(State::failed) == 0);
  CHECK(world.in_state(State::sending) == 0);
  CHECK(world.in_state(State::planned) > 0);
  CHECK(world.store.channel_named("other")->messages.size() == 40);
  SECTION("and the next run says so before it sends anything") {
    fake::Life again(world, 2);
    const auto second = again.run();
    CHECK(second.sent == 0);
    REQUIRE(second.stopped.size() == 1);
    CHECK(second.stopped.front().error.code == "not_in_progress");
    CHECK(again.service.departures.empty());
  }
}

TEST_CASE("A session that another application owns stops its lane", "[migrate][lane]") {
  OneRoom world;
  world.create_targets();
  world.store.channel_named("room")->owner = "app-2";
  const auto summary = fake::Life(world, 1).run();
  REQUIRE(summary.stopped.size() == 1);
  CHECK(summary.stopped.front().error.message.find("another application") != std::string::npos);
  CHECK(world.in_state(State::planned) == 3);
}

TEST_CASE("A message the service stumbles over is left in doubt while the others pass", "[migrate][lane]") {
  OneRoom world;
  fake::Life life(world, 1);
  life.service.script = first(1000, "second", Fault::error_before);
  const auto summary = life.run();
  CHECK(world.state(world.a) == State::sent);
  CHECK(world.state(world.b) == State::doubt);
  CHECK(world.state(world.c) == State::sent);
  CHECK(summary.doubt == 1);
}

TEST_CASE("A service that is down stops the lane and puts nothing in doubt", "[migrate][lane]") {
  OneRoom world;
  world.create_targets();
  fake::Life life(world, 1);
  life.service.script = [](const http::Request& request) {
    return is_import(request) ? Fault::lost_before : Fault::none;
  };
  const auto summary = life.run();
  CHECK(summary.stopped.size() == 1);
  CHECK(world.in_state(State::doubt) == 0);
  CHECK(world.in_state(State::sending) + world.in_state(State::planned) == 3);
  fake::Life(world, 2).run();
  CHECK(world.store.content() == world.expected());
}

TEST_CASE("plan_moves() takes the least free millisecond and keeps the order of what is unsent", "[migrate][lane]") {
  const auto row = [](journal::RowId id, std::int64_t ms, State state) {
    journal::LaneRow r;
    r.id = id;
    r.time = DateTime{ms};
    r.state = state;
    return r;
  };
  using migrate::Moves;
  std::vector<journal::LaneRow> rows = {row(1, 100, State::sending), row(2, 101, State::sent),
                                        row(3, 102, State::planned), row(4, 104, State::sending),
                                        row(5, 110, State::planned)};
  SECTION("alone") {
    CHECK(migrate::plan_moves({row(1, 100, State::sending), row(2, 103, State::planned)}, 0, {DateTime{100}}) ==
          Moves{{1, DateTime{101}}});
  }
  SECTION("past sent ones and strangers; what it passes follows") {
    CHECK(migrate::plan_moves(rows, 0, {DateTime{100}}) == Moves{{1, DateTime{103}}, {3, DateTime{105}}});
    CHECK(migrate::plan_moves(rows, 0, {DateTime{100}, DateTime{103}, DateTime{105}, DateTime{106}}) ==
          Moves{{1, DateTime{107}}, {3, DateTime{108}}});
  }
  SECTION("failed rows hold no millisecond") {
    rows[1].state = State::failed;
    CHECK(migrate::plan_moves(rows, 0, {DateTime{100}}) == Moves{{1, DateTime{101}}});
  }
}
