#include "native/graph/client.h"

#include <catch2/catch.hpp>

#include "tests/native/graph/scripted_graph.h"

using namespace teamferry;
using namespace teamferry::graph;
using namespace teamferry::http;
using namespace std::chrono_literals;

namespace {

using Graph = ScriptedGraph;

const char* const kTeam = "893075dd-2487-4122-925f-022c42e20265";
const char* const kChannel = "19:561f@thread.tacv2";
const ConversationRef kHere = {kTeam, kChannel};
const std::string kChannelUrl =
    "https://graph.example/v1.0/teams/893075dd-2487-4122-925f-022c42e20265/channels/19%3A561f%40thread.tacv2";
const Patience kPatience = {10s, 60s};

std::string channel_json(const std::string& more = "") {
  return R"({"id":"19:561f@thread.tacv2","displayName":"launch-room")" + more + "}";
}

}  // namespace

TEST_CASE("The address of Graph is taken with or without a version", "[graph]") {
  Graph graph;
  CHECK(graph.client.url("/teams") == "https://graph.example/v1.0/teams");
  CHECK(Client(graph.loop, graph.errors, {"http://127.0.0.1:80/", "beta"}).url("/x") == "http://127.0.0.1:80/beta/x");
  CHECK(Client(graph.loop, graph.errors, {"http://127.0.0.1:80/beta", "v1.0"}).url("/x") ==
        "http://127.0.0.1:80/beta/x");
}

TEST_CASE("A team is created once, on a connection of its own", "[graph]") {
  Graph graph;
  graph.wire.then(
      answer(202, "", {{"Location", "/teams('T-1')/operations('O-1')"}, {"Content-Location", "/teams('T-1')"}}));
  const auto created = graph.run(graph.client.create_team(R"({"displayName":"x"})"));
  REQUIRE(created.ok());
  CHECK(created.value().team_id == "T-1");
  CHECK(created.value().operation_path == "/teams/T-1/operations/O-1");
  CHECK(graph.request().method == "POST");
  CHECK(graph.request().url == "https://graph.example/v1.0/teams");
  CHECK(graph.request().body == R"({"displayName":"x"})");
  CHECK(*graph.request().headers.find("Content-Type") == "application/json");
  CHECK(graph.request().fresh_connection);
  CHECK_FALSE(graph.request().retry);
}

TEST_CASE("The place of a new team is read in every form it comes in", "[graph]") {
  for (const char* location : {"/teams/T-1/operations/O-1", "https://graph.example/v1.0/teams('T-1')/operations('O-1')",
                               "/v1.0/teams/T-1/operations/O-1", "teams('T-1')/operations('O-1')"}) {
    INFO(location);
    Graph graph;
    graph.wire.then(answer(202, "", {{"Location", location}}));
    const auto created = graph.run(graph.client.create_team("{}"));
    REQUIRE(created.ok());
    CHECK(created.value().team_id == "T-1");
    CHECK(created.value().operation_path == "/teams/T-1/operations/O-1");
  }
  Graph graph;
  graph.wire.then(answer(202, "", {{"Content-Location", "/teams('T-1')"}}));
  const auto created = graph.run(graph.client.create_team("{}"));
  CHECK(created.value().team_id == "T-1");
  CHECK(created.value().operation_path.empty());
}

TEST_CASE("A team that was created nobody knows where is an unclear answer", "[graph]") {
  Graph graph;
  graph.wire.then(answer(202));
  const auto created = graph.run(graph.client.create_team("{}"));
  CHECK(created.error().code == "unreadable");
  CHECK(created.error().ambiguous());
}

