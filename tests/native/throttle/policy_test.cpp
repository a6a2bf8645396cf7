#include "native/throttle/policy.h"

#include <catch2/catch.hpp>
#include <vector>

#include "tests/support/scripted_transport.h"
#include "tests/support/virtual_loop.h"

using namespace teamferry;
using namespace teamferry::throttle;
using namespace std::chrono_literals;

namespace {

using limits::RequestClass;

struct Row {
  VirtualLoop loop;
  VirtualLoop::Wall wall{loop};
  http::ScriptedTransport wire{loop};
  Pace pace{article_limits()};
  std::vector<Loop::Duration> told;
  bool stop = false;
  ThrottlePolicy policy{
      wire,
      loop,
      pace,
      wall,
      {[this](const http::Request&, Loop::Duration wait) { told.push_back(wait); }, [this] { return stop; }}};

  Result<http::Response> try_send(std::string key, RequestClass request_class = RequestClass::read_channel) {
    http::Request request;
    request.request_class = key.empty() ? RequestClass::unpaced : request_class;
    request.pace_key = std::move(key);
    return loop.run(policy.send(std::move(request)));
  }
  void send(std::string key) { REQUIRE(try_send(std::move(key)).ok()); }
};

}  // namespace

TEST_CASE("Requests of one conversation keep its pace, those of others the tenant's, the rest none", "[throttle]") {
  Row row;
  row.wire.otherwise([](const http::Request&) { return http::answer(200); });
  const auto start = row.loop.now();
  for (const char* key : {"a", "a", "b", "a", ""}) row.send(key);
  const std::vector<Loop::TimePoint> expected = {start, start + 200ms, start + 225ms, start + 400ms, start + 400ms};
  CHECK(row.wire.times == expected);
}

TEST_CASE("A 429 of one request holds the next", "[throttle]") {
  Row row;
  row.wire.then(http::answer(429, "", {{"Retry-After", "7"}})).then(http::answer(200));
  const auto start = row.loop.now();
  row.send("a");
  row.send("a");
  CHECK(row.wire.times[1] - start == 7s);
  CHECK(row.pace.rate({RequestClass::read_channel, "a"}) == 2.5);
}

TEST_CASE("A wait of a second or more is told, a shorter one is not", "[throttle]") {
  Row row;
  row.wire.otherwise([](const http::Request&) { return http::answer(200); });
  for (int i = 0; i < 3; ++i) REQUIRE(row.try_send("team", RequestClass::add_team_member).ok());
  CHECK(row.told == std::vector<Loop::Duration>{18'750ms, 18'750ms});
  row.send("a");
  row.send("a");
  CHECK(row.told.size() == 2);
}

TEST_CASE("Who wants the end does not wait for a turn, and nothing is sent", "[throttle]") {
  Row row;
  row.wire.otherwise([](const http::Request&) { return http::answer(200); });
  REQUIRE(row.try_send("team", RequestClass::add_team_member).ok());
  const auto start = row.loop.now();
  row.loop.at(start + 3s, [&] { row.stop = true; });
  const auto answer = row.try_send("team", RequestClass::add_team_member);
  REQUIRE_FALSE(answer.ok());
  CHECK(answer.error().code == "interrupted");
  CHECK(row.loop.now() - start <= 3250ms);
  CHECK(row.wire.requests.size() == 1);
}
