#include "native/graph/members.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "tests/native/graph/emulated_graph.h"
#include "tests/native/graph/scripted_graph.h"

using namespace teamferry;
using namespace teamferry::graph;
using namespace teamferry::http;
using nlohmann::json;

namespace {

const ConversationRef kChat = ConversationRef::chat("19:8ea0@thread.v2");
const std::string kChatMembers = "/v1.0/chats/19%3A8ea0%40thread.v2/members";

}  // namespace

TEST_CASE("A member is named by this Graph's own address, with roles and history", "[graph]") {
  ScriptedGraph graph;
  CHECK(json::parse(member_json(graph.client, {"u-1", {"owner"}, kAllHistory})) ==
        json::parse(R"json({"@odata.type":"#microsoft.graph.aadUserConversationMember","roles":["owner"],
          "user@odata.bind":"https://graph.example/v1.0/users('u-1')",
          "visibleHistoryStartDateTime":"0001-01-01T00:00:00.000Z"
})json"));
  json plain = json::parse(member_json(graph.client, {"o'hara@x.example"}));
  CHECK(plain["user@odata.bind"] == "https://graph.example/v1.0/users('o''hara@x.example')");
  CHECK(plain["roles"] == json::array());
  CHECK_FALSE(plain.contains("visibleHistoryStartDateTime"));
}

TEST_CASE("A member of a team is added with 200, 201 or 204", "[graph]") {
  for (const int status : {200, 201}) {
    ScriptedGraph graph;
    graph.wire.then(answer(status, R"({"id":"m-1","roles":[]})"));
    const auto joined = graph.run(add_team_member(graph.client, "T", {"u-1"}));
    CHECK(joined.value().id == "m-1");
    CHECK_FALSE(joined.value().was_there);
    CHECK(graph.line(0) == "POST /v1.0/teams/T/members");
    CHECK_FALSE(graph.request().retry);
    CHECK(graph.request().fresh_connection);
  }
  ScriptedGraph graph;
  graph.wire.then(answer(204));
  CHECK(graph.run(add_team_member(graph.client, "T", {"u-1"})).value().id.empty());
}

TEST_CASE("A chat tells a new member by address, and one who was there by 409", "[graph]") {
  ScriptedGraph graph;
  graph.wire.then(answer(201, "", {{"Location", "/chats/19:8ea0@thread.v2/members/MCMj%3D"}})).then(answer(409));
  CHECK(graph.run(add_member(graph.client, kChat, {"u-1"})).value().id == "MCMj=");
  CHECK(graph.line(0) == "POST " + kChatMembers);
  const auto again = graph.run(add_member(graph.client, kChat, {"u-1"}));
  REQUIRE(again.ok());
  CHECK(again.value().was_there);
}

TEST_CASE("Of many members each has its own answer, in the order they were given", "[graph]") {
  ScriptedGraph graph;
  graph.wire.then(answer(207, R"({"value":[{"userId":"U-2","error":{"code":"NotFound","message":""}},
    {"userId":"u-1","error":null}]})"));
  const auto became = graph.run(add_team_members(graph.client, "T", {{"u-1"}, {"u-2"}}));
  REQUIRE(became.ok());
  REQUIRE(became.value().size() == 2);
  CHECK(became.value()[0].ok());
  CHECK(became.value()[1].error().code == "NotFound");
  CHECK(became.value()[1].error().message == "u-2 was not added");
  CHECK(graph.line(0) == "POST /v1.0/teams/T/members/add");
  CHECK(json::parse(graph.request().body)["values"].size() == 2);
}

TEST_CASE("Members given by name are told apart by place, unless the list has gaps", "[graph]") {
  ScriptedGraph graph;
  graph.wire.then(answer(207, R"({"value":[{"userId":"1","error":null},{"userId":"2","error":{"code":"NotFound"}}]})"))
      .then(answer(207, R"({"value":[{"userId":"1","error":null}]})"));
  const auto whole = graph.run(add_members(graph.client, kChat, {{"a@x.example"}, {"b@x.example"}}));
  CHECK(whole.value()[0].ok());
  CHECK(whole.value()[1].error().code == "NotFound");
  const auto gap = graph.run(add_members(graph.client, kChat, {{"a@x.example"}, {"b@x.example"}}));
  CHECK(gap.value()[0].error().ambiguous());
  CHECK(gap.value()[1].error().ambiguous());
  CHECK(graph.line(1) == "POST " + kChatMembers + "/add");
}

TEST_CASE("More members than one call takes are refused before it, none need no call", "[graph]") {
  ScriptedGraph graph;
  const auto many = graph.run(add_team_members(graph.client, "T", std::vector<NewMember>(51, NewMember{"u"})));
  CHECK(many.error().code == "too_many");
  CHECK(graph.run(add_team_members(graph.client, "T", {})).value().empty());
  CHECK(graph.wire.requests.empty());
}

TEST_CASE("Members are listed over all pages, and removed by their membership", "[graph]") {
  ScriptedGraph graph;
  graph.wire
      .then(answer(200, R"({"value":[{"id":"m=1","userId":"u-1","displayName":"Ada","email":"ada@x.example",
        "roles":["owner"],"visibleHistoryStartDateTime":"2019-04-18T23:51:43.2Z"}],
        "@odata.nextLink":"https://graph.example/v1.0/n"})"))
      .then(answer(200, R"({"value":[{"id":"m=2","userId":null,"roles":null}]})"))
      .then(answer(204));
  const auto all = graph.run(members(graph.client, kChat));
  REQUIRE(all.ok());
  REQUIRE(all.value().size() == 2);
  CHECK(all.value()[0].userId == "u-1");
  CHECK(all.value()[0].roles == std::vector<std::string>{"owner"});
  CHECK(all.value()[0].visibleHistoryStartDateTime == DateTime::parse("2019-04-18T23:51:43.200Z"));
  CHECK(all.value()[1].userId.empty());
  CHECK(graph.run(remove_member(graph.client, kChat, "m=1")).ok());
  CHECK(graph.line(2) == "DELETE " + kChatMembers + "/m%3D1");
  CHECK_FALSE(graph.request(2).retry);
}

