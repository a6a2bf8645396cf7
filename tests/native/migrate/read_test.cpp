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
