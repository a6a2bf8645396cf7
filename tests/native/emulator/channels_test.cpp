#include "tests/native/emulator/world.h"

namespace teamferry::emulator {

TEST_CASE("E32: a migration channel is 202 with body and location", "[channels]") {
  World world;
  const std::string team = world.new_team();
  json body = world.channel_body("launch-room");
  body["description"] = "was #launch-room";
  const Reply reply = world.post(team + "/channels", body);
  CHECK(reply.status == 202);
  const std::string id = reply.body["id"];
  CHECK_THAT(id, Catch::Matches("19:[0-9a-f]{32}@thread\\.tacv2"));
  CHECK(reply.body["displayName"] == "launch-room");
  for (const char* name : {"createdDateTime", "membershipType", "webUrl", "email"}) {
    INFO(name);
    CHECK(reply.body.at(name).is_null());
  }
  CHECK(world.get("/v1.0" + reply.header("Location")).body["id"] == id);

  const Reply read = world.get(team + "/channels/" + id);
  CHECK(read.body["createdDateTime"] == "2019-01-07T08:00:01Z");
  CHECK(read.body["migrationMode"] == "inProgress");
  CHECK(read.body["description"] == "was #launch-room");
  CHECK(read.body["originalCreatedDateTime"] == "2019-01-07T08:00:01Z");
}

TEST_CASE("E32: by option 201, and a channel that takes its time", "[channels]") {
  Options options;
  options.variants.channel_status = 201;
  World world(options);
  CHECK(world.post(world.new_team() + "/channels", world.channel_body("a")).status == 201);

  options = {};
  options.provisioning = std::chrono::milliseconds(500);
  World slow(options);
  const std::string team = slow.new_team();
  slow.clock.ms += 500;
  const std::string channel = slow.new_channel(team);
  CHECK(slow.get(channel).status == 404);
  CHECK(slow.post(channel + "/messages", slow.message_body()).status == 404);
  slow.clock.ms += 500;
  CHECK(slow.get(channel).status == 200);
}

TEST_CASE("E33, E36: a channel that breaks a rule is 400", "[channels]") {
  World world;
  const std::string team = world.new_team();
  const Change changes[] = {
      {"E33: a date in the future", [](json& body) { body["createdDateTime"] = "2026-05-04T10:00:01Z"; }},
      {"E33: a date without the mode", [](json& body) { body.erase("@microsoft.graph.channelCreationMode"); }},
      {"E33: another mode", [](json& body) { body["@microsoft.graph.channelCreationMode"] = "import"; }},
      {"E36: 51 characters", [](json& body) { body["displayName"] = std::string(51, 'x'); }},
      {"E36: a reserved character", [](json& body) { body["displayName"] = "c#"; }},
      {"E36: a leading underscore", [](json& body) { body["displayName"] = "_x"; }},
      {"E36: a dot at the end", [](json& body) { body["displayName"] = "x."; }},
      {"no name", [](json& body) { body.erase("displayName"); }},
      {"an unknown membership", [](json& body) { body["membershipType"] = "secret"; }},
      {"an unknown property", [](json& body) { body["topic"] = "x"; }},
  };
  for (const Change& change : changes) {
    INFO(change.name);
    json body = world.channel_body("launch-room");
    change.make(body);
    CHECK(world.post(team + "/channels", body).status == 400);
  }
  CHECK(world.get(team + "/channels").body["value"].size() == 1);
}

TEST_CASE("E36: 50 characters are allowed, whatever their bytes", "[channels]") {
  World world;
  std::string name;
  for (int i = 0; i < 50; ++i) name += "ä";
  CHECK(world.post(world.new_team() + "/channels", world.channel_body(name)).status == 202);
}

TEST_CASE("E34: a private channel in migration mode becomes standard in silence", "[channels]") {
  Options options;
  SECTION("by default") {
    World world(options);
    const std::string team = world.new_team();
    json body = world.channel_body("secrets");
    body["membershipType"] = "private";
    const Reply reply = world.post(team + "/channels", body);
    CHECK(reply.status == 202);
    CHECK(world.get(team + "/channels/" + reply.body["id"].get<std::string>()).body["membershipType"] == "standard");
  }
  SECTION("by option it is refused") {
    options.variants.refuse_private_channels = true;
    World world(options);
    json body = world.channel_body("secrets");
    body["membershipType"] = "private";
    CHECK(world.post(world.new_team() + "/channels", body).status == 400);
  }
}

TEST_CASE("E35: a name that is taken is 400, whatever its letter case", "[channels]") {
  World world;
  const std::string team = world.new_team();
  world.new_channel(team, "Größe-Ж");
  for (const char* name : {"größe-ж", "GRÖßE-Ж", "general"}) {
    const Reply reply = world.post(team + "/channels", world.channel_body(name));
    CHECK(reply.status == 400);
    CHECK(reply.message() == "Channel name already existed, please use other name.");
  }
}

TEST_CASE("E37: no migration channel in a team that is not under migration", "[channels]") {
  World world;
  const Reply reply = world.post(world.new_normal_team() + "/channels", world.channel_body("late"));
  CHECK(reply.status == 400);
  CHECK(reply.code() == "BadRequest");
  CHECK(reply.message() == "Migration channels can only be created in a team under migration.");
}

TEST_CASE("E38: no migration channel after General was completed", "[channels]") {
  World world;
  const std::string team = world.new_team();
  CHECK(world.post(world.general(team) + "/completeMigration").status == 204);
  const Reply reply = world.post(team + "/channels", world.channel_body("late"));
  CHECK(reply.status == 400);
  CHECK(reply.message() == "Migration channels can only be created in a team under migration.");
}

TEST_CASE("E39: a normal channel is 201 and not in migration mode", "[channels]") {
  World world;
  const Reply reply = world.post(world.new_normal_team() + "/channels", {{"displayName", "talk"}});
  CHECK(reply.status == 201);
  CHECK(reply.body["migrationMode"].is_null());
  CHECK(reply.body["membershipType"] == "standard");
  CHECK(reply.body["createdDateTime"] == "2026-05-04T10:00:00Z");
}

TEST_CASE("Channels list with a filter on their name", "[channels]") {
  World world;
  const std::string team = world.new_team();
  world.new_channel(team, "one");
  world.new_channel(team, "two");
  CHECK(world.get(team + "/channels").body["value"].size() == 3);
  const Reply found = world.get(team + "/channels?$filter=displayName%20eq%20'two'&$select=id,displayName");
  REQUIRE(found.body["value"].size() == 1);
  CHECK(found.body["value"][0].size() == 2);
}

TEST_CASE("E38: nor after General was completed and started again", "[channels]") {
  World world;
  const std::string team = world.new_team();
  CHECK(world.post(world.general(team) + "/completeMigration").status == 204);
  CHECK(world.post(world.general(team) + "/startMigration").status == 204);
  CHECK(world.post(team + "/channels", world.channel_body("late")).status == 400);
}

TEST_CASE("A private or shared channel needs an owner out of the team", "[channels]") {
  World world;
  const std::string team = world.new_normal_team();
  const std::string type = GENERATE("private", "shared");
  json body = {{"displayName", "quiet"}, {"membershipType", type}};
  CHECK(world.post(team + "/channels", body).status == 400);
  body["members"] = json::array({World::member(world.user(1))});
  CHECK(world.post(team + "/channels", body).status == 400);
  body["members"] = json::array({World::member(world.user(0), json::array())});
  CHECK(world.post(team + "/channels", body).status == 400);
  body["members"] = json::array({World::member(world.user(0)), World::member(world.user(0))});
  CHECK(world.post(team + "/channels", body).status == 400);
  body["members"] = json::array({World::member(world.user(0))});
  const Reply reply = world.post(team + "/channels", body);
  CHECK(reply.status == 201);
  CHECK(reply.body["migrationMode"].is_null());
  body["displayName"] = "mixed";
  body["members"].push_back(World::member(world.user(1), json::array()));
  CHECK(world.post(team + "/channels", body).status == (type == "shared" ? 201 : 400));
}

TEST_CASE("A standard channel takes no members of its own", "[channels]") {
  World world;
  const json body = {{"displayName", "talk"}, {"members", json::array({World::member(world.user(0))})}};
  CHECK(world.post(world.new_normal_team() + "/channels", body).status == 400);
}

TEST_CASE("Only who asks for late members of enumerations sees shared channels as such", "[channels]") {
  World world;
  const std::string team = world.new_normal_team();
  const std::string channel =
      world.new_normal_channel(team, {{"displayName", "both"},
                                      {"membershipType", "shared"},
                                      {"members", json::array({World::member(world.user(0))})}});
  CHECK(world.get(channel).body["membershipType"] == "unknownFutureValue");
  http::Request request;
  request.method = "GET";
  request.url = "/v1.0" + channel;
  request.headers.add("Authorization", "Bearer " + world.token("full"));
  request.headers.add("Prefer", "include-unknown-enum-members");
  CHECK(world.send(request).body["membershipType"] == "shared");
  CHECK(world.get(team + "/channels?$filter=membershipType%20eq%20'shared'").body["value"].size() == 1);
}

TEST_CASE("A channel tells what $select names, and its address in Teams", "[channels]") {
  World world;
  const std::string team = world.new_normal_team();
  const std::string channel = world.new_normal_channel(team);
  const json chosen = world.get(channel + "?$select=id,migrationMode").body;
  CHECK(chosen.size() == 3);
  CHECK(chosen["@odata.context"].get<std::string>().find("/channels(id,migrationMode)/$entity") != std::string::npos);
  CHECK(world.get(channel + "?$select=colour").status == 400);
  const std::string id = world.get(channel).body["id"];
  CHECK(world.get(channel).body["webUrl"] == "https://teams.microsoft.com/l/channel/19%3A" + id.substr(3, 32) +
                                                 "%40thread.tacv2/talk?groupId=" + team.substr(7) +
                                                 "&tenantId=7e1f0c52-3b7a-4d8e-9c41-5a2b6d90e3f7");
}

TEST_CASE("A channel is renamed, but not to a name that is taken or bad", "[channels]") {
  World world;
  const std::string team = world.new_normal_team();
  const std::string channel = world.new_normal_channel(team);
  world.new_normal_channel(team, {{"displayName", "other"}});
  CHECK(world.call("PATCH", channel, {{"displayName", "OTHER"}}).status == 400);
  CHECK(world.call("PATCH", channel, {{"displayName", "a#b"}}).status == 400);
  CHECK(world.call("PATCH", channel, {{"displayName", "new"}}, "reader").status == 403);
  CHECK(world.call("PATCH", channel, {{"displayName", "Talk"}, {"description", "about all"}}).status == 204);
  CHECK(world.get(channel).body["displayName"] == "Talk");
  CHECK(world.get(channel).body["description"] == "about all");
}

}  // namespace teamferry::emulator
