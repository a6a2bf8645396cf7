#include "native/migrate/primitives.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "native/migrate/primitives_check.h"
#include "tests/native/graph/scripted_graph.h"

using namespace teamferry;
using namespace teamferry::migrate;
using namespace std::chrono_literals;
using Catch::Matchers::Contains;
using graph::refusal;
using http::answer;
using nlohmann::json;

namespace {

const std::string kTeamBody = R"({"displayName":"Orbit","createdDateTime":"2019-01-01T00:00:00.000Z"})";
const std::string kTeam = R"({"id":"t1","displayName":"Orbit","createdDateTime":"2019-01-01T00:00:00Z"})";
const std::string kMessage =
    R"({"createdDateTime":"2019-02-04T19:58:15.511Z","from":{"user":{"id":"u1"}},"body":{"content":"x"}})";
const std::string kStored =
    R"({"id":"9","createdDateTime":"2019-02-04T19:58:15.511Z","from":{"user":{"id":"u1"}},"body":{"content":"x"}})";
const graph::ConversationRef kRoom{"t1", "c1"};

std::string channel(const std::string& mode, const std::string& name = "launch") {
  return json{{"id", "c1"},
              {"displayName", name},
              {"membershipType", "standard"},
              {"createdDateTime", "2019-01-02T00:00:00Z"},
              {"migrationMode", mode.empty() ? json() : json(mode)}}
      .dump();
}

std::string list(const std::vector<std::string>& items) {
  json value = json::array();
  for (const auto& item : items) value.push_back(json::parse(item));
  return json{{"value", value}}.dump();
}

struct World : graph::ScriptedGraph {
  bool stop = false;
  Primitives primitives{client, options()};

  Primitives::Options options() {
    Primitives::Options chosen;
    chosen.lag = {1s, 2s};
    chosen.stopping = [this] { return stop; };
    return chosen;
  }
  std::vector<std::string> lines() const {
    std::vector<std::string> all;
    for (std::size_t i = 0; i < wire.requests.size(); ++i) all.push_back(line(i));
    return all;
  }
};

http::Response accepted_team() {
  return answer(202, "", {{"Location", "/teams('t1')/operations('o1')"}});
}

}  // namespace

TEST_CASE("A new team's operation is waited for", "[primitives]") {
  World world;
  world.wire.then(accepted_team())
      .then(answer(200, R"({"status":"inProgress"})"))
      .then(answer(200, R"({"status":"succeeded"})"))
      .then(answer(200, kTeam));
  const auto team = world.run(world.primitives.create_team(kTeamBody));
  REQUIRE(team);
  CHECK(json::parse(*team).at("id") == "t1");
  CHECK(world.request().body == kTeamBody);
}

TEST_CASE("A body gets what migration mode needs, where a script left it out", "[primitives]") {
  const json team = json::parse(complete_team_body(kTeamBody, "https://graph.example"));
  CHECK(team.at("@microsoft.graph.teamCreationMode") == "migration");
  CHECK(team.at("template@odata.bind") == "https://graph.example/v1.0/teamsTemplates('standard')");
  CHECK(team.at("displayName") == "Orbit");
  CHECK(check_new_team(team.dump()).empty());
  const json room = json::parse(complete_channel_body(R"({"membershipType":"private"})"));
  CHECK(room.at("@microsoft.graph.channelCreationMode") == "migration");
  CHECK(room.at("membershipType") == "private");
}

TEST_CASE("A body that breaks a rule is found before it leaves", "[primitives]") {
  CHECK(validate::has_error(check_new_team(R"({"displayName":"Orbit"})")));
  CHECK(validate::has_error(check_new_channel(complete_channel_body(R"({"displayName":"a/b"})"))));
  CHECK(validate::has_error(check_new_chat(R"({"chatType":"club"})")));
  CHECK(check_import(kMessage, channel("inProgress"), false).front().rule == "R12");  // u1 is no user's id
  const std::string chat = R"({"id":"19:x","chatType":"group","createdDateTime":"2019-01-02T00:00:00Z"})";
  CHECK(check_import(kMessage, chat, true).size() > check_import(kMessage, chat, false).size());
}

