#include "tests/native/emulator/world.h"

namespace teamferry::emulator {
namespace {

const std::string kOpen = "All channels must be finalized before team.";

}  // namespace

TEST_CASE("E105: the owner completes", "[completion]") {
  World world;
  const std::string channel = world.new_channel(world.new_team());
  const std::string chat = world.new_chat();
  REQUIRE(world.post(chat + "/startMigration").status == 204);
  for (const std::string& room : {channel, chat}) {
    const Reply reply = world.post(room + "/completeMigration");
    CHECK(reply.status == 204);
    CHECK(reply.text.empty());
    CHECK(world.get(room).body["migrationMode"] == "completed");
  }
}

TEST_CASE("E106: what is completed cannot be completed again", "[completion]") {
  World world;
  const std::string channel = world.new_channel(world.new_team());
  REQUIRE(world.post(channel + "/completeMigration").status == 204);
  const Reply reply = world.post(channel + "/completeMigration");
  CHECK(reply.status == 400);
  CHECK(reply.message() == "Channel has already been finalized.");
}

TEST_CASE("E107: what was never started cannot be completed", "[completion]") {
  World world;
  CHECK(world.post(world.new_normal_team() + "/primaryChannel/completeMigration").status == 400);
  CHECK(world.post(world.new_chat() + "/completeMigration").status == 400);
}

TEST_CASE("E108: another app cannot complete", "[completion]") {
  Options options = World::unlimited();
  options.variants.other_app_status = GENERATE(403, 400);
  World world(options);
  const std::string team = world.new_team();
  const std::string channel = world.new_channel(team);
  const std::string chat = world.new_chat();
  REQUIRE(world.post(chat + "/startMigration").status == 204);
  for (const std::string& room : {channel, chat}) {
    const Reply reply = world.post(room + "/completeMigration", nullptr, "second");
    CHECK(reply.status == options.variants.other_app_status);
    CHECK(reply.message() == "Request Initiator does not match the import session intiator.");
    CHECK(world.get(room).body["migrationMode"] == "inProgress");
  }
  REQUIRE(world.post(channel + "/completeMigration").status == 204);
  REQUIRE(world.post(world.general(team) + "/completeMigration").status == 204);
  CHECK(world.post(team + "/completeMigration", nullptr, "second").status == options.variants.other_app_status);
  CHECK(world.post(team + "/completeMigration").status == 204);
}

TEST_CASE("E109: a team with an open channel cannot be completed", "[completion]") {
  World world;
  const std::string team = world.new_team();
  const std::string channel = world.new_channel(team);
  CHECK(world.post(team + "/completeMigration").message() == kOpen);
  CHECK(world.post(channel + "/completeMigration").status == 204);
  const Reply reply = world.post(team + "/completeMigration");  // General is open
  CHECK(reply.status == 400);
  CHECK(reply.message() == kOpen);
  CHECK(world.post(world.general(team) + "/completeMigration").status == 204);
  CHECK(world.post(team + "/completeMigration").status == 204);
}

TEST_CASE("E110: General completed before another bars the team for good", "[completion]") {
  World world;
  const std::string team = world.new_team();
  const std::string general = world.general(team);
  const std::string channel = world.new_channel(team);
  CHECK(world.post(general + "/completeMigration").status == 204);
  CHECK(world.post(channel + "/completeMigration").status == 204);
  const Reply reply = world.post(team + "/completeMigration");
  CHECK(reply.status == 400);
  CHECK(reply.message() == kOpen);
  CHECK(world.post(general + "/startMigration").status == 204);
  CHECK(world.post(general + "/completeMigration").status == 204);
  CHECK(world.post(team + "/completeMigration").status == 400);
}

TEST_CASE("E111: channels, then General, then the team", "[completion]") {
  World world;
  const std::string team = world.new_team();
  const std::string one = world.new_channel(team, "one");
  const std::string two = world.new_channel(team, "two");
  CHECK(world.post(one + "/completeMigration").status == 204);
  CHECK(world.post(two + "/completeMigration").status == 204);
  CHECK(world.post(world.general(team) + "/completeMigration").status == 204);
  CHECK(world.post(team + "/completeMigration").status == 204);
}

TEST_CASE("E112: a team is completed once, and only one that was in migration", "[completion]") {
  World world;
  const std::string team = world.new_team();
  CHECK(world.post(world.general(team) + "/completeMigration").status == 204);
  CHECK(world.post(team + "/completeMigration").status == 204);
  CHECK(world.post(team + "/completeMigration").status == 400);
  CHECK(world.post(world.new_normal_team() + "/completeMigration").status == 400);
}

TEST_CASE("E113: nothing is imported after the completion", "[completion]") {
  World world;
  const std::string channel = world.new_channel(world.new_team());
  REQUIRE(world.post(channel + "/completeMigration").status == 204);
  const Reply reply = world.post(channel + "/messages", world.message_body());
  CHECK(reply.status == 403);
  CHECK(reply.message() == "InsufficientPrivileges");
  CHECK(reply.inner() == "MessageWritesBlocked-Thread is not marked for import");
}

TEST_CASE("E114: after a restart old messages are there and hold their milliseconds", "[completion]") {
  World world;
  const std::string channel = world.new_channel(world.new_team());
  REQUIRE(world.post(channel + "/messages", world.message_body()).status == 200);
  REQUIRE(world.post(channel + "/completeMigration").status == 204);
  REQUIRE(world.post(channel + "/startMigration").status == 204);
  CHECK(world.post(channel + "/messages", world.message_body()).status == 409);
  CHECK(world.post(channel + "/messages", world.message_body("2019-02-04T19:58:15.512Z")).status == 200);
  CHECK(world.get(channel + "/messages").body["value"].size() == 2);
}

TEST_CASE("E115: a completion takes an empty body or {}, and nothing else", "[completion]") {
  World world;
  const std::string team = world.new_team();
  const std::string channel = world.new_channel(team);
  CHECK(world.raw("POST", channel + "/completeMigration", "[]").status == 400);
  CHECK(world.raw("POST", channel + "/completeMigration", R"({"force":true})").status == 400);
  CHECK(world.raw("POST", channel + "/completeMigration", "{}").status == 204);
  http::Request request;
  request.method = "POST";
  request.url = "/v1.0" + world.general(team) + "/completeMigration";
  request.headers.add("Authorization", "Bearer " + world.token("full"));
  request.headers.add("Content-Length", "0");
  CHECK(world.send(request).status == 204);
  CHECK(world.raw("POST", team + "/completeMigration", "{}").status == 204);
}

TEST_CASE("E116: actions may carry their namespace", "[completion]") {
  World world;
  const std::string chat = world.new_chat();
  CHECK(world.post(chat + "/microsoft.graph.startMigration").status == 204);
  CHECK(world.post(chat + "/microsoft.graph.completeMigration").status == 204);
  CHECK(world.post(world.new_channel(world.new_team()) + "/microsoft.graph.completeMigration").status == 204);
}

}  // namespace teamferry::emulator
