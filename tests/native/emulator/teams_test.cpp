#include "tests/native/emulator/world.h"

namespace teamferry::emulator {
namespace {
Options provisioning(std::int64_t ms) {
  Options options;
  options.provisioning = std::chrono::milliseconds(ms);
  return options;
}
}  // namespace

TEST_CASE("E21: a team in migration mode is 202 with two locations and no body", "[teams]") {
  World world;
  const Reply reply = world.post("/teams", world.team_body());
  CHECK(reply.status == 202);
  CHECK(reply.body.is_null());
  CHECK(reply.header("Content-Type").empty());
  CHECK_THAT(reply.header("Location"), Catch::Matches(R"(/teams\('[0-9a-f-]{36}'\)/operations\('[0-9a-f-]{36}'\))"));
  CHECK_THAT(reply.header("Content-Location"), Catch::Matches(R"(/teams\('[0-9a-f-]{36}'\))"));
  CHECK(world.get("/v1.0" + reply.header("Location")).body["status"] == "succeeded");
}

TEST_CASE("E21: by option the location has the article's form", "[teams]") {
  Options options;
  options.variants.slash_locations = true;
  World world(options);
  CHECK_THAT(world.post("/teams", world.team_body()).header("Location"),
             Catch::Matches("/teams/[0-9a-f-]{36}/operations/[0-9a-f-]{36}"));
}

TEST_CASE("E22 to E26: a team that breaks a rule is 400", "[teams]") {
  World world;
  const Change changes[] = {
      {"E22: a date in the future", [](json& body) { body["createdDateTime"] = "2026-05-04T10:00:00.001Z"; }},
      {"E23: a date without the mode", [](json& body) { body.erase("@microsoft.graph.teamCreationMode"); }},
      {"E24: another mode", [](json& body) { body["@microsoft.graph.teamCreationMode"] = "Migration"; }},
      {"E25: another template",
       [](json& body) {
         body["template@odata.bind"] = "https://graph.microsoft.com/v1.0/teamsTemplates('educationClass')";
       }},
      {"E25: no template", [](json& body) { body.erase("template@odata.bind"); }},
      {"E26: no name", [](json& body) { body.erase("displayName"); }},
      {"E26: a name that is no text", [](json& body) { body["displayName"] = 7; }},
      {"a description that is too long", [](json& body) { body["description"] = std::string(1025, 'x'); }},
      {"a date that is none", [](json& body) { body["createdDateTime"] = "2019-01-07"; }},
      {"members", [](json& body) { body["members"] = json::array(); }},
      {"an unknown property", [](json& body) { body["displayname"] = "twice"; }},
  };
  for (const Change& change : changes) {
    INFO(change.name);
    json body = world.team_body();
    change.make(body);
    const Reply reply = world.post("/teams", body);
    CHECK(reply.status == 400);
    CHECK(reply.code() == "BadRequest");
  }
  CHECK(world.get("/teams").body["value"].empty());
}

TEST_CASE("E27: a new team is 404 until it is provisioned", "[teams]") {
  World world(provisioning(3000));
  const std::string team = world.new_team();
  CHECK(world.get(team).status == 404);
  CHECK(world.get(team).code() == "NotFound");
  CHECK(world.post(team + "/channels", world.channel_body("early")).status == 404);
  world.clock.ms += 3000;
  const Reply reply = world.get(team);
  CHECK(reply.status == 200);
  CHECK(reply.body["displayName"] == "Orbit archive");
  CHECK(reply.body["createdDateTime"] == "2019-01-07T08:00:00Z");
}

TEST_CASE("E28: an operation goes through its states over the delay", "[teams]") {
  World world(provisioning(3000));
  const std::string operation = world.post("/teams", world.team_body()).header("Location");
  CHECK(world.get("/v1.0" + operation).body["status"] == "notStarted");
  world.clock.ms += 1500;
  CHECK(world.get("/v1.0" + operation).body["status"] == "inProgress");
  CHECK(world.get("/v1.0" + operation).body["targetResourceId"].is_null());
  world.clock.ms += 1500;
  const Reply ended = world.get("/v1.0" + operation);
  CHECK(ended.body["status"] == "succeeded");
  CHECK(operation.find(ended.body["targetResourceId"].get<std::string>()) != std::string::npos);
  CHECK(ended.body["operationType"] == "createTeam");
}

TEST_CASE("E29: an operation may fail, and its team never appears", "[teams]") {
  Options options = provisioning(1000);
  options.variants.fail_provisioning = true;
  World world(options);
  const Reply created = world.post("/teams", world.team_body());
  world.clock.ms += 60'000;
  const Reply ended = world.get("/v1.0" + created.header("Location"));
  CHECK(ended.body["status"] == "failed");
  CHECK(ended.body["error"]["code"].is_string());
  CHECK(ended.body["error"]["message"].is_string());
  CHECK(world.get(World::team_path(created)).status == 404);
}

TEST_CASE("E30: a new team has General, which is in migration mode", "[teams]") {
  World world;
  const Reply reply = world.get(world.new_team() + "/channels");
  REQUIRE(reply.body["value"].size() == 1);
  CHECK(reply.body["value"][0]["displayName"] == "General");
  CHECK(reply.body["value"][0]["migrationMode"] == "inProgress");
}

TEST_CASE("E31: a team in migration has no members", "[teams]") {
  World world;
  const Reply reply = world.get(world.new_team() + "/members");
  CHECK(reply.status == 200);
  CHECK(reply.body["value"] == json::array());
}

TEST_CASE("Teams are found by their name", "[teams]") {
  World world;
  world.new_team();
  CHECK(world.get("/teams?$filter=displayName%20eq%20'Orbit%20archive'").body["value"].size() == 1);
  CHECK(world.get("/teams?$filter=displayName%20eq%20'Other'").body["value"].empty());
}

TEST_CASE("E109: a team with an open channel cannot be completed", "[teams]") {
  World world;
  const std::string team = world.new_team();
  const std::string channel = world.new_channel(team);
  CHECK(world.post(world.general(team) + "/completeMigration").status == 204);
  const Reply reply = world.post(team + "/completeMigration");
  CHECK(reply.status == 400);
  CHECK(reply.message() == "All channels must be finalized before team.");
}

TEST_CASE("E110: General completed first bars the team for good", "[teams]") {
  World world;
  const std::string team = world.new_team();
  const std::string channel = world.new_channel(team);
  CHECK(world.post(world.general(team) + "/completeMigration").status == 204);
  CHECK(world.post(channel + "/completeMigration").status == 204);
  const Reply reply = world.post(team + "/completeMigration");
  CHECK(reply.status == 400);
  CHECK(reply.message() == "All channels must be finalized before team.");
}

TEST_CASE("E111: channels, then General, then the team", "[teams]") {
  World world;
  const std::string team = world.new_team();
  const std::string one = world.new_channel(team, "one");
  const std::string two = world.new_channel(team, "two");
  CHECK(world.post(one + "/completeMigration").status == 204);
  CHECK(world.post(two + "/completeMigration").status == 204);
  CHECK(world.post(world.general(team) + "/completeMigration").status == 204);
  CHECK(world.post(team + "/completeMigration").status == 204);
}

TEST_CASE("E112: a team is completed once, and only one that was in migration", "[teams]") {
  World world;
  const std::string team = world.new_team();
  CHECK(world.post(world.general(team) + "/completeMigration").status == 204);
  CHECK(world.post(team + "/completeMigration").status == 204);
  CHECK(world.post(team + "/completeMigration").status == 400);
  CHECK(world.post(world.new_normal_team() + "/completeMigration").status == 400);
}

TEST_CASE("E108: a team is not completed by another app", "[teams]") {
  World world;
  const std::string team = world.new_team();
  world.post(world.general(team) + "/completeMigration");
  CHECK(world.post(team + "/completeMigration", nullptr, "second").status == 403);
}

TEST_CASE("E166: a deleted team is gone with its channels", "[teams]") {
  World world;
  const std::string team = world.new_team();
  const std::string channel = world.new_channel(team);
  CHECK(world.call("DELETE", "/groups/" + team.substr(7)).status == 204);
  CHECK(world.get(team).status == 404);
  CHECK(world.get(channel).status == 404);
  CHECK(world.call("DELETE", "/groups/" + team.substr(7)).status == 404);
}

}  // namespace teamferry::emulator
