// Requests that have no function of their own, and the sentence that some refusals get.
#include "native/graph/connection.h"

#include <catch2/catch.hpp>

#include "native/graph/hints.h"
#include "tests/native/graph/scripted_graph.h"

using namespace teamferry;
using namespace teamferry::graph;
using namespace teamferry::http;

TEST_CASE("A path of the caller's is read at once, and written once", "[graph]") {
  ScriptedGraph graph;
  graph.wire.then(answer(200, R"({"value":[]})")).then(answer(201, "{}", {{"Location", "/x/1"}})).then(answer(204));
  CHECK(graph.run(graph.client.call("GET", "/users?$top=5")).value().body == R"({"value":[]})");
  CHECK(graph.line(0) == "GET /v1.0/users?$top=5");
  CHECK(graph.request(0).retry);
  Headers more;
  more.add("ConsistencyLevel", "eventual");
  const auto made = graph.run(graph.client.call("POST", "/x", "{}", more));
  CHECK(made.value().status == 201);
  CHECK(*made.value().headers.find("Location") == "/x/1");
  CHECK(*graph.request(1).headers.find("ConsistencyLevel") == "eventual");
  CHECK(*graph.request(1).headers.find("Content-Type") == "application/json");
  CHECK_FALSE(graph.request(1).retry);
  CHECK(graph.request(1).fresh_connection);
  CHECK(graph.run(graph.client.call("DELETE", "/x/1")).ok());
  CHECK(graph.line(2) == "DELETE /v1.0/x/1");
  CHECK(graph.request(2).route.find("/x/1") == std::string::npos);
}

TEST_CASE("A path may be written as people write it", "[graph]") {
  ScriptedGraph graph;
  graph.wire.otherwise([](const Request&) { return answer(200, "{}"); });
  CHECK(graph.run(graph.client.call("GET", "/users?$filter=mail eq 'ä@x.example'")).ok());
  CHECK(graph.line(0) == "GET /v1.0/users?$filter=mail%20eq%20'%C3%A4@x.example'");
  CHECK(graph.run(graph.client.call("GET", "/users/a_b#EXT#@x.example")).ok());
  CHECK(graph.line(1) == "GET /v1.0/users/a_b%23EXT%23@x.example");
  CHECK(graph.run(graph.client.call("GET", "https://graph.example/beta/users?$skiptoken=a%20b")).ok());
  CHECK(graph.line(2) == "GET /beta/users?$skiptoken=a%20b");
}

TEST_CASE("No other host is ever asked, whatever the path", "[graph]") {
  ScriptedGraph graph;
  const auto [path, code] =
      GENERATE(table<std::string, std::string>({{"https://evil.example/v1.0/users", "foreign_host"},
                                                {"http://graph.example/v1.0", "foreign_host"},
                                                {"https://graph.example:444/x", "foreign_host"},
                                                {"https://graph.example@evil.example/x", "bad_path"},
                                                {"@evil.example/x", "bad_path"},
                                                {".evil.example", "bad_path"},
                                                {"file:///etc/passwd", "bad_path"},
                                                {"users", "bad_path"},
                                                {"", "bad_path"}}));
  INFO(path);
  CHECK(graph.run(graph.client.call("GET", path)).error().code == code);
  CHECK(graph.wire.requests.empty());
}

TEST_CASE("A line break in a path stays in the path", "[graph]") {
  ScriptedGraph graph;
  graph.wire.then(answer(200, "{}"));
  const auto result = graph.run(graph.client.call("GET", "/x\r\nHost: evil.example"));
  CHECK_FALSE(result.ok());
  CHECK(graph.wire.requests.empty());
}

TEST_CASE("Other methods are refused by name", "[graph]") {
  ScriptedGraph graph;
  CHECK(graph.run(graph.client.call("PUT", "/x")).error().code == "bad_method");
  CHECK(graph.run(graph.client.call("get", "/x")).error().message == "'get' is not one of GET, POST, PATCH, DELETE");
}

TEST_CASE("Each hint stands behind the words it explains", "[graph]") {
  for (const Hint& hint : hints()) {
    INFO(hint.text << " " << hint.route);
    CHECK_FALSE(hint.source.empty());
    CHECK_FALSE(hint.hint.ends_with('.'));
    const bool whole = hint.text.starts_with('=');
    Error error;
    error.kind = Error::Kind::service;
    error.status = hint.status == 0 ? 400 : hint.status;
    error.message = whole ? hint.text.substr(1) : "Seen: " + std::string(hint.text);
    const std::string before = error.message;
    add_hint(error, "POST /teams/{team}" + std::string(hint.route));
    CHECK(error.message == before + ". " + std::string(hint.hint) + ".");
  }
}

TEST_CASE("A hint is found in the inner message, and only where it fits", "[graph]") {
  Error error;
  error.kind = Error::Kind::service;
  error.status = 403;
  error.message = "InsufficientPrivileges";
  error.inner_message = "MessageWritesBlocked-Thread is not marked for import";
  add_hint(error, "POST /chats/{chat}/messages");
  CHECK(error.message.starts_with("InsufficientPrivileges. The conversation is not in migration mode"));

  Error bare;
  bare.kind = Error::Kind::service;
  bare.status = 400;
  bare.message = "Bad Request";
  add_hint(bare, "POST /teams");
  CHECK(bare.message == "Bad Request");
  bare.inner_message = "the body has no content";
  add_hint(bare, "POST /chats/{chat}/messages");
  CHECK(bare.message == "Bad Request");

  Error ours = Error::state("x", "not marked for import");
  add_hint(ours, "");
  CHECK(ours.message == "not marked for import");
}

TEST_CASE("Every call has the hints", "[graph]") {
  ScriptedGraph graph;
  graph.wire.then(
      refusal(401, "Unauthorized", "Message POST is allowed in application-only context only for import purposes."));
  const auto refused = graph.run(graph.client.import_message({"T", "C"}, "", "{}"));
  CHECK(refused.error().to_string().find("has both from.user.id and createdDateTime") != std::string::npos);
}
