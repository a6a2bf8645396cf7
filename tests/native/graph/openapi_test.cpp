// The judge nobody here wrote: every request of every call, against Microsoft's own description of Graph.
#include "tests/support/openapi.h"

#include <catch2/catch.hpp>

#include "native/graph/batch.h"
#include "native/graph/directory.h"
#include "native/graph/files.h"
#include "native/graph/hosted.h"
#include "native/graph/members.h"
#include "tests/native/graph/scripted_graph.h"

using namespace teamferry;
using namespace teamferry::graph;
using namespace teamferry::http;
using namespace std::chrono_literals;
using nlohmann::json;

namespace {

const char* const kUser = R"({"user":{"id":"8c0a1a67-50ce-4114-bb6c-da9c5dbcf6ca","displayName":"Ada Park",)"
                          R"("userIdentityType":"aadUser"}})";
const ConversationRef kChannel = {"T", "19:561f@thread.tacv2"};
const ConversationRef kChat = ConversationRef::chat("19:8ea0@thread.v2");

std::string team_body(const Connection& graph) {
  return R"({"@microsoft.graph.teamCreationMode":"migration","template@odata.bind":")" +
         graph.url("/teamsTemplates('standard')") +
         R"(","displayName":"Orbit archive","visibility":"private","firstChannelName":"General",)"
         R"("createdDateTime":"2019-01-07T08:00:00.000Z"})";
}

std::string message_body() {
  return R"({"createdDateTime":"2019-02-04T19:58:15.511Z","from":)" + std::string(kUser) +
         R"(,"body":{"contentType":"html","content":"<p><at id=\"0\">Ada</at></p>"},"subject":null,"importance":"normal",
      "mentions":[{"id":0,"mentionText":"Ada","mentioned":)" +
         kUser + R"(}],"attachments":[)" +
         ReferenceAttachment{"153fa47d-18c9-4179-be08-9879815a9f90", "https://x.example/a.pdf", "a.pdf"}.to_json() +
         R"(],"hostedContents":[{"@microsoft.graph.temporaryId":"1","contentBytes":"aWQ9","contentType":"image/png"}]})";
}

// Answers whatever is asked with something that reads as any of the resources.
Result<Response> any(const Request& request) {
  if (request.url.find("/$batch") != std::string::npos) {
    return answer(200, R"({"responses":[{"id":"1","status":200},{"id":"2","status":200}]})");
  }
  return answer(200,
                R"({"id":"1","value":[],"migrationMode":null,"status":"succeeded","parentReference":{"driveId":"d"}})",
                {{"Location", "/teams('T')/operations('O')"}});
}

