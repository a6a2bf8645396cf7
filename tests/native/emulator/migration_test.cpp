#include "native/emulator/ids.h"
#include "native/emulator/store.h"
#include "tests/native/emulator/folder.h"
#include "tests/native/emulator/world.h"

namespace teamferry::emulator {
namespace {

const json kOlder = {{"conversationCreationDateTime", "2019-01-07T08:00:00Z"}};
const json kOldest = {{"conversationCreationDateTime", "2018-01-07T08:00:00Z"}};

}  // namespace

TEST_CASE("E40: an older date moves the floor and keeps the true age", "[migration]") {
  World world;
  const std::string channel = world.new_normal_channel(world.new_normal_team());
  const Reply reply = world.post(channel + "/startMigration", kOlder);
  CHECK(reply.status == 204);
  CHECK(reply.text.empty());
  const json read = world.get(channel).body;
  CHECK(read["migrationMode"] == "inProgress");
  CHECK(read["createdDateTime"] == "2019-01-07T08:00:00Z");
  CHECK(read["originalCreatedDateTime"] == "2026-05-04T10:00:00Z");
  CHECK(world.post(channel + "/messages", world.message_body("2019-01-07T08:00:00.001Z")).status == 200);
}

TEST_CASE("E41: private and shared channels start as others do", "[migration]") {
  World world;
  const std::string channel =
      world.new_normal_channel(world.new_normal_team(), {{"displayName", "quiet"},
                                                         {"membershipType", GENERATE("private", "shared")},
                                                         {"members", json::array({World::member(world.user(0))})}});
  CHECK(world.post(channel + "/startMigration", kOlder).status == 204);
  CHECK(world.get(channel).body["migrationMode"] == "inProgress");
}

TEST_CASE("E42: group and one-on-one chats start and complete", "[migration]") {
  World world;
  const bool pair = GENERATE(true, false);
  const std::string chat = pair ? world.new_chat("oneOnOne", 2) : world.new_chat();
  CHECK(world.post(chat + "/startMigration", kOlder).status == 204);
  CHECK(world.get(chat).body["migrationMode"] == "inProgress");
  CHECK(world.get(chat).body["originalCreatedDateTime"] == "2026-05-04T10:00:00Z");
  CHECK(world.post(chat + "/messages", world.message_body()).status == 200);
  CHECK(world.post(chat + "/completeMigration").status == 204);
  CHECK(world.get(chat).body["migrationMode"] == "completed");
}

TEST_CASE("E43: a second start is 400", "[migration]") {
  World world;
  const std::string channel = world.new_normal_channel(world.new_normal_team());
  CHECK(world.post(channel + "/startMigration").status == 204);
  CHECK(world.post(channel + "/startMigration", kOlder).status == 400);
  CHECK(world.post(channel + "/startMigration", kOlder, "second").status == 400);
  CHECK(world.get(channel).body["createdDateTime"] == "2026-05-04T10:00:00Z");
}

TEST_CASE("E44: an equal or newer date is 400 and changes nothing", "[migration]") {
  World world;
  const std::string channel = world.new_normal_channel(world.new_normal_team());
  for (const char* date : {"2026-05-04T10:00:00Z", "2026-05-04T12:00:00.001+02:00", "2027-01-01T00:00:00Z"}) {
    const Reply reply = world.post(channel + "/startMigration", {{"conversationCreationDateTime", date}});
    CHECK(reply.status == 400);
    CHECK(reply.code() == "BadRequest");
    CHECK(reply.message() == "'ConversationCreationDateTime' must be older than the existing 'CreatedDateTime'");
  }
  CHECK(world.get(channel).body["migrationMode"].is_null());
  CHECK(world.get(channel).body["originalCreatedDateTime"].is_null());
}

TEST_CASE("E45, E46: the smallest date, and what is no date, are 400", "[migration]") {
  World world;
  const std::string channel = world.new_normal_channel(world.new_normal_team());
  for (const json& date : {json("0001-01-01T00:00:00Z"), json("2019-01-07T08:00:00"), json("last year"), json(""),
                           json(1546848000000), json::array(), json(true)}) {
    INFO(date.dump());
    CHECK(world.post(channel + "/startMigration", {{"conversationCreationDateTime", date}}).status == 400);
  }
  CHECK(world.get(channel).body["migrationMode"].is_null());
}

TEST_CASE("E47: a misspelt parameter is 400, by option it passes with a warning", "[migration]") {
  const json misspelt = {{"conversationCreatedDateTime", "2019-01-07T08:00:00Z"}};
  Options options = World::unlimited();
  SECTION("strict") {
    World world(options);
    const std::string channel = world.new_normal_channel(world.new_normal_team());
    CHECK(world.post(channel + "/startMigration", misspelt).status == 400);
    CHECK(world.post(channel + "/startMigration", {{"createdDateTime", "2019-01-07T08:00:00Z"}}).status == 400);
  }
  SECTION("lenient") {
    options.variants.lenient_names = true;
    World world(options);
    const std::string channel = world.new_normal_channel(world.new_normal_team());
    const Reply reply = world.post(channel + "/startMigration", misspelt);
    CHECK(reply.status == 204);
    CHECK_THAT(reply.header("Warning"), Catch::Contains("conversationCreationDateTime"));
    CHECK(world.get(channel).body["createdDateTime"] == "2019-01-07T08:00:00Z");
    json both = misspelt;
    both.update(kOlder);
    CHECK(world.post(world.new_chat() + "/startMigration", both).status == 400);
  }
}

TEST_CASE("E48: without a date the conversation stays as old as it is", "[migration]") {
  World world;
  const std::string channel = world.new_normal_channel(world.new_normal_team());
  world.clock.ms += 60'000;
  const json body = GENERATE(json(nullptr), json::object(), json{{"conversationCreationDateTime", nullptr}});
  CHECK(world.post(channel + "/startMigration", body).status == 204);
  CHECK(world.get(channel).body["createdDateTime"] == "2026-05-04T10:00:00Z");
  CHECK(world.get(channel).body["originalCreatedDateTime"] == "2026-05-04T10:00:00Z");
  CHECK(world.post(channel + "/messages", world.message_body("2026-05-04T10:00:01Z")).status == 200);
}

TEST_CASE("E48: by option a start without a date makes now the floor, until the next start", "[migration]") {
  Options options = World::unlimited();
  options.variants.empty_start_is_now = true;
  World world(options);
  const std::string channel = world.new_normal_channel(world.new_normal_team());
  world.clock.ms += 60'000;
  CHECK(world.post(channel + "/startMigration").status == 204);
  CHECK(world.get(channel).body["createdDateTime"] == "2026-05-04T10:00:00Z");
  world.clock.ms += 60'000;
  CHECK(world.post(channel + "/messages", world.message_body("2026-05-04T10:00:30Z")).status == 403);
  CHECK(world.post(channel + "/messages", world.message_body("2026-05-04T10:01:30Z")).status == 200);
  CHECK(world.post(channel + "/completeMigration").status == 204);
  CHECK(world.post(channel + "/startMigration", kOlder).status == 204);
  CHECK(world.post(channel + "/messages", world.message_body("2026-05-04T10:00:30Z")).status == 200);
}

TEST_CASE("E49: what is not there cannot be started", "[migration]") {
  World world;
  const std::string team = world.new_normal_team();
  const std::string channel = world.new_normal_channel(team);
  for (const std::string& path : {std::string("/teams/9b2c1f00-0000-4000-8000-000000000000/channels/x"),
                                  team + "/channels/19:none@thread.tacv2", std::string("/chats/19:none@thread.v2"),
                                  "/chats/" + channel.substr(channel.rfind('/') + 1)}) {  // a channel is no chat (4.30)
    INFO(path);
    const Reply reply = world.post(path + "/startMigration");
    CHECK(reply.status == 404);
    CHECK(reply.code() == "NotFound");
  }
}

TEST_CASE("4.22: chats are not found below teams", "[migration]") {
  World world;
  const Reply reply = world.post(world.new_normal_team() + world.new_chat() + "/startMigration");
  CHECK(reply.status == 400);
  CHECK(reply.message() == "Resource not found for the segment 'chats'.");
}

TEST_CASE("E50: meeting chats, and chats of other tenants, cannot be started", "[migration]") {
  TestFolder folder;
  Conversation chat;
  chat.id = "19:meeting_x@thread.v2";
  {
    auto store = Store::open(folder.path.string()).value();
    const std::string user = store->users().front().id;
    chat.members.push_back({new_member_id(chat.id, user), user, {"owner"}});
    chat.created = chat.updated = 1'000;
    SECTION("a meeting") {
      chat.chat_type = "meeting";
    }
    SECTION("of another tenant") {
      chat.chat_type = "group";
      chat.home_tenant = "11111111-2222-4333-8444-555555555555";
    }
    REQUIRE(store->add_chat(chat));
  }
  Options options = World::unlimited();
  options.data_dir = folder.path.string();
  World world(options);
  CHECK(world.get("/chats/" + chat.id).body["chatType"] == chat.chat_type);
  CHECK(world.post("/chats/" + chat.id + "/startMigration").status == 400);
  CHECK(world.get("/chats/" + chat.id).body["migrationMode"].is_null());
}

TEST_CASE("E51: a national cloud has neither startMigration nor the completion of chats", "[migration]") {
  Options options = World::unlimited();
  options.variants.start_anywhere = false;
  World world(options);
  const std::string channel = world.new_normal_channel(world.new_normal_team());
  for (const char* version : {"/v1.0", "/beta"}) {
    const Reply reply = world.post(version + channel + "/startMigration", kOlder);
    CHECK(reply.status == 400);
    CHECK(reply.message() == "Resource not found for the segment 'startMigration'.");
    CHECK(world.post(version + world.new_chat() + "/completeMigration").message() ==
          "Resource not found for the segment 'completeMigration'.");
  }
  CHECK(world.post(world.new_channel(world.new_team()) + "/completeMigration").status == 204);
}

TEST_CASE("E51: by option v1.0 alone lacks them", "[migration]") {
  Options options = World::unlimited();
  options.variants.v1_start = false;
  World world(options);
  const std::string chat = world.new_chat();
  CHECK(world.post("/v1.0" + chat + "/startMigration").status == 400);
  CHECK(world.post("/beta" + chat + "/startMigration").status == 204);
  CHECK(world.post("/v1.0" + chat + "/completeMigration").status == 400);
  CHECK(world.post("/beta" + chat + "/completeMigration").status == 204);
}

TEST_CASE("E52: a restart may go further back, by whoever asks, and the first age stays", "[migration]") {
  World world;
  const std::string channel = world.new_normal_channel(world.new_normal_team());
  REQUIRE(world.post(channel + "/startMigration", kOlder).status == 204);
  REQUIRE(world.post(channel + "/completeMigration").status == 204);
  CHECK(world.post(channel + "/startMigration", kOldest, "second").status == 204);
  CHECK(world.get(channel).body["originalCreatedDateTime"] == "2026-05-04T10:00:00Z");
  CHECK(world.get(channel).body["createdDateTime"] == "2018-01-07T08:00:00Z");
  CHECK(world.post(channel + "/messages", world.message_body()).status == 403);
  CHECK(world.post(channel + "/messages", world.message_body(), "second").status == 200);
  CHECK(world.post(channel + "/completeMigration").status == 403);
  CHECK(world.post(channel + "/completeMigration", nullptr, "second").status == 204);
}

TEST_CASE("E53: a restart with an equal or newer date is 400", "[migration]") {
  World world;
  const std::string channel = world.new_normal_channel(world.new_normal_team());
  REQUIRE(world.post(channel + "/startMigration", kOlder).status == 204);
  REQUIRE(world.post(channel + "/completeMigration").status == 204);
  CHECK(world.post(channel + "/startMigration", kOlder).status == 400);
  CHECK(world.post(channel + "/startMigration", {{"conversationCreationDateTime", "2020-01-01T00:00:00Z"}}).status ==
        400);
  CHECK(world.get(channel).body["migrationMode"] == "completed");
}

TEST_CASE("E54: a restart without a date keeps the floor", "[migration]") {
  World world;
  const std::string channel = world.new_normal_channel(world.new_normal_team());
  REQUIRE(world.post(channel + "/startMigration", kOlder).status == 204);
  REQUIRE(world.post(channel + "/completeMigration").status == 204);
  CHECK(world.post(channel + "/startMigration").status == 204);
  CHECK(world.get(channel).body["createdDateTime"] == "2019-01-07T08:00:00Z");
}

TEST_CASE("E57: what was never migrated says null, by option v1.0 says nothing at all", "[migration]") {
  Options options = World::unlimited();
  options.variants.mode_on_v1 = GENERATE(true, false);
  World world(options);
  const std::string channel = world.new_normal_channel(world.new_normal_team());
  for (const std::string& room : {channel, world.new_chat()}) {
    CHECK(world.get(room).body.contains("migrationMode") == options.variants.mode_on_v1);
    CHECK(world.get("/beta" + room).body.at("migrationMode").is_null());
    CHECK(world.get("/beta" + room).body.at("originalCreatedDateTime").is_null());
    REQUIRE(world.post(room + "/startMigration").status == 204);
    CHECK(world.get(room).body.contains("migrationMode") == options.variants.mode_on_v1);
  }
}

TEST_CASE("E58: migrationMode cannot be written", "[migration]") {
  World world;
  const std::string team = world.new_normal_team();
  for (const std::string& room : {team, world.new_normal_channel(team), world.new_chat()}) {
    const Reply reply = world.call("PATCH", room, {{"migrationMode", "completed"}});
    CHECK(reply.status == 400);
    CHECK(reply.message() == "The property 'migrationMode' cannot be updated.");
  }
}

TEST_CASE("The primary channel and a user's chats have the same actions", "[migration]") {
  World world;
  const std::string team = world.new_normal_team();
  CHECK(world.post(team + "/primaryChannel/startMigration", kOlder).status == 204);
  CHECK(world.get(world.general(team)).body["migrationMode"] == "inProgress");
  CHECK(world.post(team + "/primaryChannel/completeMigration").status == 204);

  const std::string chat = world.new_chat();
  CHECK(world.post("/users/" + world.user(1) + chat + "/startMigration", kOlder).status == 204);
  CHECK(world.get("/users/" + world.user(1) + chat).body["migrationMode"] == "inProgress");
  CHECK(world.post("/users/" + world.user(1) + chat + "/completeMigration").status == 204);
  CHECK(world.post("/users/" + world.user(5) + chat + "/startMigration").status == 404);
  CHECK(world.post("/users/nobody" + chat + "/startMigration").status == 404);
}

}  // namespace teamferry::emulator
