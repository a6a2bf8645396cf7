#include "native/throttle/policy.h"

#include <catch2/catch.hpp>

#include "tests/support/scripted_transport.h"
#include "tests/support/virtual_loop.h"

using namespace teamferry;
using namespace teamferry::throttle;
using namespace std::chrono_literals;

namespace {

struct Row {
  VirtualLoop loop;
  VirtualLoop::Wall wall{loop};
  http::ScriptedTransport wire{loop};
  Pace pace{article_limits()};
  ThrottlePolicy policy{wire, loop, pace, wall};

  void send(std::string key) {
    http::Request request;
    request.pace_key = std::move(key);
    auto result = loop.run(policy.send(std::move(request)));
    REQUIRE(result.ok());
  }
};

}  // namespace

TEST_CASE("Requests of one conversation keep its pace, others do not wait", "[throttle]") {
  Row row;
  row.wire.otherwise([](const http::Request&) { return http::answer(200); });
  const auto start = row.loop.now();
  for (const char* key : {"a", "a", "b", "a", ""}) row.send(key);
  const std::vector<Loop::TimePoint> expected = {start, start + 200ms, start + 200ms, start + 400ms, start + 400ms};
  CHECK(row.wire.times == expected);
}

TEST_CASE("A 429 of one request holds the next", "[throttle]") {
  Row row;
  row.wire.then(http::answer(429, "", {{"Retry-After", "7"}})).then(http::answer(200));
  const auto start = row.loop.now();
  row.send("a");
  row.send("a");
  CHECK(row.wire.times[1] - start == 7s);
  CHECK(row.pace.rate("a") == 2.5);
}