TEST_CASE("A new team is waited for until its operation and it itself are there", "[graph]") {
  Graph graph;
  graph.wire.then(answer(404))
      .then(answer(200, R"({"id":"O","status":"notStarted"})"))
      .then(answer(200, R"({"id":"O","status":"inProgress"})"))
      .then(answer(200, R"({"id":"O","status":"succeeded","targetResourceId":"T-1"})"))
      .then(answer(404))
      .then(answer(200, R"({"id":"T-1","displayName":"Orbit archive","description":null})"));
  const auto start = graph.loop.now();
  const auto team = graph.run(graph.client.wait_for_team({"T-1", "/teams/T-1/operations/O"}, kPatience));
  REQUIRE(team.ok());
  CHECK(team.value().displayName == "Orbit archive");
  CHECK(graph.loop.now() - start == 40s);
  CHECK(graph.request(0).url == "https://graph.example/v1.0/teams/T-1/operations/O");
  CHECK(graph.request(5).url == "https://graph.example/v1.0/teams/T-1");
}

TEST_CASE("A team whose operation failed is not waited for", "[graph]") {
  Graph graph;
  graph.wire.then(answer(200, R"({"status":"failed","error":{"code":"Conflict","message":"name taken"}})"));
  const auto team = graph.run(graph.client.wait_for_team({"T-1", "/teams/T-1/operations/O"}, kPatience));
  CHECK(team.error().code == "operation_failed");
  CHECK(team.error().message == "the team was not created: Conflict name taken");
}

TEST_CASE("Waiting ends at the deadline, with a last look", "[graph]") {
  Graph graph;
  graph.wire.otherwise([](const Request&) { return answer(404); });
  const auto start = graph.loop.now();
  const auto channel = graph.run(graph.client.wait_for_channel(kTeam, kChannel, {7s, 20s}));
  CHECK(channel.error().code == "not_ready");
  CHECK(graph.loop.now() - start == 20s);
  CHECK(graph.wire.requests.size() == 4);
}

TEST_CASE("Waiting ends at an error that time does not heal", "[graph]") {
  Graph graph;
  graph.wire.then(answer(404)).then(answer(403, R"({"error":{"code":"Forbidden","message":"m"}})"));
  CHECK(graph.run(graph.client.wait_for_channel(kTeam, kChannel, kPatience)).error().code == "Forbidden");
  graph.wire.then(answer(403));
  CHECK(graph.run(graph.client.wait_for_team({"T-1", ""}, kPatience)).error().status == 403);
}