TEST_CASE("A team whose creation had no clear answer is looked for, not made twice", "[primitives]") {
  World world;
  world.wire.then(Error::transport("reset", "gone"))
      .then(answer(200, list({})))
      .then(answer(200, list({R"({"id":"t0","displayName":"Orbit"})", kTeam})))
      .then(answer(200, R"({"id":"t0","displayName":"Orbit","createdDateTime":"2011-01-01T00:00:00Z"})"))
      .then(answer(200, kTeam))
      .then(answer(200, kTeam));
  const auto team = world.run(world.primitives.create_team(kTeamBody));
  REQUIRE(team);
  CHECK(json::parse(*team).at("id") == "t1");
  int posts = 0;
  for (const auto& line : world.lines()) posts += line.starts_with("POST") ? 1 : 0;
  CHECK(posts == 1);
}

TEST_CASE("A team that cannot be found again is unclear", "[primitives]") {
  World world;
  world.wire.then(answer(504, ""));
  world.wire.otherwise([](const http::Request&) { return answer(200, list({})); });
  const auto team = world.run(world.primitives.create_team(kTeamBody));
  REQUIRE_FALSE(team);
  CHECK(team.error().code == "unclear");
  CHECK_THAT(team.error().message, Contains("whether team 'Orbit' was created cannot be told"));
  CHECK(world.wire.requests.size() == 4);  // and three looks
}

TEST_CASE("A channel's name tells whether it was created", "[primitives]") {
  World world;
  SECTION("it was") {
    world.wire.then(answer(503, "")).then(answer(200, list({channel("inProgress")})));
  }
  SECTION("it was not, so it is created again") {
    world.wire.then(answer(503, "")).then(answer(200, list({}))).then(answer(201, channel("inProgress")));
  }
  SECTION("it was, but is listed late") {
    world.wire.then(answer(503, ""))
        .then(answer(200, list({})))
        .then(refusal(400, "BadRequest", "Channel name already existed"))
        .then(answer(200, list({channel("inProgress")})));
  }
  world.wire.then(answer(200, channel("inProgress")));
  const auto made =
      world.run(world.primitives.create_channel("t1", R"({"displayName":"Launch","membershipType":"standard"})"));
  REQUIRE(made);
  CHECK(json::parse(*made).at("id") == "c1");
}

TEST_CASE("A refusal of a first creation is that refusal", "[primitives]") {
  World world;
  world.wire.then(refusal(400, "BadRequest", "Channel name already existed"));
  CHECK(world.run(world.primitives.create_channel("t1", R"({"displayName":"x"})")).error().status == 400);
  CHECK(world.wire.requests.size() == 1);
}

TEST_CASE("A group chat is never created twice, the chat of a pair may be asked for again", "[primitives]") {
  World world;
  world.wire.then(answer(503, "")).then(answer(201, R"({"id":"19:x","chatType":"oneOnOne"})"));
  SECTION("group") {
    CHECK(world.run(world.primitives.create_chat(R"({"chatType":"group"})")).error().code == "unclear");
    CHECK(world.wire.requests.size() == 1);
  }
  SECTION("pair") {
    CHECK(world.run(world.primitives.create_chat(R"({"chatType":"oneOnOne"})")));
    CHECK(world.wire.requests.size() == 2);
  }
}

TEST_CASE("What was refused with 429 is done later", "[primitives]") {
  World world;
  world.wire.then(answer(429, "", {{"Retry-After", "7"}})).then(answer(201, R"({"id":"19:x"})"));
  const auto begun = world.loop.now();
  CHECK(world.run(world.primitives.create_chat(R"({"chatType":"group"})")));
  CHECK(world.loop.now() - begun >= 7s);
}

