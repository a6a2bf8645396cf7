// The client, its whole row of policies and the event loop against the emulator, over real sockets.
#include <fmt/format.h>
#include <catch2/catch.hpp>

#include "tests/native/graph/emulated_graph.h"

using namespace teamferry;
using namespace teamferry::graph;
using World = EmulatedGraph;
using namespace std::chrono_literals;

namespace {

const char* const kTeamBody = R"json({"@microsoft.graph.teamCreationMode":"migration","displayName":"Orbit",
  "template@odata.bind":"https://graph.microsoft.com/v1.0/teamsTemplates('standard')"})json";

}  // namespace

TEST_CASE("A team lives from its creation to its completion", "[graph][emulator]") {
  World world;
  const std::string team = world.new_team();
  const ConversationRef here = {team, world.new_channel(team)};

  const auto root = world.run(world.client.import_message(here, "", world.body(1, "<p>Launch</p>")));
  REQUIRE(root.ok());
  REQUIRE_FALSE(root.value().id.empty());
  CHECK(root.value().createdDateTime == DateTime::parse("2019-02-04T19:00:01.511Z"));
  const auto reply = world.run(world.client.import_message(here, root.value().id, world.body(2, "<p>moved</p>")));
  REQUIRE(reply.ok());

  const auto read = world.run(world.client.reply(here, root.value().id, reply.value().id));
  REQUIRE(read.ok());
  CHECK(read.value().replyToId == root.value().id);
  CHECK(read.value().from_user_id == world.author());
  CHECK(read.value().content == "<p>moved</p>");
  CHECK(read.value().createdDateTime == DateTime::parse("2019-02-04T19:00:02.511Z"));
  CHECK(world.run(world.client.message(here, root.value().id)).value().replyToId.empty());
  CHECK(world.run(world.client.replies_page(here, root.value().id, "")).value().messages.size() == 1);

  const auto again = world.run(world.client.import_message(here, "", world.body(1, "<p>Launch</p>")));
  REQUIRE_FALSE(again.ok());
  CHECK(again.error().status == 409);

  const auto channels = world.run(world.client.channels(team));
  REQUIRE(channels.ok());
  CHECK(channels.value().size() == 2);
  const auto general = world.run(world.client.primary_channel(team));
  REQUIRE(general.ok());

  CHECK(world.run(world.client.complete_team(team)).error().status == 400);
  CHECK(world.run(world.client.complete_channel(team, here.channel_id)).ok());
  CHECK(world.run(world.client.complete_channel(team, general.value().id)).ok());
  CHECK(world.run(world.client.complete_team(team)).ok());
  CHECK(world.run(world.client.channel(team, here.channel_id)).value().migrationMode == MigrationMode::completed);

  const auto late = world.run(world.client.import_message(here, "", world.body(9, "<p>late</p>")));
  REQUIRE_FALSE(late.ok());
  CHECK(late.error().status == 403);
  CHECK(late.error().inner_message.find("not marked for import") != std::string::npos);
}

TEST_CASE("What takes time to appear is waited for, in either form of its place", "[graph][emulator]") {
  for (const bool slashes : {false, true}) {
    auto options = unthrottled();
    options.provisioning = 30ms;
    options.variants.slash_locations = slashes;
    options.variants.channel_status = slashes ? 201 : 202;
    options.variants.import_status = slashes ? 201 : 200;
    World world(options);
    const std::string team = world.new_team();
    const ConversationRef here = {team, world.new_channel(team)};
    CHECK(world.run(world.client.import_message(here, "", world.body(1, "x"))).ok());
  }
}

TEST_CASE("A team whose creation fails says so", "[graph][emulator]") {
  auto options = unthrottled();
  options.variants.fail_provisioning = true;
  World world(options);
  const auto created = world.run(world.client.create_team(kTeamBody));
  REQUIRE(created.ok());
  CHECK(world.run(world.client.wait_for_team(created.value(), {5ms, 10s})).error().code == "operation_failed");
}

TEST_CASE("A hundred and twenty roots come in three pages, with their replies where asked for", "[graph][emulator]") {
  World world;
  const std::string team = world.new_team();
  const ConversationRef here = {team, world.new_channel(team)};
  std::string first_root;
  for (int i = 0; i < 120; ++i) {
    const auto imported = world.run(world.client.import_message(here, "", world.body(i, fmt::format("m{}", i))));
    REQUIRE(imported.ok());
    if (i == 119) first_root = imported.value().id;
  }
  REQUIRE(world.run(world.client.import_message(here, first_root, world.body(500, "reply"))).ok());

  std::vector<std::size_t> sizes;
  std::string next;
  do {
    const auto page = world.run(world.client.messages_page(here, next));
    REQUIRE(page.ok());
    sizes.push_back(page.value().messages.size());
    next = page.value().next_link;
  } while (!next.empty());
  CHECK(sizes == std::vector<std::size_t>{50, 50, 20});

  const auto expanded = world.run(world.client.messages_page(here, "", Replies::expanded));
  REQUIRE(expanded.ok());
  CHECK(expanded.value().messages.at(0).id == first_root);
  REQUIRE(expanded.value().messages.at(0).replies.size() == 1);
  CHECK(expanded.value().messages.at(0).replies[0].content == "reply");
}

