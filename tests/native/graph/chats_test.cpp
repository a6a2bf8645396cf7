#include "native/graph/chats.h"

#include <catch2/catch.hpp>

#include "tests/native/graph/scripted_graph.h"

using namespace teamferry;
using namespace teamferry::graph;
using namespace teamferry::http;

TEST_CASE("The chats of a person are read page by page, with their topics and dates", "[graph]") {
  ScriptedGraph graph;
  graph.wire.then(answer(200, R"({"@odata.nextLink":"https://graph.example/v1.0/users/u-1/chats?$skiptoken=2",
    "value":[{"id":"19:a@thread.v2","chatType":"group","topic":"Orbit core","createdDateTime":"2026-05-04T10:00:00Z"}]})"));
  graph.wire.then(answer(200, R"({"value":[{"id":"19:b@unq.gbl.spaces","chatType":"oneOnOne","topic":null}]})"));
  const auto chats = graph.run(chats_of(graph.client, "u-1")).value();
  REQUIRE(chats.size() == 2);
  CHECK(chats[0].topic == "Orbit core");
  CHECK(chats[0].createdDateTime == DateTime::parse("2026-05-04T10:00:00Z"));
  CHECK(chats[1].topic.empty());
  CHECK(graph.line(0) == "GET /v1.0/users/u-1/chats");
  CHECK(graph.line(1) == "GET /v1.0/users/u-1/chats?$skiptoken=2");
}