TEST_CASE("An import whose answer was lost is read before it is sent again", "[primitives]") {
  World world;
  SECTION("it had arrived, under the id of its moment") {
    world.wire.then(Error::transport("timeout", "no answer")).then(answer(200, kStored));
    const auto message = world.run(world.primitives.import(kRoom, "", kMessage));
    REQUIRE(message);
    CHECK(json::parse(*message).at("id") == "9");
    CHECK(world.lines() == std::vector<std::string>{"POST /v1.0/teams/t1/channels/c1/messages",
                                                    "GET /v1.0/teams/t1/channels/c1/messages/1549310295511"});
  }
  SECTION("it had arrived, and only the list knows it") {
    world.wire.then(answer(504, "")).then(answer(404, "")).then(answer(200, list({kStored})));
    CHECK(world.run(world.primitives.import(kRoom, "", kMessage)));
  }
  SECTION("it had not: the same bytes go again") {
    world.wire.then(answer(504, "")).then(answer(404, "")).then(answer(200, list({}))).then(answer(201, kStored));
    CHECK(world.run(world.primitives.import(kRoom, "", kMessage)));
    CHECK(world.request(0).body == world.request(3).body);
  }
  SECTION("it had arrived, but is read late: the 409 is about our own") {
    world.wire.then(answer(504, ""))
        .then(answer(404, ""))
        .then(answer(200, list({})))
        .then(refusal(409, "Conflict", "there"))
        .then(answer(200, kStored));
    CHECK(world.run(world.primitives.import(kRoom, "", kMessage)));
  }
  SECTION("somebody else's message of that moment is not ours") {
    std::string other = kStored;
    other.replace(other.find("u1"), 2, "u2");
    world.wire.then(answer(504, ""));
    world.wire.otherwise([other](const http::Request& request) {
      if (request.method == "POST") return Result<http::Response>(refusal(409, "Conflict", "there"));
      return Result<http::Response>(request.url.ends_with("511") ? answer(200, other) : answer(200, list({other})));
    });
    CHECK(world.run(world.primitives.import(kRoom, "", kMessage)).error().code == "unclear");
  }
}

TEST_CASE("A 409 on the first attempt is not ours, and nothing is read", "[primitives]") {
  World world;
  world.wire.then(refusal(409, "Conflict", "there"));
  CHECK(world.run(world.primitives.import(kRoom, "", kMessage)).error().status == 409);
  CHECK(world.wire.requests.size() == 1);
}

TEST_CASE("An import keeps the pace of its conversation, a reply goes to its root", "[primitives]") {
  World world;
  world.wire.then(answer(201, kStored)).then(answer(201, kStored));
  CHECK(world.run(world.primitives.import(kRoom, "77", kMessage)));
  CHECK(world.line(0) == "POST /v1.0/teams/t1/channels/c1/messages/77/replies");
  CHECK(world.request(0).request_class == limits::RequestClass::import_to_channel);
  CHECK(world.request(0).pace_key == "c1");
  CHECK(world.run(world.primitives.import(graph::ConversationRef::chat("19:x"), "", kMessage)));
  CHECK(world.request(1).request_class == limits::RequestClass::import_to_chat);
  CHECK(world.request(1).pace_key == "19:x");
}

TEST_CASE("Opening and closing read the state before and after", "[primitives]") {
  World world;
  SECTION("start") {
    world.wire.then(answer(200, channel("completed")))
        .then(answer(204))
        .then(answer(200, channel("completed")))
        .then(answer(200, channel("inProgress")));
    const auto now = world.run(world.primitives.start_migration(kRoom, DateTime::parse("2018-01-01T00:00:00Z")));
    REQUIRE(now);
    CHECK(json::parse(*now).at("migrationMode") == "inProgress");
  }
  SECTION("a start that was lost, but has worked") {
    world.wire.then(answer(200, channel(""))).then(answer(503, "")).then(answer(200, channel("inProgress")));
    CHECK(world.run(world.primitives.start_migration(kRoom, std::nullopt)));
  }
  SECTION("complete") {
    world.wire.then(answer(200, channel("inProgress"))).then(answer(204)).then(answer(200, channel("completed")));
    CHECK(world.run(world.primitives.complete_migration(kRoom)));
  }
}

