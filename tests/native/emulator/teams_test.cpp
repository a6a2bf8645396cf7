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

TEST_CASE("A team answers all that a real one does", "[teams]") {
  World world;
  const std::string team = world.new_normal_team();
  const json read = world.get(team).body;
  for (const char* name : {"id", "createdDateTime", "displayName", "description", "internalId", "specialization",
                           "visibility", "webUrl", "isArchived", "tenantId", "classification", "memberSettings"}) {
    INFO(name);
    CHECK(read.contains(name));
  }
  CHECK(read["internalId"] == world.get(team + "/primaryChannel").body["id"]);
  CHECK_FALSE(read.contains("discoverySettings"));
  CHECK(world.get("/beta" + team).body.contains("discoverySettings"));
  CHECK(world.get(team + "?$select=id,displayName").body.size() == 3);
}

TEST_CASE("A normal team needs an owner, and each member once", "[teams]") {
  World world;
  json body = world.team_body();
  body.erase("@microsoft.graph.teamCreationMode");
  body.erase("createdDateTime");
  const auto with = [&](const json& members) {
    body["members"] = members;
    return world.post("/teams", body);
  };
  CHECK(world.post("/teams", body).status == 400);
  CHECK(with(json::array({World::member(world.user(0), json::array())})).status == 400);
  CHECK(with(json::array({World::member(world.user(0)), World::member(world.user(0))})).status == 400);
  CHECK(with(json::array({World::member("nobody@tenant.example")})).status == 400);
  CHECK(with("everybody").status == 400);
  const Reply made = with(json::array({World::member(world.user(0)), World::member(world.user(1), json::array())}));
  REQUIRE(made.status == 202);
  CHECK(world.get(World::team_path(made) + "/members").body["value"].size() == 2);
}

TEST_CASE("E25: the template's address may be of any cloud, of this machine, but of no other place", "[teams]") {
  World world;
  json body = world.team_body();
  for (const char* good : {"https://graph.microsoft.us/v1.0/teamsTemplates('standard')",
                           "https://dod-graph.microsoft.us/beta/teamsTemplates('standard')",
                           "https://microsoftgraph.chinacloudapi.cn/v1.0/teamsTemplates/standard",
                           "http://graph.example:8080/v1.0/teamsTemplates('standard')",
                           "https://localhost:4711/v1.0/teamsTemplates('standard')"}) {
    INFO(good);
    body["template@odata.bind"] = good;
    CHECK(world.post("/teams", body).status == 202);
  }
  for (const char* bad : {"https://elsewhere.example/v1.0/teamsTemplates('standard')", "teamsTemplates('standard')",
                          "https://graph.microsoft.com/v2.0/teamsTemplates('standard')", "://", "", "https:///",
                          "https://graph.microsoft.com/v1.0/teamsTemplates('')",
                          "https://graph.microsoft.com/v1.0/teamsTemplates('standard"}) {
    INFO(bad);
    body["template@odata.bind"] = bad;
    CHECK(world.post("/teams", body).status == 400);
  }
}

TEST_CASE("A team is renamed, by who may", "[teams]") {
  World world;
  const std::string team = world.new_normal_team();
  CHECK(world.call("PATCH", team, {{"displayName", "Orbit"}}, "reader").status == 403);
  CHECK(world.call("PATCH", team, {{"displayName", ""}}).status == 400);
  CHECK(world.call("PATCH", team, {{"displayName", "Orbit"}, {"visibility", "private"}}).status == 204);
  CHECK(world.get(team).body["displayName"] == "Orbit");
  CHECK(world.get(team).body["visibility"] == "private");
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
