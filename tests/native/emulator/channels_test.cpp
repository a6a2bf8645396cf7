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

TEST_CASE("E40 to E48: startMigration on a normal channel", "[channels]") {
  World world;
  const std::string team = world.new_normal_team();
  const std::string channel =
      team + "/channels/" + world.post(team + "/channels", {{"displayName", "talk"}}).body["id"].get<std::string>();
  const std::string start = channel + "/startMigration";

  SECTION("E40: an older date moves the floor and keeps the true age") {
    const Reply reply = world.post(start, {{"conversationCreationDateTime", "2019-01-07T08:00:00Z"}});
    CHECK(reply.status == 204);
    CHECK(reply.body.is_null());
    const json read = world.get(channel).body;
    CHECK(read["migrationMode"] == "inProgress");
    CHECK(read["createdDateTime"] == "2019-01-07T08:00:00Z");
    CHECK(read["originalCreatedDateTime"] == "2026-05-04T10:00:00Z");
  }
  SECTION("E43: twice is 400") {
    CHECK(world.post(start).status == 204);
    CHECK(world.post(start).status == 400);
  }
  SECTION("E44: an equal or newer date is 400 and changes nothing") {
    for (const char* date : {"2026-05-04T10:00:00Z", "2026-05-04T12:00:00.001+02:00"}) {
      const Reply reply = world.post(start, {{"conversationCreationDateTime", date}});
      CHECK(reply.status == 400);
      CHECK_THAT(reply.message(), Catch::Contains("must be older than the existing 'CreatedDateTime'"));
    }
    CHECK(world.get(channel).body["migrationMode"].is_null());
  }
  SECTION("E45, E46, E47: the smallest date, no date, another name") {
    for (const json& body : {json{{"conversationCreationDateTime", "0001-01-01T00:00:00Z"}},
                             json{{"conversationCreationDateTime", "2019-01-07T08:00:00"}},
                             json{{"conversationCreationDateTime", 1546848000000}},
                             json{{"conversationCreatedDateTime", "2019-01-07T08:00:00Z"}}}) {
      INFO(body.dump());
      CHECK(world.post(start, body).status == 400);
    }
  }
  SECTION("E48: without a date the floor stays") {
    const json body = GENERATE(json(nullptr), json::object());
    CHECK(world.post(start, body).status == 204);
    CHECK(world.get(channel).body["createdDateTime"] == "2026-05-04T10:00:00Z");
    CHECK(world.get(channel).body["originalCreatedDateTime"] == "2026-05-04T10:00:00Z");
  }
  SECTION("E52, E53, E54: a restart may only go further back, by whoever asks") {
    const json first = {{"conversationCreationDateTime", "2019-01-07T08:00:00Z"}};
    REQUIRE(world.post(start, first).status == 204);
    REQUIRE(world.post(channel + "/completeMigration").status == 204);
    CHECK(world.post(start, first).status == 400);
    CHECK(world.post(start, {{"conversationCreationDateTime", "2018-01-07T08:00:00Z"}}, "second").status == 204);
    CHECK(world.get(channel).body["originalCreatedDateTime"] == "2026-05-04T10:00:00Z");
    CHECK(world.post(channel + "/completeMigration").status == 403);
    CHECK(world.post(channel + "/completeMigration", nullptr, "second").status == 204);
    CHECK(world.post(start).status == 204);
    CHECK(world.get(channel).body["createdDateTime"] == "2018-01-07T08:00:00Z");
  }
}

TEST_CASE("E105: the owner completes a channel", "[channels]") {
  World world;
  const std::string channel = world.new_channel(world.new_team());
  const Reply reply = world.post(channel + "/completeMigration");
  CHECK(reply.status == 204);
  CHECK(reply.body.is_null());
  CHECK(world.get(channel).body["migrationMode"] == "completed");
}

TEST_CASE("E106, E107: what is completed or never started cannot be completed", "[channels]") {
  World world;
  const std::string channel = world.new_channel(world.new_team());
  CHECK(world.post(channel + "/completeMigration", json::object()).status == 204);
  CHECK(world.post(channel + "/completeMigration").status == 400);
  CHECK(world.post(world.new_normal_team() + "/primaryChannel/completeMigration").status == 400);
}

TEST_CASE("E108: another app cannot complete a channel", "[channels]") {
  Options options;
  options.variants.other_app_status = GENERATE(403, 400);
  World world(options);
  const std::string channel = world.new_channel(world.new_team());
  const Reply reply = world.post(channel + "/completeMigration", nullptr, "second");
  CHECK(reply.status == options.variants.other_app_status);
  CHECK(reply.message() == "Request Initiator does not match the import session intiator.");
  CHECK(world.get(channel).body["migrationMode"] == "inProgress");
}

}  // namespace teamferry::emulator
