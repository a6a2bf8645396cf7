#include "native/graph/pipeline.h"

#include <catch2/catch.hpp>
#include <memory>
#include <random>

#include "tests/support/scripted_transport.h"
#include "tests/support/virtual_loop.h"

using namespace teamferry;
using namespace teamferry::graph;
using namespace teamferry::http;
using namespace std::chrono_literals;

namespace {

class FailingOnce : public auth::TokenSource {
 public:
  Task<Result<std::string>> token() override {
    if (asked++ == 0) co_return Error::transport("connect", "no sign-in");
    co_return "token";
  }
  Task<Result<std::string>> renew(std::string) override { co_return "renewed"; }
  int asked = 0;
};

struct Row {
  VirtualLoop loop;
  VirtualLoop::Wall wall{loop};
  ScriptedTransport wire{loop};
  FailingOnce tokens;
  throttle::Pace pace{throttle::article_limits()};
  std::vector<std::string> lines;
  Pipeline pipeline{loop, wall, wire, tokens, pace, options()};

  Pipeline::Options options() {
    Pipeline::Options chosen;
    chosen.graph_url = "https://graph.example";
    chosen.random = [source = std::make_shared<std::mt19937_64>(1)] { return (*source)(); };
    chosen.log = [this](const Attempt& attempt) { lines.push_back(attempt.to_string()); };
    return chosen;
  }
};

}  // namespace

TEST_CASE("A failed sign-in, a throttled and a rejected attempt are one call to its caller", "[graph]") {
  Row row;
  row.wire.then(answer(429, "", {{"Retry-After", "3"}}))
      .then(answer(401, R"({"error":{"code":"InvalidAuthenticationToken"}})"))
      .then(answer(200, "done"));
  Request request;
  request.url = "https://graph.example/v1.0/x";
  request.route = "GET /x";
  request.request_class = limits::RequestClass::read_channel;
  request.pace_key = "a";
  const auto result = row.loop.run(row.pipeline.send(std::move(request)));
  REQUIRE(result.ok());
  CHECK(result.value().body == "done");
  CHECK(row.tokens.asked == 3);
  REQUIRE(row.wire.requests.size() == 3);
  CHECK(row.wire.times[1] - row.wire.times[0] == 3s);
  CHECK(*row.wire.requests[2].headers.find("Authorization") == "Bearer renewed");
  CHECK(row.pace.rate({limits::RequestClass::read_channel, "a"}) == 2.5);
  REQUIRE(row.lines.size() == 3);
  CHECK(row.lines[0].find("GET /x 429 0 ms, attempt 2, client-request-id ") == 0);
  CHECK(row.lines[2].find("GET /x 200 0 ms, attempt 3, client-request-id ") == 0);
  for (const auto& line : row.lines) CHECK(line.find("oken") == std::string::npos);
}