TEST_CASE("A transition that is not allowed is refused before it is asked for", "[primitives]") {
  World world;
  const auto refused = [&world](const Result<std::string>& result) {
    REQUIRE_FALSE(result);
    CHECK(result.error().code == "state");
    CHECK(world.wire.requests.size() == 1);
    return result.error().message;
  };
  SECTION("open twice") {
    world.wire.then(answer(200, channel("inProgress")));
    CHECK_THAT(refused(world.run(world.primitives.start_migration(kRoom, std::nullopt))), Contains("channel 'launch'"));
  }
  SECTION("close twice") {
    world.wire.then(answer(200, channel("completed")));
    refused(world.run(world.primitives.complete_migration(kRoom)));
  }
  SECTION("close what was never open") {
    world.wire.then(answer(200, channel("")));
    refused(world.run(world.primitives.complete_migration(kRoom)));
  }
  SECTION("begin later than now") {
    world.wire.then(answer(200, channel("completed")));
    CHECK_THAT(refused(world.run(world.primitives.start_migration(kRoom, DateTime::parse("2019-01-02T00:00:00Z")))),
               Contains("moves only towards the past"));
  }
  SECTION("a team before its channels") {
    world.wire.then(answer(200, list({channel("completed"), channel("inProgress", "General")})));
    CHECK_THAT(refused(world.run(world.primitives.complete_team("t1"))), Contains("channel 'General' is inProgress"));
  }
  CHECK(refuse_import(graph::MigrationMode::completed, "channel 'x'")->code == "state");
  CHECK(refuse_import(graph::MigrationMode::none, "channel 'x'")->code == "state");
  CHECK_FALSE(refuse_import(graph::MigrationMode::inProgress, "channel 'x'"));
  CHECK_FALSE(refuse_import(graph::MigrationMode::unknown, "channel 'x'"));
}

TEST_CASE("Empty pages are walked over", "[primitives]") {
  World world;
  world.wire.then(answer(200, R"({"value":[],"@odata.nextLink":"https://graph.example/v1.0/users?p=2"})"))
      .then(answer(200, R"({"value":[{"id":"1"}]})"));
  const auto pages = world.primitives.pages("/users");
  CHECK(world.run(world.primitives.next_items(pages)).value() == R"([{"id":"1"}])");
  CHECK(world.run(world.primitives.next_items(pages)).value() == std::nullopt);
}

TEST_CASE("A POST of a script's own is sent once, and its lost answer is unclear", "[primitives]") {
  World world;
  world.wire.then(answer(503, ""));
  CHECK(world.run(world.primitives.request("POST", "/teams/t1/schedule", "{}")).error().code == "unclear");
  CHECK(world.wire.requests.size() == 1);
  CHECK(world.request().fresh_connection);
}

TEST_CASE("Asking for the end ends a wait", "[primitives]") {
  World world;
  world.wire.then(answer(429, "", {{"Retry-After", "3600"}}));
  world.loop.at(world.loop.now() + 10s, [&world] { world.stop = true; });
  const auto begun = world.loop.now();
  CHECK(world.run(world.primitives.create_chat(R"({"chatType":"group"})")).error().status == 429);
  CHECK(world.loop.now() - begun < 60s);
}

TEST_CASE("A log sees no ids, names or queries of a path", "[primitives]") {
  CHECK(route_of_path("/users/ada@orbit.example/mailFolders?$filter=x") == "/users/{id}/mailFolders");
  CHECK(route_of_path("/teams/0a1b-2c/channels/19:x@thread.tacv2/messages") == "/teams/{id}/channels/{id}/messages");
}

TEST_CASE("A path is taken as somebody types it", "[primitives]") {
  CHECK(typed_path("/teams?$filter=displayName eq 'Orbit'") == "/teams?$filter=displayName%20eq%20'Orbit'");
  CHECK(typed_path("/users/a%20b") == "/users/a%20b");
}

TEST_CASE("An empty list of a body is a list", "[primitives]") {
  CHECK(with_lists(R"({"mentions":{},"body":{},"a":{"roles":{}}})") == R"({"a":{"roles":[]},"body":{},"mentions":[]})");
  CHECK(with_lists(R"({"b":1,"a":"{}"})") == R"({"a":"{}","b":1})");
}
