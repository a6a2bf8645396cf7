// The life of channels and chats: read, started, filled, completed; on either version of Graph.
#include <catch2/catch.hpp>

#include "native/auth/cloud.h"
#include "tests/native/graph/scripted_graph.h"

using namespace teamferry;
using namespace teamferry::graph;
using namespace teamferry::http;
using namespace std::chrono_literals;
using Graph = ScriptedGraph;

namespace {

const ConversationRef kChannel = {"T", "19:561f@thread.tacv2"};
const ConversationRef kChat = ConversationRef::chat("19:8ea0@thread.v2");
const std::string kChannelPath = "/teams/T/channels/19%3A561f%40thread.tacv2";
const std::string kChatPath = "/chats/19%3A8ea0%40thread.v2";
const auto kFloor = DateTime::parse("2019-01-07T08:00:00Z");

Response no_segment(const std::string& name) {
  return refusal(400, "BadRequest", "Resource not found for the segment '" + name + "'.");
}

}  // namespace

TEST_CASE("A migration is started once, with its floor, on a connection of its own", "[graph]") {
  for (const auto& [ref, path] : {std::pair{kChannel, kChannelPath}, {kChat, kChatPath}}) {
    Graph graph;
    graph.wire.then(answer(204));
    CHECK(graph.run(graph.client.start_migration(ref, kFloor)).ok());
    CHECK(graph.line(0) == "POST /v1.0" + path + "/startMigration");
    CHECK(graph.request().body == R"({"conversationCreationDateTime":"2019-01-07T08:00:00.000Z"})");
    CHECK(*graph.request().headers.find("Content-Type") == "application/json");
    CHECK(graph.request().fresh_connection);
    CHECK_FALSE(graph.request().retry);
  }
}

TEST_CASE("A cloud without startMigration is not asked for it, and completes all the same", "[graph]") {
  Graph graph;
  Config config{"https://graph.example", "v1.0"};
  config.no_start_migration = auth::check_road_b(auth::find_cloud("usgov").value(), false).error();
  Client client(graph.loop, graph.errors, config);
  CHECK(graph.run(client.start_migration(kChannel, kFloor)).error().code == "road_b_unavailable");
  CHECK(graph.run(client.start_migration(kChat, std::nullopt)).error().code == "road_b_unavailable");
  CHECK(graph.wire.requests.empty());
  graph.wire.then(answer(204));
  CHECK(graph.run(client.complete_migration(kChannel)).ok());
}

TEST_CASE("A start that leaves the floor where it is sends no body", "[graph]") {
  Graph graph;
  graph.wire.then(answer(204));
  CHECK(graph.run(graph.client.start_migration(kChat, std::nullopt)).ok());
  CHECK(graph.request().body.empty());
  CHECK_FALSE(graph.request().headers.find("Content-Type"));
}

TEST_CASE("Where v1.0 does not know startMigration, beta is asked and remembered", "[graph]") {
  const auto unknown = GENERATE(answer(404), answer(405), answer(501), no_segment("startMigration"));
  Graph graph;
  graph.wire.then(unknown).then(answer(204)).then(answer(204)).then(answer(204));
  CHECK(graph.run(graph.client.start_migration(kChannel, kFloor)).ok());
  CHECK(graph.run(graph.client.start_migration(kChat, kFloor)).ok());
  CHECK(graph.run(graph.client.complete_migration(kChat)).ok());
  REQUIRE(graph.wire.requests.size() == 4);
  CHECK(graph.line(0) == "POST /v1.0" + kChannelPath + "/startMigration");
  CHECK(graph.line(1) == "POST /beta" + kChannelPath + "/startMigration");
  CHECK(graph.line(2) == "POST /beta" + kChatPath + "/startMigration");
  CHECK(graph.line(3) == "POST /beta" + kChatPath + "/completeMigration");
  CHECK(graph.request(1).body == graph.request(0).body);
  CHECK(graph.request(1).fresh_connection);
}

TEST_CASE("A 404 that beta repeats is the conversation's, and settles nothing about the versions", "[graph]") {
  Graph graph;
  graph.wire.then(refusal(404, "NotFound", "No chat")).then(refusal(404, "NotFound", "No chat")).then(answer(204));
  const auto lost = graph.run(graph.client.start_migration(kChat, kFloor));
  CHECK(lost.error().status == 404);
  CHECK(lost.error().code == "NotFound");
  CHECK(graph.run(graph.client.start_migration(kChannel, kFloor)).ok());
  CHECK(graph.line(2) == "POST /v1.0" + kChannelPath + "/startMigration");
}

TEST_CASE("Once v1.0 was seen to know the action, a 404 is not asked again", "[graph]") {
  Graph graph;
  const bool first_works = GENERATE(true, false);
  graph.wire.then(first_works ? answer(204) : refusal(400, "BadRequest", "already in progress")).then(answer(404));
  CHECK(graph.run(graph.client.start_migration(kChat, kFloor)).ok() == first_works);
  CHECK(graph.run(graph.client.start_migration(kChannel, kFloor)).error().status == 404);
  CHECK(graph.wire.requests.size() == 2);
}