// Every call of this folder that asks Graph, once.
void call_everything(ScriptedGraph& graph) {
  Client& client = graph.client;
  CHECK(graph.run(client.create_team(team_body(client))).ok());
  CHECK(graph.run(client.operation("/teams/T/operations/O")).ok());
  CHECK(graph.run(client.team("T")).ok());
  CHECK(graph.run(client.teams_named("Orbit")).ok());
  CHECK(graph
            .run(client.create_channel(
                "T", R"({"@microsoft.graph.channelCreationMode":"migration","displayName":"launch-room",)"
                     R"("description":"was #launch-room","membershipType":"standard",)"
                     R"("createdDateTime":"2019-01-07T08:00:01.000Z"})"))
            .ok());
  CHECK(graph
            .run(client.create_channel("T", R"({"displayName":"board","membershipType":"private","members":[)" +
                                                member_json(client, {"u", {"owner"}}) + "]}"))
            .ok());
  CHECK(graph.run(client.channels("T")).ok());
  CHECK(graph.run(client.primary_channel("T")).ok());
  CHECK(graph
            .run(client.create_chat(R"({"chatType":"group","topic":"Orbit core","members":[)" +
                                    member_json(client, {"u", {"owner"}}) + "," +
                                    member_json(client, {"ben@x.example", {"owner"}}) + "]}"))
            .ok());
  for (const auto& ref : {kChannel, kChat}) {
    CHECK(graph.run(client.conversation(ref)).ok());
    CHECK(graph.run(client.start_migration(ref, DateTime::parse("2019-01-07T08:00:00Z"))).ok());
    CHECK(graph.run(client.start_migration(ref, std::nullopt)).ok());
    CHECK(graph.run(client.import_message(ref, "", message_body())).ok());
    CHECK(graph.run(client.message(ref, "1")).ok());
    CHECK(graph.run(client.messages_page(ref, "")).ok());
    CHECK(graph.run(client.messages_page(ref, "", Replies::expanded)).ok());
    CHECK(graph.run(hosted_content(client, ref, "", "1", "h")).ok());
    CHECK(graph.run(members(client, ref)).ok());
    CHECK(graph.run(add_member(client, ref, {"u", {"owner"}})).ok());
    CHECK(graph.run(add_members(client, ref, {{"u"}})).ok());
    CHECK(graph.run(remove_member(client, ref, "m")).ok());
    CHECK(graph.run(client.complete_migration(ref)).ok());
  }
  CHECK(graph.run(add_member(client, kChat, {"u", {}, kAllHistory})).ok());
  CHECK(graph.run(client.import_message(kChannel, "1", message_body())).ok());
  CHECK(graph.run(client.reply(kChannel, "1", "2")).ok());
  CHECK(graph.run(client.replies_page(kChannel, "1", "")).ok());
  CHECK(graph.run(hosted_content(client, kChannel, "1", "2", "h")).ok());
  CHECK(graph.run(client.complete_team("T")).ok());
  CHECK(graph.run(team_members(client, "T")).ok());
  CHECK(graph.run(add_team_member(client, "T", {"u", {"owner"}})).ok());
  CHECK(graph.run(add_team_members(client, "T", {{"u"}, {"v", {"guest"}}})).ok());
  CHECK(graph.run(client.find_user("ada@x.example")).ok());
  Directory directory(client, "accountEnabled eq true");
  CHECK(graph.run(directory.next()).ok());
  CHECK(graph.run(files_folder(client, kChannel, {1s, 1s})).ok());
  CHECK(graph.run(batch(client, {{"/users/a", "GET"}, {"/chats/c/completeMigration", "POST", "", {0}}})).ok());
}

std::vector<std::string> judge_all(const OpenApi& api, const ScriptedGraph& graph) {
  std::vector<std::string> problems;
  const auto judge = [&](const std::string& method, const std::string& address, const std::string& body) {
    const auto verdict = api.judge(method, address, body);
    if (!verdict.described) problems.push_back(method + " " + address + ": nothing is there");
    for (const auto& problem : verdict.problems) problems.push_back(method + " " + address + ": " + problem);
  };
  for (std::size_t i = 0; i < graph.wire.requests.size(); ++i) {
    const std::string address = graph.line(i).substr(graph.line(i).find(' ') + 1);
    judge(graph.request(i).method, address, graph.request(i).body);
    if (address.find("/$batch") == std::string::npos) continue;
    const json whole = json::parse(graph.request(i).body);
    for (const auto& part : whole.at("requests")) {
      judge(part["method"], "/v1.0" + part["url"].get<std::string>(), part.contains("body") ? part["body"].dump() : "");
    }
  }
  return problems;
}

}  // namespace

TEST_CASE("Every request is one that Microsoft describes", "[graph][openapi]") {
  const auto api = OpenApi::load();
  if (!api) {
    WARN("Microsoft's description of Graph is not there (TEAMFERRY_OPENAPI): requests are not judged by it");
    return;
  }
  ScriptedGraph graph;
  graph.wire.otherwise(any);
  SECTION("on v1.0") {
    call_everything(graph);
    CHECK(graph.wire.requests.size() > 45);
  }
  SECTION("on beta, where v1.0 is too old") {
    graph.wire.otherwise([](const Request& request) -> Result<Response> {
      const bool old = request.url.find("/v1.0/") != std::string::npos;
      if (old && request.url.ends_with("/startMigration")) return answer(404);
      if (old && request.method == "GET") return answer(200, R"({"id":"1"})");
      return request.method == "GET" ? any(request) : answer(204);
    });
    for (const auto& ref : {kChannel, kChat}) {
      CHECK(graph.run(graph.client.start_migration(ref, DateTime::parse("2019-01-07T08:00:00Z"))).ok());
      CHECK(graph.run(graph.client.conversation(ref)).ok());
    }
    CHECK(graph.run(graph.client.complete_migration(kChat)).ok());
    CHECK(graph.line(graph.wire.requests.size() - 1).starts_with("POST /beta/chats/"));
  }
  CHECK(judge_all(*api, graph) == std::vector<std::string>{});
}