TEST_CASE("Teams are found by their exact name, over all pages", "[graph]") {
  Graph graph;
  graph.wire
      .then(answer(200,
                   R"({"value":[{"id":"1","displayName":"Finn's"}],"@odata.nextLink":"https://graph.example/v1.0/n"})"))
      .then(answer(200, R"({"value":[{"id":"2","description":"d"}]})"));
  const auto teams = graph.run(graph.client.teams_named("Finn's"));
  REQUIRE(teams.ok());
  REQUIRE(teams.value().size() == 2);
  CHECK(teams.value()[1].description == "d");
  CHECK(graph.request().url == "https://graph.example/v1.0/teams?$filter=displayName%20eq%20%27Finn%27%27s%27");
}

TEST_CASE("A channel's id comes from the body, else from Location", "[graph]") {
  for (const int status : {200, 201, 202}) {
    Graph graph;
    graph.wire.then(answer(status, channel_json()));
    CHECK(graph.run(graph.client.create_channel(kTeam, "{}")).value() == kChannel);
    CHECK(graph.request().fresh_connection);
    CHECK_FALSE(graph.request().retry);
  }
  Graph graph;
  graph.wire.then(answer(201, "", {{"Location", "/teams('893075dd')/channels('19%3A561f%40thread.tacv2')"}}));
  CHECK(graph.run(graph.client.create_channel(kTeam, "{}")).value() == kChannel);
  graph.wire.then(answer(201, "<html>"));
  CHECK(graph.run(graph.client.create_channel(kTeam, "{}")).error().code == "unreadable");
}

TEST_CASE("Absent is not null: the mode of migration is read as it stands", "[graph]") {
  const std::vector<std::pair<std::string, MigrationMode>> cases = {
      {"", MigrationMode::unknown},
      {R"(,"migrationMode":null)", MigrationMode::none},
      {R"(,"migrationMode":"inProgress")", MigrationMode::inProgress},
      {R"(,"migrationMode":"InProgress")", MigrationMode::inProgress},
      {R"(,"migrationMode":"COMPLETED")", MigrationMode::completed},
      {R"(,"migrationMode":"unknownFutureValue")", MigrationMode::unknown},
      {R"(,"migrationMode":1)", MigrationMode::unknown}};
  for (const auto& [text, mode] : cases) {
    INFO(text);
    Graph graph;
    graph.wire.then(answer(200, channel_json(text)));
    CHECK(graph.run(graph.client.channel(kTeam, kChannel)).value().migrationMode == mode);
    CHECK(graph.request().url == kChannelUrl);
  }
}

TEST_CASE("A channel's time is read with any number of digits", "[graph]") {
  Graph graph;
  graph.wire.then(
      answer(200, channel_json(R"(,"createdDateTime":"2020-05-27T19:22:25.69+00:00","membershipType":"standard")")));
  const auto channel = graph.run(graph.client.channel(kTeam, kChannel));
  CHECK(graph.request().request_class == limits::RequestClass::read_channel);
  CHECK(graph.request().pace_key == kChannel);
  CHECK(channel.value().createdDateTime == DateTime::parse("2020-05-27T19:22:25.690Z"));
  CHECK(channel.value().membershipType == "standard");
}

TEST_CASE("Channels are listed over all pages", "[graph]") {
  Graph graph;
  graph.wire
      .then(answer(200, R"({"value":[{"id":"a"}],"@odata.nextLink":"https://graph.example/v1.0/next?$skiptoken=1"})"))
      .then(answer(200, R"({"value":[],"@odata.nextLink":"https://graph.example/v1.0/next?$skiptoken=2"})"))
      .then(answer(200, R"({"value":[{"id":"b"}]})"));
  const auto channels = graph.run(graph.client.channels(kTeam));
  REQUIRE(channels.ok());
  REQUIRE(channels.value().size() == 2);
  CHECK(channels.value()[1].id == "b");
  CHECK(graph.request(1).url == "https://graph.example/v1.0/next?$skiptoken=1");
}

TEST_CASE("Pages that lead nowhere, in a circle or elsewhere end in an error", "[graph]") {
  Graph graph;
  SECTION("in a circle") {
    graph.wire.otherwise([](const Request&) {
      return answer(200, R"({"value":[],"@odata.nextLink":"https://graph.example/v1.0/same"})");
    });
    CHECK(graph.run(graph.client.channels(kTeam)).error().code == "unreadable");
  }
  SECTION("elsewhere") {
    graph.wire.then(answer(200, R"({"value":[],"@odata.nextLink":"https://evil.example/v1.0/next"})"));
    CHECK(graph.run(graph.client.channels(kTeam)).error().code == "foreign_link");
    CHECK(graph.wire.requests.size() == 1);
  }
  SECTION("no list") {
    graph.wire.then(answer(200, R"({"value":{}})"));
    CHECK(graph.run(graph.client.channels(kTeam)).error().code == "unreadable");
  }
}

TEST_CASE("Completing sends no body and is tried once", "[graph]") {
  Graph graph;
  graph.wire.then(answer(204))
      .then(answer(204))
      .then(answer(400, R"({"error":{"code":"BadRequest","message":"All channels must be finalized before team."}})"));
  CHECK(graph.run(graph.client.complete_channel(kTeam, kChannel)).ok());
  CHECK(graph.request(0).url == kChannelUrl + "/completeMigration");
  CHECK(graph.request(0).body.empty());
  CHECK_FALSE(graph.request(0).headers.find("Content-Type"));
  CHECK(graph.request(0).fresh_connection);
  CHECK_FALSE(graph.request(0).retry);
  CHECK(graph.run(graph.client.complete_team(kTeam)).ok());
  const auto refused = graph.run(graph.client.complete_team(kTeam));
  CHECK(refused.error().message.starts_with("All channels must be finalized before team. A channel is still"));
}

TEST_CASE("General is asked for without guessing its name", "[graph]") {
  Graph graph;
  graph.wire.then(answer(200, channel_json()));
  CHECK(graph.run(graph.client.primary_channel("T/1")).value().id == kChannel);
  CHECK(graph.request().url == "https://graph.example/v1.0/teams/T%2F1/primaryChannel");
}

TEST_CASE("An import is one attempt of exactly the bytes that were handed over", "[graph]") {
  const std::string bytes = R"({ "body": {"content":"<p>ä</p>"} })";
  Graph graph;
  graph.wire.then(answer(200, R"({"id":"1549310295511","createdDateTime":"2019-02-04T19:58:15.51Z"})"));
  const auto imported = graph.run(graph.client.import_message(kHere, "", bytes));
  REQUIRE(imported.ok());
  CHECK(imported.value().id == "1549310295511");
  CHECK(imported.value().createdDateTime == DateTime{1549310295510});
  CHECK(graph.request().url == kChannelUrl + "/messages");
  CHECK(graph.request().body == bytes);
  CHECK_FALSE(graph.request().retry);
  CHECK_FALSE(graph.request().fresh_connection);
  CHECK(graph.request().request_class == limits::RequestClass::unpaced);

  graph.wire.then(answer(201, R"({"id":"2"})"));
  REQUIRE(graph.run(graph.client.import_message(kHere, "15/49", bytes)).ok());
  CHECK(graph.request(1).url == kChannelUrl + "/messages/15%2F49/replies");
  CHECK(graph.request(1).route == "POST /teams/{team}/channels/{channel}/messages/{message}/replies");
}

TEST_CASE("An import that was accepted unreadably is accepted, without an id", "[graph]") {
  for (const char* body : {"", "half an ans", "[]", R"({"id":7})"}) {
    INFO(body);
    Graph graph;
    graph.wire.then(answer(201, body));
    const auto imported = graph.run(graph.client.import_message(kHere, "", "{}"));
    REQUIRE(imported.ok());
    CHECK(imported.value().id.empty());
  }
}

TEST_CASE("A refused import is an error with everything Graph said", "[graph]") {
  Graph graph;
  graph.wire.then(answer(403, R"({"error":{"code":"Forbidden","message":"InsufficientPrivileges","innerError":
    {"message":"MessageWritesBlocked-Thread is not marked for import"}}})",
                         {{"request-id", "r"}}));
  const auto refused = graph.run(graph.client.import_message(kHere, "", "{}"));
  CHECK(refused.error().status == 403);
  CHECK(refused.error().inner_message == "MessageWritesBlocked-Thread is not marked for import");
  CHECK(refused.error().request_id == "r");
}

TEST_CASE("A status that Graph does not use is no success", "[graph]") {
  Graph graph;
  graph.wire.then(answer(302, "", {{"Location", "https://portal.example"}}));
  const auto result = graph.run(graph.client.import_message(kHere, "", "{}"));
  CHECK(result.error().code == "unexpected_status");
  CHECK(result.error().status == 302);
}

TEST_CASE("A message is read with its author, parent and text", "[graph]") {
  Graph graph;
  graph.wire.then(
      answer(200, R"({"id":"2","replyToId":"1","createdDateTime":"2019-02-04T19:58:15.5Z","messageType":"message",
    "deletedDateTime":null,"from":{"application":null,"user":{"id":"u-1","displayName":"Ada Park"}},
    "body":{"contentType":"html","content":"<p>hi</p>"}})"));
  const auto message = graph.run(graph.client.reply(kHere, "1", "2"));
  REQUIRE(message.ok());
  CHECK(message.value().id == "2");
  CHECK(message.value().replyToId == "1");
  CHECK(message.value().createdDateTime == DateTime{1549310295500});
  CHECK(message.value().from_user_id == "u-1");
  CHECK(message.value().from_display == "Ada Park");
  CHECK(message.value().contentType == "html");
  CHECK(message.value().content == "<p>hi</p>");
  CHECK(message.value().messageType == "message");
  CHECK_FALSE(message.value().deleted);
  CHECK(graph.request().url == kChannelUrl + "/messages/1/replies/2");
}

TEST_CASE("A message of nobody or of an application has no author's id", "[graph]") {
  Graph graph;
  graph.wire.then(answer(200, R"({"id":"1","from":null,"deletedDateTime":"2020-01-01T00:00:00Z","body":null})"))
      .then(answer(200, R"({"id":"1","from":{"user":null,"application":{"id":"a","displayName":"Bot"}}})"));
  const auto nobody = graph.run(graph.client.message(kHere, "1"));
  CHECK(nobody.value().from_user_id.empty());
  CHECK(nobody.value().deleted);
  CHECK_FALSE(nobody.value().createdDateTime);
  const auto bot = graph.run(graph.client.message(kHere, "1"));
  CHECK(bot.value().from_user_id.empty());
  CHECK(bot.value().from_display == "Bot");
}

TEST_CASE("Messages come in pages of fifty, each leading to the next", "[graph]") {
  Graph graph;
  const std::string next = "https://graph.example/v1.0/teams('x')/messages?$skiptoken=abc";
  graph.wire.then(answer(200, R"({"value":[{"id":"2"},{"id":"1"}],"@odata.nextLink":")" + next + R"("})"))
      .then(answer(200, R"({"value":[]})"));
  const auto first = graph.run(graph.client.messages_page(kHere, ""));
  REQUIRE(first.ok());
  CHECK(first.value().messages.size() == 2);
  CHECK(graph.request(0).url == kChannelUrl + "/messages?$top=50");
  CHECK(graph.request(0).retry);
  const auto last = graph.run(graph.client.messages_page(kHere, first.value().next_link));
  CHECK(last.value().messages.empty());
  CHECK(last.value().next_link.empty());
  CHECK(graph.request(1).url == next);
}

TEST_CASE("Replies come by themselves or with their roots", "[graph]") {
  Graph graph;
  graph.wire.then(answer(200, R"({"value":[{"id":"5"}]})"))
      .then(answer(200, R"({"value":[{"id":"1","replies":[{"id":"2","replyToId":"1","replies":[{"id":"3"}]}],
        "replies@odata.nextLink":"https://graph.example/v1.0/more"}]})"));
  CHECK(graph.run(graph.client.replies_page(kHere, "1", "")).value().messages.at(0).id == "5");
  CHECK(graph.request(0).url == kChannelUrl + "/messages/1/replies?$top=50");
  const auto expanded = graph.run(graph.client.messages_page(kHere, "", Replies::expanded));
  CHECK(graph.request(1).url == kChannelUrl + "/messages?$top=50&$expand=replies");
  const Message& root = expanded.value().messages.at(0);
  REQUIRE(root.replies.size() == 1);
  CHECK(root.replies[0].replyToId == "1");
  CHECK(root.replies[0].replies.empty());
  CHECK(root.replies_next_link == "https://graph.example/v1.0/more");
}

TEST_CASE("A page with a hole is an error, not a shorter page", "[graph]") {
  for (const char* body : {R"({"value":[{"id":"1"},null]})", R"({"value":[{"body":{}}]})", R"({"value":null})", "{}",
                           R"({"value":[{"id":"1","replies":[7]}]})", "<html>"}) {
    INFO(body);
    Graph graph;
    graph.wire.then(answer(200, body));
    CHECK(graph.run(graph.client.messages_page(kHere, "")).error().code == "unreadable");
  }
}

TEST_CASE("A team is deleted as the group it is, once", "[graph]") {
  Graph graph;
  graph.wire.then(answer(204)).then(refusal(404, "NotFound", "gone"));
  CHECK(graph.run(graph.client.delete_team("T/1")).ok());
  CHECK(graph.line(0) == "DELETE /v1.0/groups/T%2F1");
  CHECK(graph.request().fresh_connection);
  CHECK_FALSE(graph.request().retry);
  CHECK(graph.run(graph.client.delete_team("T")).error().status == 404);
}
