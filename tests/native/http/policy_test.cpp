#include "native/http/policy.h"

#include <catch2/catch.hpp>
#include <memory>
#include <optional>
#include <random>
#include <set>

#include "tests/support/limits_override.h"
#include "tests/support/scripted_transport.h"
#include "tests/support/virtual_loop.h"

using namespace teamferry;
using namespace teamferry::http;
using namespace std::chrono_literals;

namespace {

Random seeded(unsigned seed) {
  return [source = std::make_shared<std::mt19937_64>(seed)] { return (*source)(); };
}

// The row without the parts that need a sign-in.
struct Row {
  explicit Row(unsigned seed = 1)
      : log(wire, loop, [this](const Attempt& attempt) { attempts.push_back(attempt); }),
        errors(log, wall),
        retry(errors, loop, seeded(seed), options()),
        row(retry, seeded(seed + 1)) {}

  RetryPolicy::Options options() {
    RetryPolicy::Options chosen;
    chosen.on_wait = [this](const Request&, const Error&, Loop::Duration wait) { waits.push_back(wait); };
    chosen.stopping = [this] { return stop_at && loop.now() >= *stop_at; };
    return chosen;
  }
  Result<Response> send(Request request) { return loop.run(row.send(std::move(request))); }
  Request get() {
    Request request;
    request.url = "https://graph.example/v1.0/x";
    request.route = "GET /x";
    return request;
  }

  VirtualLoop loop;
  VirtualLoop::Wall wall{loop};
  ScriptedTransport wire{loop};
  std::vector<Attempt> attempts;
  std::vector<Loop::Duration> waits;
  std::optional<Loop::TimePoint> stop_at;
  LogPolicy log;
  ServiceErrorPolicy errors;
  RetryPolicy retry;
  ClientRequestIdPolicy row;
};

}  // namespace

TEST_CASE("A call has one client-request-id on all its attempts, and the next call another", "[http]") {
  Row row;
  row.wire.then(answer(503)).then(answer(200)).then(answer(200));
  REQUIRE(row.send(row.get()).ok());
  REQUIRE(row.send(row.get()).ok());
  REQUIRE(row.wire.requests.size() == 3);
  std::vector<std::string> ids;
  for (const auto& request : row.wire.requests) ids.push_back(*request.headers.find("client-request-id"));
  CHECK(ids[0] == ids[1]);
  CHECK(ids[1] != ids[2]);
  CHECK(ids[0].size() == 36);
  CHECK(ids[0][14] == '4');
}

TEST_CASE("GUIDs of one source do not repeat", "[http]") {
  const auto random = seeded(7);
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) seen.insert(random_guid(random));
  CHECK(seen.size() == 1000);
}

TEST_CASE("What may pass later is sent again, with growing pauses of 20 % play", "[http]") {
  Row row;
  for (int i = 0; i < 5; ++i) row.wire.then(answer(503));
  row.wire.then(answer(200, "done"));
  const auto result = row.send(row.get());
  REQUIRE(result.ok());
  CHECK(result.value().body == "done");
  REQUIRE(row.waits.size() == 5);
  for (int i = 0; i < 5; ++i) {
    CHECK(row.waits[i] >= 800ms * (1 << i));
    CHECK(row.waits[i] <= 1200ms * (1 << i));
    CHECK(row.wire.times[i + 1] - row.wire.times[i] == row.waits[i]);
  }
}

TEST_CASE("After five repetitions the last error stands", "[http]") {
  Row row;
  row.wire.otherwise([](const Request&) { return answer(500, R"({"error":{"code":"E","message":"broken"}})"); });
  const auto result = row.send(row.get());
  REQUIRE_FALSE(result.ok());
  CHECK(row.wire.requests.size() == 6);
  CHECK(result.error().status == 500);
  CHECK(result.error().message == "broken (given up after 6 attempts)");
}

TEST_CASE("Retry-After outranks a shorter back-off", "[http]") {
  Row row;
  row.wire.then(answer(429, "", {{"Retry-After", "17.5"}})).then(answer(200));
  REQUIRE(row.send(row.get()).ok());
  CHECK(row.waits == std::vector<Loop::Duration>{17500ms});
}

TEST_CASE("A 429 that names no time waits five seconds", "[http]") {
  Row row;
  row.wire.then(answer(429)).then(answer(200));
  REQUIRE(row.send(row.get()).ok());
  CHECK(row.waits == std::vector<Loop::Duration>{5s});
}

TEST_CASE("A lost connection is tried again, a refusal is not", "[http]") {
  Row row;
  row.wire.then(Error::transport("reset", "gone")).then(answer(404));
  const auto result = row.send(row.get());
  REQUIRE_FALSE(result.ok());
  CHECK(result.error().status == 404);
  CHECK(row.wire.requests.size() == 2);
}