TEST_CASE("People are found by address, name and id", "[graph][emulator]") {
  World world;
  const auto user = world.emulated->ensure_user("Finn O'Hara", "finn.o'hara@orbit.example").value();
  for (const std::string& who : {user.mail, user.userPrincipalName, user.id}) {
    INFO(who);
    const auto found = world.run(world.client.find_user(who));
    REQUIRE(found.ok());
    REQUIRE(found.value());
    CHECK(found.value()->id == user.id);
    CHECK(found.value()->displayName == "Finn O'Hara");
  }
  CHECK_FALSE(world.run(world.client.find_user("nobody@orbit.example")).value());
  const auto many = world.run(world.client.find_users({user.mail, "nobody@orbit.example", user.id}));
  REQUIRE(many.size() == 3);
  CHECK(many[0].value());
  CHECK_FALSE(many[1].value());
  CHECK(many[2].value());
}

TEST_CASE("A wrong secret and a missing role are told with their cure", "[graph][emulator]") {
  World reader(unthrottled(), "reader");
  const auto refused = reader.run(reader.client.create_team(kTeamBody));
  CHECK(refused.error().status == 403);
  CHECK(refused.error().message.find("Teamwork.Migrate.All") != std::string::npos);

  World world;
  auto credential = world.credential("full");
  credential.secret = auth::Secret("wrong");
  auth::ClientSecretSource wrong(world.loop, world.clock, world.cloud, credential);
  const auto token = world.run(wrong.token());
  CHECK(token.error().code == "AADSTS7000215");
  const auto claims = auth::read_claims(world.run(world.tokens.token()).value());
  REQUIRE(claims.ok());
  CHECK(claims.value().has_role("Teamwork.Migrate.All"));
}

TEST_CASE("A burst of imports meets a 429 with its Retry-After", "[graph][emulator]") {
  World world(emulator::Options{});
  const std::string team = world.new_team();
  const ConversationRef here = {team, world.new_channel(team)};
  std::optional<Error> refused;
  for (int i = 0; i < 20 && !refused; ++i) {
    const auto imported = world.run(world.client.import_message(here, "", world.body(i, "x")));
    if (!imported.ok()) refused = imported.error();
  }
  REQUIRE(refused);
  CHECK(refused->status == 429);
  CHECK(refused->retry_after);
}

TEST_CASE("A group chat lives from its creation through two migrations", "[graph][emulator]") {
  auto options = unthrottled();
  const bool old_service = GENERATE(false, true);
  options.variants.v1_start = !old_service;
  options.variants.mode_on_v1 = !old_service;
  World world(options);
  const auto created = world.run(world.client.create_chat(world.chat_body("group", {"ada", "ben", "cleo"})));
  REQUIRE(created.ok());
  const auto here = ConversationRef::chat(created.value().id);
  const auto before = world.run(world.client.conversation(here));
  CHECK(before.value().migrationMode == MigrationMode::none);
  CHECK(before.value().chatType == "group");

  REQUIRE(world.run(world.client.start_migration(here, DateTime::parse("2019-01-07T08:00:00Z"))).ok());
  const auto open = world.run(world.client.chat(here.chat_id)).value();
  CHECK(open.migrationMode == MigrationMode::inProgress);
  CHECK(open.createdDateTime == DateTime::parse("2019-01-07T08:00:00Z"));
  CHECK(open.originalCreatedDateTime == before.value().createdDateTime);
  CHECK(world.run(world.client.start_migration(here, std::nullopt)).error().status == 400);

  const auto imported = world.run(world.client.import_message(here, "", world.body(1, "<p>Launch</p>")));
  REQUIRE(imported.ok());
  CHECK(world.run(world.client.message(here, imported.value().id)).value().content == "<p>Launch</p>");
  CHECK(world.run(world.client.messages_page(here, "")).value().messages.size() == 1);

  REQUIRE(world.run(world.client.complete_migration(here)).ok());
  CHECK(world.run(world.client.conversation(here)).value().migrationMode == MigrationMode::completed);
  CHECK(world.run(world.client.complete_migration(here)).error().status == 400);
  CHECK(world.run(world.client.start_migration(here, std::nullopt)).ok());
  CHECK(world.run(world.client.import_message(here, "", world.body(2, "<p>more</p>"))).ok());
}

TEST_CASE("A conversation that is not there is a 404 on old services too", "[graph][emulator]") {
  auto options = unthrottled();
  options.variants.v1_start = GENERATE(true, false);
  World world(options);
  const auto lost = world.run(world.client.start_migration(ConversationRef::chat("19:none@thread.v2"), std::nullopt));
  CHECK(lost.error().status == 404);
}
