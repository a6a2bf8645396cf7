#include "native/migrate/read.h"

#include <catch2/catch.hpp>

#include "world.h"

using namespace teamferry;
using namespace std::chrono_literals;
using fake::Fault;
using fake::kAda;
using fake::kBo;
using fake::kStart;
using journal::State;

namespace {

struct TwoRows : fake::World {
  int room = channel("room");
  journal::RowId a = message(room, kStart, kAda, "first");
  journal::RowId b = message(room, kStart + 1, kAda, "second");
  TwoRows() { plan(); }
};

}  // namespace

TEST_CASE("A listing that breaks off leaves nobody waiting for it", "[migrate][read]") {
  TwoRows world;
  world.limits = throttle::no_limits();
  world.create_targets();
  for (int i = 0; i < 2; ++i) {
    world.store.stranger("room", kStart + i, kBo, "<p>a stranger's</p>");
    world.store.channel_named("room")->messages.back().stored = world.store.now + 1000;  // after the lane has bound
  }
  fake::Life life(world, 1);
  life.service.script = [&world](const http::Request& request) {
    const bool listing = request.method == "GET" && request.url.find("/messages?") != std::string::npos;
    if (listing && world.store.imports.size() == 2) throw std::runtime_error("broken");
    return Fault::none;
  };
  CHECK_THROWS_WITH(life.run(), "broken");
}

TEST_CASE("A guessed id that is refused leads to the listing", "[migrate][read]") {
  TwoRows world;
  fake::Life life(world, 1);
  const std::string guess = "/messages/" + std::to_string(kStart + 1);
  bool lost = false;
  life.service.script = [&](const http::Request& request) {
    if (request.method == "GET" && request.url.ends_with(guess)) return Fault::refuse;
    if (lost || request.body.find("second") == std::string::npos) return Fault::none;
    lost = true;
    return Fault::lost_after;
  };
  const auto summary = life.run();
  CHECK(summary.whole());
  CHECK(summary.sent_by_read == 1);
  CHECK(world.store.content() == world.expected());
}

namespace {

// Ends with the second message begun and never arrived, and a journal that remembers other bytes of it.
struct OtherBytes : TwoRows {
  OtherBytes() {
    fake::Life life(*this, 1);
    life.service.script = [&life](const http::Request& request) {
      if (request.body.find("second") == std::string::npos) return Fault::none;
      life.stop = true;
      return Fault::lost_before;
    };
    life.run();
    REQUIRE(state(b) == State::sending);
    journal::Committer::Work work = [this](journal::Transaction& t) {
      t.intent(b, DateTime{kStart + 1}, 0, std::string(32, 'x'));
    };
    REQUIRE(life.loop.run(life.committer->commit(std::move(work))));
  }
};

}  // namespace

TEST_CASE("Other bytes than an earlier run sent go out only after a look, and never unnoticed", "[migrate][read]") {
  OtherBytes world;
  fake::Life life(world, 2);
  bool looked = false;
  life.service.script = [&](const http::Request& request) {
    if (request.method == "GET" && request.url.ends_with(std::to_string(kStart + 1))) looked = true;
    if (request.body.find("second") != std::string::npos) CHECK(looked);
    return Fault::none;
  };
  life.run();
  CHECK(looked);
  CHECK(world.store.content() == world.expected());
  CHECK(world.journal->totals().findings_by_kind["other_bytes"] == 1);
}

TEST_CASE("Other bytes that cannot be looked for are a doubt", "[migrate][read]") {
  OtherBytes world;
  world.store.readable = false;
  fake::Life life(world, 2);
  life.run();
  CHECK(world.state(world.b) == State::doubt);
  CHECK(world.reason(world.b).find("other bytes") != std::string::npos);
  CHECK(world.store.channel_named("room")->messages.size() == 1);
}

TEST_CASE("A message that moved before its run died has no bytes to differ from", "[migrate][read]") {
  OtherBytes world;
  fake::Life life(world, 2);
  journal::Committer::Work work = [&world](journal::Transaction& t) { t.move({{world.b, DateTime{kStart + 5}}}); };
  REQUIRE(life.loop.run(life.committer->commit(std::move(work))));
  CHECK(world.journal->intent_hash(world.b).empty());
  life.run();
  CHECK(world.state(world.b) == State::sent);
  CHECK(world.journal->totals().findings_by_kind.count("other_bytes") == 0);
}
