#include "native/graph/batch.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "native/graph/members.h"
#include "tests/native/graph/emulated_graph.h"
#include "tests/native/graph/scripted_graph.h"
#include "tests/support/limits_override.h"

using namespace teamferry;
using namespace teamferry::graph;
using namespace teamferry::http;
using namespace std::chrono_literals;
using nlohmann::json;

namespace {

std::string responses(const std::string& items) {
  return R"({"responses":[)" + items + "]}";
}

json sent(const ScriptedGraph& graph, std::size_t index) {
  return json::parse(graph.request(index).body)["requests"];
}

}  // namespace

TEST_CASE("Answers of a batch come in any order and stand in that of the parts", "[graph]") {
  ScriptedGraph graph;
  graph.wire.then(answer(200, responses(R"({"id":"2","status":404,"headers":{},"body":{"error":{"code":"NotFound",
      "message":"no"}}},{"id":"1","status":200,"body":{"id":"a"}})")));
  const auto answers = graph.run(batch(graph.client, {{"/users/a"}, {"/users/b"}}));
  REQUIRE(answers.ok());
  CHECK(answers.value()[0].status == 200);
  CHECK(json::parse(answers.value()[0].body)["id"] == "a");
  CHECK_FALSE(answers.value()[0].error);
  CHECK(answers.value()[1].error->code == "NotFound");
  CHECK(answers.value()[1].error->status == 404);
  CHECK(graph.line(0) == "POST /v1.0/$batch");
  CHECK(graph.request().retry);
  CHECK(sent(graph, 0) == json::parse(R"([{"id":"1","method":"GET","url":"/users/a"},
    {"id":"2","method":"GET","url":"/users/b"}])"));
}