TEST_CASE("A 412 is tried again only for a version mismatch", "[http]") {
  Row row;
  row.wire
      .then(answer(412, R"({"error":{"code":"PreconditionFailed","message":"PreconditionFailed","innerError":
        {"message":"PreconditionFailed-Version mismatch for thread resource."}}})"))
      .then(answer(412, R"({"error":{"code":"PreconditionFailed","message":"not in application-only context"}})"));
  const auto result = row.send(row.get());
  REQUIRE_FALSE(result.ok());
  CHECK(row.wire.requests.size() == 2);
  CHECK(result.error().message == "not in application-only context");
}

TEST_CASE("What a version mismatch sounds like is data of the service", "[http]") {
  const limits::Override other(R"({"texts": {"version_mismatch": ["two writes met"]}})");
  Row row;
  row.wire.then(answer(412, R"({"error":{"code":"PreconditionFailed","message":"Two writes met."}})"))
      .then(answer(412, R"({"error":{"code":"PreconditionFailed","message":"Version mismatch"}})"));
  CHECK(row.send(row.get()).error().message == "Version mismatch");
  CHECK(row.wire.requests.size() == 2);
}

TEST_CASE("A request that must not be repeated is sent once", "[http]") {
  Row row;
  row.wire.then(answer(503));
  Request request = row.get();
  request.retry = false;
  const auto result = row.send(std::move(request));
  CHECK(result.error().status == 503);
  CHECK(row.wire.requests.size() == 1);
  CHECK(row.waits.empty());
}

TEST_CASE("Every error carries our id, whatever the answer says", "[http]") {
  Row row;
  row.wire.then(answer(400, "", {{"client-request-id", "foreign"}}));
  const auto refused = row.send(row.get());
  CHECK(refused.error().client_request_id == *row.wire.requests[0].headers.find("client-request-id"));
  row.wire.then(Error::argument("bad_url", "no"));
  const auto failed = row.send(row.get());
  CHECK(failed.error().client_request_id == *row.wire.requests[1].headers.find("client-request-id"));
}

TEST_CASE("The log tells each attempt, and nothing that is secret", "[http]") {
  Row row;
  row.wire.latency = 35ms;
  row.wire.then(Error::transport("timeout", "x")).then(answer(201, "private words", {{"request-id", "c0de-9"}}));
  Request request = row.get();
  request.method = "POST";
  request.route = "POST /x/{id}";
  request.url += "?token=hidden";
  request.body = "private words";
  request.headers.add("Authorization", "Bearer hidden");
  REQUIRE(row.send(std::move(request)).ok());
  REQUIRE(row.attempts.size() == 2);
  const std::string id = row.attempts[0].client_request_id;
  CHECK(row.attempts[0].to_string() == "POST /x/{id} timeout 35 ms, attempt 1, client-request-id " + id);
  CHECK(row.attempts[1].to_string() ==
        "POST /x/{id} 201 35 ms, attempt 2, client-request-id " + id + ", request-id c0de-9");
}

TEST_CASE("The log takes a server's request-id only if it looks like one", "[http]") {
  Row row;
  const std::string secret = "Bearer eyJ0.eyJ1.c2ln";
  row.wire.then(answer(200, "", {{"request-id", secret}}))
      .then(answer(200, "", {{"request-id", std::string(65, 'a')}}))
      .then(answer(200, "", {{"x-ms-request-id", "0a1b-2c"}}));
  for (int i = 0; i < 3; ++i) REQUIRE(row.send(row.get()).ok());
  REQUIRE(row.attempts.size() == 3);
  CHECK(row.attempts[0].request_id.empty());
  CHECK(row.attempts[1].request_id.empty());
  CHECK(row.attempts[2].request_id == "0a1b-2c");
}

TEST_CASE("The same seed gives the same waits", "[http]") {
  std::vector<std::vector<Loop::Duration>> runs;
  for (unsigned seed : {5u, 5u, 6u}) {
    Row row(seed);
    row.wire.otherwise([](const Request&) { return answer(504); });
    REQUIRE_FALSE(row.send(row.get()).ok());
    runs.push_back(row.waits);
  }
  CHECK(runs[0] == runs[1]);
  CHECK(runs[0] != runs[2]);
}

TEST_CASE("A wait ends within a second of the wish to stop, with the error that it was for", "[http]") {
  Row row;
  row.stop_at = row.loop.now() + 10s;
  row.wire.then(answer(429, "", {{"Retry-After", "300"}}));
  const auto begun = row.loop.now();
  const auto result = row.send(row.get());
  REQUIRE_FALSE(result.ok());
  CHECK(result.error().status == 429);
  CHECK(row.loop.now() - begun >= 10s);
  CHECK(row.loop.now() - begun < 11s);
  CHECK(row.attempts.size() == 1);
}
