#include "native/graph/pages.h"

#include <catch2/catch.hpp>

#include "tests/native/graph/scripted_graph.h"

using namespace teamferry;
using namespace teamferry::graph;
using namespace teamferry::http;
using nlohmann::json;

namespace {

std::string linked(const std::string& items, const std::string& next) {
  return R"({"value":[)" + items + R"(],"@odata.nextLink":")" + next + R"("})";
}

}  // namespace

TEST_CASE("A collection is walked page by page, empty ones in between", "[graph]") {
  ScriptedGraph graph;
  graph.wire.then(answer(200, linked(R"({"id":1})", "https://graph.example/v1.0/x?$skiptoken=a")))
      .then(answer(200, linked("", "https://graph.example/v1.0/x?$skiptoken=b")))
      .then(answer(200, R"({"value":[{"id":2},{"id":3}]})"));
  Pages pages(graph.client, graph.client.url("/x"), "/x");
  CHECK(graph.run(pages.next()).value() == json::parse(R"([{"id":1}])"));
  CHECK(pages.next_link() == "https://graph.example/v1.0/x?$skiptoken=a");
  CHECK(graph.run(pages.next()).value() == json::array());
  CHECK(graph.run(pages.next()).value()->size() == 2);
  CHECK(graph.run(pages.next()).value() == std::nullopt);
  CHECK(graph.run(pages.next()).value() == std::nullopt);
  REQUIRE(graph.wire.requests.size() == 3);
  CHECK(graph.line(2) == "GET /v1.0/x?$skiptoken=b");
}

TEST_CASE("A page with a hole, without a list or leading away is an error, and the last one", "[graph]") {
  const auto [body, code] =
      GENERATE(table<std::string, std::string>({{R"({"value":[{},null]})", "unreadable"},
                                                {R"({"value":{}})", "unreadable"},
                                                {"<html>", "unreadable"},
                                                {linked("", "https://graph.example/v1.0/x?$skiptoken=a"), "unreadable"},
                                                {linked("", "https://evil.example/v1.0/x"), "foreign_link"},
                                                {linked("", "http://graph.example/v1.0/x"), "foreign_link"}}));
  INFO(body);
  ScriptedGraph graph;
  graph.wire.then(answer(200, linked("", "https://graph.example/v1.0/x?$skiptoken=a"))).then(answer(200, body));
  Pages pages(graph.client, graph.client.url("/x"), "/x");
  REQUIRE(graph.run(pages.next()).ok());
  auto second = graph.run(pages.next());
  if (second.ok()) second = graph.run(pages.next());
  CHECK(second.error().code == code);
  CHECK(graph.wire.requests.size() == 2);
  CHECK(graph.run(pages.next()).value() == std::nullopt);
}

TEST_CASE("A walk may begin at a path of a person's, or where an earlier one stopped", "[graph]") {
  ScriptedGraph graph;
  graph.wire.otherwise([](const Request&) { return answer(200, R"({"value":[]})"); });
  for (const std::string path : {"/users?$filter=mail eq 'a'", "https://graph.example/v1.0/x?$skiptoken=a"}) {
    Pages pages(graph.client, graph.client.resolve(path).value(), "/x");
    CHECK(graph.run(pages.next()).ok());
  }
  CHECK(graph.line(0) == "GET /v1.0/users?$filter=mail%20eq%20'a'");
  CHECK(graph.line(1) == "GET /v1.0/x?$skiptoken=a");
  CHECK(graph.client.resolve("https://evil.example/x").error().code == "foreign_host");
}