TEST_CASE("The judge finds what is wrong", "[graph][openapi]") {
  const auto api = OpenApi::load();
  if (!api) {
    WARN("Microsoft's description of Graph is not there (TEAMFERRY_OPENAPI): requests are not judged by it");
    return;
  }
  const std::string start = "/v1.0/chats/c/startMigration";
  CHECK(api->judge("POST", start, R"({"conversationCreationDateTime":"2019-01-07T08:00:00Z"})").problems.empty());
  CHECK(api->judge("POST", start, R"({"conversationCreatedDateTime":"2019-01-07T08:00:00Z"})").problems ==
        std::vector<std::string>{"/: nothing is called conversationCreatedDateTime"});
  CHECK(api->judge("POST", start, R"({"conversationCreationDateTime":"2019-01-07"})").problems.size() == 2);
  CHECK(api->judge("POST", start, R"({"conversationCreationDateTime":7})").problems.size() == 1);
  CHECK_FALSE(api->judge("GET", start, "").described);
  CHECK_FALSE(api->judge("POST", "/v1.0/teams/t/chats/c/startMigration", "").described);
  CHECK(api->judge("POST", "/v1.0/chats/c/messages", "").problems.size() == 1);
  CHECK(api->judge("POST", "/v1.0/chats/c/messages", R"({"importance":"loud"})").problems.size() == 1);
  CHECK(api->judge("POST", "/v1.0/chats/c/messages", R"({"from":{"user":{"id":"u","nmae":"x"}}})").problems.size() ==
        1);
  CHECK(api->judge("GET", "/v1.0/chats/c/messages?$tpo=50", "").problems.size() == 1);
}

TEST_CASE("A schema is kept in every part", "[graph][openapi]") {
  const json document = json::parse(R"json({"components":{"schemas":{
    "base":{"type":"object","properties":{"kind":{"type":"string"},"name":{"type":"string","nullable":true}},
            "required":["kind"],
            "discriminator":{"propertyName":"kind","mapping":{"#big":"#/components/schemas/big"}}},
    "big":{"allOf":[{"$ref":"#/components/schemas/base"},
                    {"type":"object","properties":{"size":{"type":"integer","minimum":1,"maximum":9}}}]},
    "closed":{"type":"object","additionalProperties":false},
    "either":{"oneOf":[{"type":"string"},{"type":"string","enum":["x"]}]},
    "maybe":{"anyOf":[{"$ref":"#/components/schemas/base"},{"nullable":true,"enum":[null]}]},
    "list":{"type":"array","items":{"$ref":"#/components/schemas/base"}},
    "open":{"type":"object"}}}})json");
  const SchemaCheck check(document);
  const auto problems = [&](const std::string& name, const std::string& value) {
    return check.check(document["components"]["schemas"][name], json::parse(value)).size();
  };
  CHECK(problems("base", R"({"kind":"a","name":null})") == 0);
  CHECK(problems("base", R"({"name":"n"})") == 1);
  CHECK(problems("base", R"({"kind":null})") == 1);
  CHECK(problems("base", R"({"kind":"a","nmae":"n"})") == 1);
  CHECK(problems("base", R"({"kind":"a","x@odata.bind":7})") == 0);
  CHECK(problems("base", R"({"kind":"#big","size":3})") == 0);
  CHECK(problems("base", R"({"kind":"#big","size":10})") == 1);
  CHECK(problems("base", R"({"kind":"#big","size":"3"})") == 1);
  CHECK(problems("base", R"([])") == 1);
  CHECK(problems("closed", R"({})") == 0);
  CHECK(problems("closed", R"({"a":1})") == 1);
  CHECK(problems("closed", R"({"@odata.type":"a"})") == 0);
  CHECK(problems("either", R"("y")") == 0);
  CHECK(problems("either", R"("x")") == 1);
  CHECK(problems("maybe", "null") == 0);
  CHECK(problems("maybe", R"({"kind":"a"})") == 0);
  CHECK(problems("maybe", R"({"kind":7})") == 1);
  CHECK(problems("list", R"([{"kind":"a"},{"kind":"#big","size":0}])") == 1);
  CHECK(problems("list", R"([{"kind":"a","nmae":1}])") == 1);
  CHECK(problems("open", R"({"anything":[1]})") == 0);
}