TEST_CASE("A refusal or an unclear answer of v1.0 is not tried on beta", "[graph]") {
  Graph graph;
  graph.wire.then(GENERATE(answer(400), answer(403), answer(429), answer(502))).then(answer(204));
  CHECK_FALSE(graph.run(graph.client.start_migration(kChannel, kFloor)).ok());
  CHECK(graph.wire.requests.size() == 1);
}

TEST_CASE("A start without an answer is reported, never repeated", "[graph]") {
  Graph graph;
  graph.wire.then(Error::transport("reset", "gone")).then(answer(204));
  const auto unclear = graph.run(graph.client.start_migration(kChat, kFloor));
  CHECK(unclear.error().ambiguous());
  CHECK(graph.wire.requests.size() == 1);
}

TEST_CASE("A client that is on beta anyway has nowhere to fall back to", "[graph]") {
  Graph graph;
  Client beta(graph.loop, graph.errors, {"https://graph.example", "beta"});
  graph.wire.then(answer(404)).then(answer(204));
  CHECK(graph.run(beta.start_migration(kChat, kFloor)).error().status == 404);
  CHECK(graph.line(0) == "POST /beta" + kChatPath + "/startMigration");
  CHECK(graph.wire.requests.size() == 1);
}

TEST_CASE("Two writes that met are tried again, later and later, five times", "[graph]") {
  Graph graph;
  const auto met = refusal(412, "PreconditionFailed", "m", "PreconditionFailed-Version mismatch for thread resource.");
  const auto start = graph.loop.now();
  SECTION("until it works") {
    graph.wire.then(met).then(met).then(answer(204));
    CHECK(graph.run(graph.client.start_migration(kChat, kFloor)).ok());
    CHECK(graph.loop.now() - start == 7s);
  }
  SECTION("or to the end") {
    graph.wire.otherwise([&met](const Request&) { return met; });
    CHECK(graph.run(graph.client.start_migration(kChat, kFloor)).error().status == 412);
    CHECK(graph.loop.now() - start == 112s);
    CHECK(graph.wire.requests.size() == 6);
  }
  SECTION("or until the caller wants to stop") {
    graph.wire.otherwise([&met](const Request&) { return met; });
    const auto stop = [&] { return graph.loop.now() - start >= 3s; };
    CHECK(graph.run(graph.client.start_migration(kChat, kFloor, stop)).error().status == 412);
    CHECK(graph.loop.now() - start == 3s);
    CHECK(graph.wire.requests.size() == 2);
  }
  SECTION("any other 412 is final") {
    graph.wire.then(refusal(412, "PreconditionFailed", "not supported in application-only context"));
    CHECK(graph.run(graph.client.start_migration(kChat, kFloor)).error().status == 412);
    CHECK(graph.wire.requests.size() == 1);
  }
}

TEST_CASE("A channel's completion is on v1.0 since 2021 and has no other place", "[graph]") {
  Graph graph;
  graph.wire.then(answer(404)).then(answer(204));
  CHECK(graph.run(graph.client.complete_migration(kChannel)).error().status == 404);
  CHECK(graph.line(0) == "POST /v1.0" + kChannelPath + "/completeMigration");
  CHECK(graph.request().body.empty());
  CHECK(graph.wire.requests.size() == 1);
}

TEST_CASE("A chat is read with its kind, topic and times", "[graph]") {
  Graph graph;
  const std::string body =
      R"({"id":"19:8ea0@thread.v2","topic":"Orbit core","chatType":"group","createdDateTime":"2019-01-07T08:00:00+00:00",)"
      R"("originalCreatedDateTime":"2026-05-04T10:00:00.1Z","migrationMode":"completed","viewpoint":null})";
  graph.wire.then(answer(200, body));
  const auto chat = graph.run(graph.client.chat("19:8ea0@thread.v2"));
  REQUIRE(chat.ok());
  CHECK(graph.line(0) == "GET /v1.0" + kChatPath);
  CHECK(graph.request().retry);
  CHECK(*graph.request().headers.find("Prefer") == "include-unknown-enum-members");
  CHECK(chat.value().topic == "Orbit core");
  CHECK(chat.value().chatType == "group");
  CHECK(chat.value().createdDateTime == kFloor);
  CHECK(chat.value().originalCreatedDateTime == DateTime::parse("2026-05-04T10:00:00.100Z"));
  CHECK(chat.value().migrationMode == MigrationMode::completed);
  CHECK(chat.value().json.find(R"("viewpoint":null)") != std::string::npos);
}