TEST_CASE("A group chat's members are removed and added again with all of the history", "[graph][emulator]") {
  EmulatedGraph world(unthrottled());
  const auto chat = world.run(world.client.create_chat(world.chat_body("group", {"ada", "ben", "cleo"})));
  const auto here = ConversationRef::chat(chat.value().id);
  const auto before = world.run(members(world.client, here)).value();
  REQUIRE(before.size() == 3);
  const auto cleo = std::find_if(before.begin(), before.end(), [](const auto& m) { return m.displayName == "cleo"; });
  REQUIRE(cleo != before.end());
  CHECK(world.run(add_member(world.client, here, {cleo->userId, {"owner"}})).value().was_there);
  REQUIRE(world.run(remove_member(world.client, here, cleo->id)).ok());
  CHECK(world.run(members(world.client, here)).value().size() == 2);
  const auto joined = world.run(add_member(world.client, here, {cleo->userId, {"owner"}, kAllHistory}));
  REQUIRE(joined.ok());
  CHECK_FALSE(joined.value().was_there);
  const auto after = world.run(members(world.client, here)).value();
  const auto again = std::find_if(after.begin(), after.end(), [](const auto& m) { return m.displayName == "cleo"; });
  REQUIRE(again != after.end());
  CHECK(again->id == joined.value().id);
  CHECK(again->visibleHistoryStartDateTime == kAllHistory);
}

TEST_CASE("The roster of a pair is fixed, and says so", "[graph][emulator]") {
  EmulatedGraph world(unthrottled());
  const auto chat = world.run(world.client.create_chat(world.chat_body("oneOnOne", {"ada", "ben"})));
  const auto here = ConversationRef::chat(chat.value().id);
  const auto pair = world.run(members(world.client, here)).value();
  const auto refused = world.run(remove_member(world.client, here, pair.front().id));
  CHECK(refused.error().status == 403);
  CHECK(refused.error().message.find("members of a one-on-one chat are fixed") != std::string::npos);
  const auto same = world.run(world.client.create_chat(world.chat_body("oneOnOne", {"ben", "ada"})));
  CHECK(same.value().id == here.chat_id);
}

TEST_CASE("A team takes members after its completion, one or many at a time", "[graph][emulator]") {
  auto options = unthrottled();
  options.variants.member_status = GENERATE(201, 204);
  EmulatedGraph world(options);
  const std::string team = world.new_team();
  const auto early = world.run(add_team_member(world.client, team, {world.user("ada"), {"owner"}}));
  CHECK(early.error().status == 403);
  CHECK(early.error().message.find("before its completion") != std::string::npos);
  const auto general = world.run(world.client.primary_channel(team)).value();
  REQUIRE(world.run(world.client.complete_channel(team, general.id)).ok());
  REQUIRE(world.run(world.client.complete_team(team)).ok());

  REQUIRE(world.run(add_team_member(world.client, team, {world.user("ada"), {"owner"}})).ok());
  const std::string nobody = "11111111-2222-4333-8444-555555555555";
  const auto became = world.run(add_team_members(world.client, team, {{nobody}, {world.user("ben")}}));
  REQUIRE(became.ok());
  CHECK(became.value()[0].error().code == "NotFound");
  CHECK(became.value()[1].ok());
  const auto all = world.run(team_members(world.client, team)).value();
  REQUIRE(all.size() == 2);
  CHECK(all[0].roles.size() + all[1].roles.size() == 1);

  SECTION("then private and shared channels can be made, read as what they are") {
    for (const std::string kind : {"private", "shared"}) {
      const auto id =
          world.run(world.client.create_channel(team, R"({"displayName":"board-)" + kind + R"(","membershipType":")" +
                                                          kind + R"(","members":[)" + world.member("ada") + "]}"));
      REQUIRE(id.ok());
      const auto channel = world.run(world.client.wait_for_channel(team, id.value(), world.kSoon));
      CHECK(check_membership(channel.value(), kind).ok());
      CHECK(channel.value().migrationMode == MigrationMode::none);
      CHECK(world.run(members(world.client, {team, id.value()})).value().size() == 1);
      CHECK(world.run(world.client.start_migration({team, id.value()}, DateTime::parse("2019-01-07T08:00:00Z"))).ok());
    }
  }
}

TEST_CASE("A private channel asked for in migration mode shows what it became", "[graph][emulator]") {
  EmulatedGraph world(unthrottled());
  const std::string team = world.new_team();
  const auto id = world.run(world.client.create_channel(
      team,
      R"({"@microsoft.graph.channelCreationMode":"migration","displayName":"board","membershipType":"private"})"));
  const auto channel = world.run(world.client.wait_for_channel(team, id.value(), world.kSoon));
  CHECK(check_membership(channel.value(), "private").error().code == "other_membership");
}

TEST_CASE("A deleted team is not found any more", "[graph][emulator]") {
  EmulatedGraph world(unthrottled());
  const std::string team = world.new_team();
  CHECK(world.run(world.client.delete_team(team)).ok());
  CHECK(world.run(world.client.team(team)).error().status == 404);
}
