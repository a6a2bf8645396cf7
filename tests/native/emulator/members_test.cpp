#include "tests/native/emulator/world.h"

namespace teamferry::emulator {
namespace {

// "full" of the default apps, and one for members who own nothing, and one for channels.
Options with_member_apps() {
  Options options = World::unlimited();
  options.apps = default_apps();
  options.apps.push_back({"9f1e2d3c-4b5a-4968-8776-655443322110",
                          "emulator-member-secret",
                          {"TeamMember.ReadWriteNonOwnerRole.All", "Team.ReadBasic.All"},
                          "non-owner"});
  return options;
}

std::string completed_team(World& world) {
  const std::string team = world.new_team();
  REQUIRE(world.post(world.general(team) + "/completeMigration").status == 204);
  REQUIRE(world.post(team + "/completeMigration").status == 204);
  return team;
}

const json kNone = json::array();

}  // namespace

TEST_CASE("E19: Teamwork.Migrate.All does not add members", "[members]") {
  World world;
  const std::string team = completed_team(world);
  const Reply reply = world.post(team + "/members", World::member(world.user(0)), "import-only");
  CHECK(reply.status == 403);
  CHECK(reply.message() ==
        "Missing role permissions on the request. API requires one of 'TeamMember.ReadWriteNonOwnerRole.All, "
        "TeamMember.ReadWrite.All, Group.ReadWrite.All'. Roles on the request 'Teamwork.Migrate.All'.");
}

TEST_CASE("E117: a team in migration takes no members", "[members]") {
  World world;
  const std::string team = world.new_team();
  const json one = World::member(world.user(0));
  for (const Reply& reply :
       {world.post(team + "/members", one), world.post(team + "/members/add", {{"values", json::array({one})}}),
        world.post(team + "/members/remove", {{"values", json::array({one})}})}) {
    CHECK(reply.status == 403);
    CHECK(reply.code() == "Forbidden");
    CHECK(reply.message() == "You do not have permission to perform this operation.");
  }
  CHECK(world.get(team + "/members").body["value"] == kNone);
}

TEST_CASE("E118: after the completion a member is 201 with a body, by option 204", "[members]") {
  Options options = World::unlimited();
  options.variants.member_status = GENERATE(201, 204);
  World world(options);
  const std::string team = completed_team(world);
  const Reply reply = world.post(team + "/members", World::member(world.user(0)));
  CHECK(reply.status == options.variants.member_status);
  const json listed = world.get(team + "/members").body["value"];
  REQUIRE(listed.size() == 1);
  CHECK(listed[0]["userId"] == world.user(0));
  CHECK(listed[0]["roles"] == json::array({"owner"}));
  CHECK(listed[0]["email"] == world.router->users()[0].mail);
  CHECK(listed[0]["@odata.type"] == "#microsoft.graph.aadUserConversationMember");
  if (reply.status == 204) {
    CHECK(reply.text.empty());
  } else {
    CHECK(reply.body["id"] == listed[0]["id"]);
    CHECK(world.get(team + "/members/" + reply.body["id"].get<std::string>()).body["userId"] == world.user(0));
  }
}

TEST_CASE("E118: a member is named by id or by address, in either form", "[members]") {
  World world;
  const std::string team = completed_team(world);
  json body = World::member(world.user(0), kNone);
  body["user@odata.bind"] = "https://graph.microsoft.us/beta/users/" + world.router->users()[1].mail;
  CHECK(world.post(team + "/members", body).body["userId"] == world.user(1));
  body["user@odata.bind"] = "http://graph.example:8080/v1.0/users('" + world.router->users()[2].mail + "')";
  CHECK(world.post(team + "/members", body).body["userId"] == world.user(2));
}

TEST_CASE("E119: who is in the team already is answered again, and may become an owner", "[members]") {
  World world;
  const std::string team = completed_team(world);
  const Reply first = world.post(team + "/members", World::member(world.user(0), kNone));
  const Reply again = world.post(team + "/members", World::member(world.user(0), kNone));
  CHECK(again.status == 201);
  CHECK(again.body["id"] == first.body["id"]);
  CHECK(world.post(team + "/members", World::member(world.user(0))).body["roles"] == json::array({"owner"}));
  CHECK(world.post(team + "/members", World::member(world.user(0), kNone)).body["roles"] == json::array({"owner"}));
  CHECK(world.get(team + "/members").body["value"].size() == 1);
}

TEST_CASE("E120: all of a bulk are added", "[members]") {
  World world;
  const std::string team = completed_team(world);
  const json values = {World::member(world.user(0)), World::member(world.user(1), kNone)};
  const Reply reply = world.post(team + "/members/add", {{"values", values}});
  CHECK(reply.status == 200);
  REQUIRE(reply.body["value"].size() == 2);
  for (std::size_t i = 0; i < 2; ++i) {
    CHECK(reply.body["value"][i]["@odata.type"] == "#microsoft.graph.aadUserConversationMemberResult");
    CHECK(reply.body["value"][i]["userId"] == world.user(i));
    CHECK(reply.body["value"][i]["error"].is_null());
  }
  CHECK(world.get(team + "/members").body["value"].size() == 2);
}

TEST_CASE("E121: of a bulk with a stranger the others are added", "[members]") {
  World world;
  const std::string team = completed_team(world);
  const json values = {World::member("18a80140-b0fb-4489-b360-2f6efaf225a0"), World::member(world.user(1), kNone)};
  const Reply reply = world.post(team + "/members/add", {{"values", values}});
  CHECK(reply.status == 207);
  CHECK(reply.body["value"][0]["error"] == json({{"code", "NotFound"}, {"message", ""}}));
  CHECK(reply.body["value"][0]["userId"] == "18a80140-b0fb-4489-b360-2f6efaf225a0");
  CHECK(reply.body["value"][1]["error"].is_null());
  CHECK(world.get(team + "/members").body["value"].size() == 1);
}

TEST_CASE("E122: what is no member is 400, alone and in a bulk", "[members]") {
  World world;
  const std::string team = completed_team(world);
  const Change changes[] = {
      {"no address", [](json& body) { body.erase("user@odata.bind"); }},
      {"an address that is a number", [](json& body) { body["user@odata.bind"] = 7; }},
      {"a bare id", [](json& body) { body["user@odata.bind"] = "8c0a1a67-50ce-4114-bb6c-da9c5dbcf6ca"; }},
      {"a foreign host", [](json& body) { body["user@odata.bind"] = "https://elsewhere.example/v1.0/users('x')"; }},
      {"no key", [](json& body) { body["user@odata.bind"] = "https://graph.microsoft.com/v1.0/users"; }},
      {"an unknown role", [](json& body) { body["roles"] = {"admin"}; }},
      {"two roles",
       [](json& body) {
         body["roles"] = {"owner", "guest"};
       }},
      {"an unknown property", [](json& body) { body["role"] = "owner"; }},
  };
  for (const Change& change : changes) {
    INFO(change.name);
    json body = World::member(world.user(0));
    change.make(body);
    CHECK(world.post(team + "/members", body).status == 400);
    CHECK(world.post(team + "/members/add", {{"values", json::array({body})}}).status == 400);
  }
  CHECK(world.post(team + "/members", World::member("nobody")).status == 400);
  CHECK(world.post(team + "/members/add", {{"values", json::array()}}).status == 400);
  CHECK(world.post(team + "/members/add", {{"values", 1}}).status == 400);
  CHECK(world.post(team + "/members/add", json::object()).status == 400);
  CHECK(world.get(team + "/members").body["value"] == kNone);
}

TEST_CASE("E118: the lesser role adds members, but neither adds nor removes owners", "[members]") {
  World world(with_member_apps());
  const std::string team = world.new_normal_team();
  CHECK(world.post(team + "/members", World::member(world.user(1), kNone), "non-owner").status == 201);
  const Reply reply = world.post(team + "/members", World::member(world.user(1)), "non-owner");
  CHECK(reply.status == 403);
  CHECK_THAT(reply.message(), Catch::Contains("'TeamMember.ReadWrite.All, Group.ReadWrite.All'"));
  const json bulk = {{"values", json::array({World::member(world.user(2))})}};
  CHECK(world.post(team + "/members/add", bulk, "non-owner").status == 403);
  const std::string owner = world.get(team + "/members").body["value"][0]["id"];
  CHECK(world.call("DELETE", team + "/members/" + owner, nullptr, "non-owner").status == 403);
  CHECK(world.call("PATCH", team + "/members/" + owner, {{"roles", kNone}}, "non-owner").status == 403);
}

TEST_CASE("Members change their roles and leave, but the last owner stays", "[members]") {
  World world;
  const std::string team = world.new_normal_team();
  const std::string owner = world.get(team + "/members").body["value"][0]["id"];
  const std::string other = world.post(team + "/members", World::member(world.user(1), kNone)).body["id"];
  CHECK(world.call("DELETE", team + "/members/" + owner).status == 400);
  CHECK(world.call("PATCH", team + "/members/" + owner, {{"roles", kNone}}).status == 400);
  CHECK(world.call("PATCH", team + "/members/" + other, {{"roles", {"boss"}}}).status == 400);
  CHECK(world.call("PATCH", team + "/members/" + other, {{"userId", "x"}}).status == 400);
  const Reply reply = world.call("PATCH", team + "/members/" + other, {{"roles", {"owner"}}});
  CHECK(reply.status == 200);
  CHECK(reply.body["roles"] == json::array({"owner"}));
  CHECK(world.call("DELETE", team + "/members/" + owner).status == 204);
  CHECK(world.get(team + "/members/" + owner).status == 404);
  CHECK(world.get(team + "/members").body["value"].size() == 1);
}

TEST_CASE("Several leave a team at once", "[members]") {
  World world;
  const std::string team = world.new_normal_team();
  REQUIRE(world.post(team + "/members", World::member(world.user(1), kNone)).status == 201);
  const json values = {World::member(world.user(1), kNone), World::member(world.user(2), kNone)};
  const Reply reply = world.post(team + "/members/remove", {{"values", values}});
  CHECK(reply.status == 207);
  CHECK(reply.body["value"][0]["error"].is_null());
  CHECK(reply.body["value"][1]["error"]["code"] == "NotFound");
  CHECK(world.get(team + "/members").body["value"].size() == 1);
}

TEST_CASE("Members come in pages and by a filter", "[members]") {
  World world;
  const std::string team = world.new_normal_team();
  for (std::size_t i = 1; i < 4; ++i) world.post(team + "/members", World::member(world.user(i), kNone));
  const Reply page = world.get(team + "/members?$top=3");
  CHECK(page.body["value"].size() == 3);
  CHECK(page.body["@odata.count"] == 3);
  CHECK(world.get(page.body["@odata.nextLink"]).body["value"].size() == 1);
  const std::string filter = "?$filter=(microsoft.graph.aadUserConversationMember/userId%20eq%20'";
  const Reply found = world.get(team + "/members" + filter + world.user(2) + "')");
  REQUIRE(found.body["value"].size() == 1);
  CHECK(found.body["value"][0]["userId"] == world.user(2));
  CHECK(world.get(team + "/members?$filter=microsoft.graph.x").status == 400);
  CHECK(world.get(team + "/members?$filter=roles/any(r:r%20eq%20'owner')").body["value"].size() == 1);
}

TEST_CASE("A private channel has members of its own, out of the team", "[members]") {
  World world;
  const std::string team = world.new_normal_team();
  REQUIRE(world.post(team + "/members", World::member(world.user(1), kNone)).status == 201);
  const std::string channel =
      world.new_normal_channel(team, {{"displayName", "quiet"},
                                      {"membershipType", "private"},
                                      {"members", json::array({World::member(world.user(0))})}});
  CHECK(world.get(channel + "/members").body["value"].size() == 1);
  CHECK(world.post(channel + "/members", World::member(world.user(2), kNone)).status == 400);
  const Reply added = world.post(channel + "/members", World::member(world.user(1), kNone));
  CHECK(added.status == 201);
  const std::string member = channel + "/members/" + added.body["id"].get<std::string>();
  CHECK(world.get(member).body["userId"] == world.user(1));
  CHECK(world.call("PATCH", member, {{"roles", {"owner"}}}).status == 200);
  CHECK(world.post(world.general(team) + "/members", World::member(world.user(1), kNone)).status == 400);
  CHECK(world.get(world.general(team) + "/members").body["value"].size() == 2);

  SECTION("who is removed from it stays in the team") {
    CHECK(world.call("DELETE", member).status == 204);
    CHECK(world.get(team + "/members").body["value"].size() == 2);
  }
  SECTION("who leaves the team leaves it too") {
    const json values = json::array({World::member(world.user(1), kNone)});
    CHECK(world.post(team + "/members/remove", {{"values", values}}).status == 200);
    CHECK(world.get(member).status == 404);
  }
}

}  // namespace teamferry::emulator