TEST_CASE("Where v1.0 leaves the mode out, beta tells it and is asked at once from then on", "[graph]") {
  Graph graph;
  graph.wire.then(answer(200, R"({"id":"c"})"))
      .then(answer(200, R"({"id":"c","migrationMode":"inProgress"})"))
      .then(answer(200, R"({"id":"c","migrationMode":null})"));
  CHECK(graph.run(graph.client.conversation(kChat)).value().migrationMode == MigrationMode::inProgress);
  CHECK(graph.line(1) == "GET /beta" + kChatPath);
  CHECK(graph.run(graph.client.conversation(kChannel)).value().migrationMode == MigrationMode::none);
  CHECK(graph.line(2) == "GET /beta" + kChannelPath);
}

TEST_CASE("A mode that neither version tells is unknown, and is asked for once", "[graph]") {
  Graph graph;
  graph.wire.then(answer(200, R"({"id":"c"})")).then(answer(200, R"({"id":"c"})")).then(answer(200, R"({"id":"c"})"));
  CHECK(graph.run(graph.client.conversation(kChat)).value().migrationMode == MigrationMode::unknown);
  CHECK(graph.run(graph.client.conversation(kChat)).value().migrationMode == MigrationMode::unknown);
  CHECK(graph.wire.requests.size() == 3);
  CHECK(graph.line(2) == "GET /v1.0" + kChatPath);
}

TEST_CASE("A mode that stands there is not asked for again, whatever it says", "[graph]") {
  Graph graph;
  graph.wire.then(answer(200, R"({"id":"c","migrationMode":"unknownFutureValue"})"));
  CHECK(graph.run(graph.client.conversation(kChat)).value().migrationMode == MigrationMode::unknown);
  CHECK(graph.wire.requests.size() == 1);
}

TEST_CASE("A beta that fails for now leaves v1.0's answer standing", "[graph]") {
  Graph graph;
  graph.wire.then(answer(200, R"({"id":"c","topic":"t"})"))
      .then(answer(503))
      .then(answer(200, R"({"id":"c"})"))
      .then(answer(200, R"({"id":"c","migrationMode":"completed"})"));
  const auto first = graph.run(graph.client.conversation(kChat));
  REQUIRE(first.ok());
  CHECK(first.value().topic == "t");
  CHECK(graph.run(graph.client.conversation(kChat)).value().migrationMode == MigrationMode::completed);
}

TEST_CASE("A chat is created once, and comes back as it is", "[graph]") {
  Graph graph;
  graph.wire.then(answer(201, R"({"id":"19:8ea0@thread.v2","chatType":"group","migrationMode":null})"));
  const auto chat = graph.run(graph.client.create_chat(R"({"chatType":"group"})"));
  REQUIRE(chat.ok());
  CHECK(chat.value().id == "19:8ea0@thread.v2");
  CHECK(chat.value().migrationMode == MigrationMode::none);
  CHECK(graph.line(0) == "POST /v1.0/chats");
  CHECK(graph.request().fresh_connection);
  CHECK_FALSE(graph.request().retry);
  graph.wire.then(answer(201, "half an ans"));
  CHECK(graph.run(graph.client.create_chat("{}")).error().ambiguous());
}

TEST_CASE("Messages of a chat have addresses of their own and no replies", "[graph]") {
  Graph graph;
  graph.wire.then(answer(200, R"({"id":"1","chatId":"c"})"))
      .then(answer(200, R"({"id":"1"})"))
      .then(answer(200, R"({"value":[{"id":"1"}]})"));
  const auto imported = graph.run(graph.client.import_message(kChat, "", "{}"));
  CHECK(imported.value().id == "1");
  CHECK(imported.value().json == R"({"id":"1","chatId":"c"})");
  CHECK(graph.line(0) == "POST /v1.0" + kChatPath + "/messages");
  CHECK(graph.request(0).route == "POST /chats/{chat}/messages");
  CHECK(graph.run(graph.client.message(kChat, "1")).ok());
  CHECK(graph.line(1) == "GET /v1.0" + kChatPath + "/messages/1");
  CHECK(graph.run(graph.client.messages_page(kChat, "", Replies::expanded)).value().messages.size() == 1);
  CHECK(graph.line(2) == "GET /v1.0" + kChatPath + "/messages?$top=50");

  CHECK(graph.run(graph.client.import_message(kChat, "1", "{}")).error().code == "no_replies");
  CHECK(graph.run(graph.client.reply(kChat, "1", "2")).error().code == "no_replies");
  CHECK(graph.run(graph.client.replies_page(kChat, "1", "")).error().code == "no_replies");
  CHECK(graph.wire.requests.size() == 3);
}

TEST_CASE("What became of a private channel is compared with what was asked for", "[graph]") {
  Channel channel;
  channel.displayName = "board";
  channel.membershipType = "standard";
  CHECK(check_membership(channel, "Standard").ok());
  const auto other = check_membership(channel, "private");
  CHECK(other.error().code == "other_membership");
  CHECK(other.error().message.find("'board' was asked for as private and became standard") != std::string::npos);
}