TEST_CASE("A throttled part is sent again by itself, after its own Retry-After", "[graph]") {
  ScriptedGraph graph;
  graph.wire
      .then(answer(200, responses(R"({"id":"1","status":429,"headers":{"Retry-After":"7"}},{"id":"2","status":200,
        "body":{}},{"id":"3","status":429,"headers":{"retry-after":"2"}})")))
      .then(answer(200, responses(R"({"id":"3","status":200,"body":{"n":3}},{"id":"1","status":200,"body":{"n":1}})")));
  const auto start = graph.loop.now();
  const auto answers = graph.run(batch(graph.client, {{"/a"}, {"/b"}, {"/c"}}));
  REQUIRE(answers.ok());
  CHECK(json::parse(answers.value()[0].body)["n"] == 1);
  CHECK(json::parse(answers.value()[2].body)["n"] == 3);
  CHECK(graph.loop.now() - start == 7s);
  REQUIRE(sent(graph, 1).size() == 2);
  CHECK(sent(graph, 1)[0]["id"] == "1");
  CHECK(sent(graph, 1)[1]["id"] == "3");
}

TEST_CASE("A Retry-After that is a date is seen from the answer's own", "[graph]") {
  ScriptedGraph graph;
  graph.wire
      .then(answer(200,
                   responses(R"({"id":"1","status":429,"headers":{"Retry-After":"Thu, 01 Jan 2026 00:00:09 GMT"}})"),
                   {{"Date", "Thu, 01 Jan 2026 00:00:05 GMT"}}))
      .then(answer(200, responses(R"({"id":"1","status":200,"body":{}})")));
  const auto start = graph.loop.now();
  CHECK(graph.run(batch(graph.client, {{"/a"}})).ok());
  CHECK(graph.loop.now() - start == 4s);
}

TEST_CASE("What failed for a throttled part goes with it, and what is done does not", "[graph]") {
  ScriptedGraph graph;
  graph.wire
      .then(answer(200, responses(R"({"id":"1","status":201,"body":{}},{"id":"2","status":429,"headers":{}},
        {"id":"3","status":424,"body":{}},{"id":"4","status":424,"body":{}})")))
      .then(answer(200, responses(R"({"id":"2","status":201},{"id":"3","status":201},{"id":"4","status":201})")));
  const auto start = graph.loop.now();
  const auto answers = graph.run(batch(
      graph.client,
      {{"/a", "POST", "{}"}, {"/b", "POST", "{}", {0}}, {"/c", "POST", "{}", {1}}, {"/d", "POST", "{}", {2, 0}}}));
  REQUIRE(answers.ok());
  CHECK(answers.value()[3].status == 201);
  CHECK(graph.loop.now() - start == 5s);
  CHECK_FALSE(graph.request(0).retry);
  CHECK(graph.request(0).fresh_connection);
  CHECK(sent(graph, 0)[3]["dependsOn"] == json::parse(R"(["3","1"])"));
  CHECK(sent(graph, 0)[0]["headers"]["Content-Type"] == "application/json");
  REQUIRE(sent(graph, 1).size() == 3);
  CHECK_FALSE(sent(graph, 1)[0].contains("dependsOn"));
  CHECK(sent(graph, 1)[2]["dependsOn"] == json::parse(R"(["3"])"));
}

TEST_CASE("A part that failed takes what depends on it along, for good", "[graph]") {
  ScriptedGraph graph;
  graph.wire.then(answer(200, responses(R"({"id":"1","status":400,"body":{}},{"id":"2","status":424,"body":{}})")));
  const auto answers = graph.run(batch(graph.client, {{"/a"}, {"/b", "GET", "", {0}}}));
  CHECK(answers.value()[1].error->status == 424);
  CHECK(graph.wire.requests.size() == 1);
}

TEST_CASE("A part that is throttled for ever keeps its error in the end", "[graph]") {
  ScriptedGraph graph;
  graph.wire.otherwise(
      [](const Request&) { return answer(200, responses(R"({"id":"1","status":429,"headers":{}})")); });
  const auto answers = graph.run(batch(graph.client, {{"/a"}}));
  CHECK(answers.value()[0].error->status == 429);
  CHECK(graph.wire.requests.size() == 5);
}

TEST_CASE("An unclear write inside a batch is left to its caller", "[graph]") {
  ScriptedGraph graph;
  graph.wire.then(answer(200, responses(R"({"id":"1","status":503})")));
  const auto answers = graph.run(batch(graph.client, {{"/a", "POST", "{}"}}));
  CHECK(answers.value()[0].error->ambiguous());
  CHECK(graph.wire.requests.size() == 1);
}

TEST_CASE("A batch that cannot be is refused before it is sent", "[graph]") {
  ScriptedGraph graph;
  CHECK(graph.run(batch(graph.client, std::vector<BatchPart>(21, BatchPart{"/a"}))).error().code == "too_many");
  CHECK(graph.run(batch(graph.client, {{"/a", "GET", "", {0}}})).error().code == "bad_dependency");
  CHECK(graph.run(batch(graph.client, {{"/a", "POST", "{"}})).error().code == "bad_body");
  CHECK(graph.run(batch(graph.client, {})).value().empty());
  CHECK(graph.wire.requests.empty());
}

TEST_CASE("How much one call takes is what the limits say", "[graph]") {
  const limits::Override smaller(R"({"counts": {"batch_parts": 2, "members_per_call": 3}})");
  ScriptedGraph graph;
  CHECK(graph.run(batch(graph.client, std::vector<BatchPart>(3, BatchPart{"/a"}))).error().code == "too_many");
  const auto members = graph.run(add_team_members(graph.client, "T", std::vector<NewMember>(4, NewMember{"u"})));
  CHECK(members.error().code == "too_many");
  CHECK(graph.wire.requests.empty());
}

TEST_CASE("A part without an answer is an error of the whole", "[graph]") {
  ScriptedGraph graph;
  graph.wire.then(answer(200, responses(R"({"id":"1","status":200},{"id":"9","status":200})")));
  CHECK(graph.run(batch(graph.client, {{"/a"}, {"/b"}})).error().code == "unreadable");
}

TEST_CASE("Twenty people are looked up in one request", "[graph][emulator]") {
  EmulatedGraph world(unthrottled());
  std::vector<BatchPart> parts;
  for (int i = 0; i < 19; ++i) parts.push_back({"/users/" + world.user("p" + std::to_string(i))});
  parts.push_back({"/users/11111111-2222-4333-8444-555555555555"});
  const auto answers = world.run(batch(world.client, parts));
  REQUIRE(answers.ok());
  CHECK(json::parse(answers.value()[7].body)["displayName"] == "p7");
  CHECK(answers.value()[19].error->code == "Request_ResourceNotFound");
}
