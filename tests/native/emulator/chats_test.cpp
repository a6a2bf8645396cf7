#include "tests/native/emulator/world.h"

namespace teamferry::emulator {
namespace {

const std::string kPairDuplicates = "Cannot create one-on-one chat with duplicate members";

// The membership of the user with this number.
json membership(World& world, const std::string& chat, std::size_t number) {
  const json members = world.get(chat + "/members").body["value"];
  for (const json& member : members) {
    if (member["userId"] == world.user(number)) return member;
  }
  return nullptr;
}

}  // namespace

TEST_CASE("E123: a group chat is 201 and not in migration mode", "[chats]") {
  World world;
  json body = world.chat_body("group", 3);
  body["topic"] = "Orbit core";
  const Reply reply = world.post("/chats", body);
  CHECK(reply.status == 201);
  CHECK_THAT(reply.body["id"].get<std::string>(), Catch::Matches("19:[0-9a-f]{32}@thread\\.v2"));
  CHECK(reply.body["topic"] == "Orbit core");
  CHECK(reply.body["chatType"] == "group");
  CHECK(reply.body["migrationMode"].is_null());
  const std::string chat = "/chats/" + reply.body["id"].get<std::string>();
  CHECK(world.get(chat + "/members").body["value"].size() == 3);
  CHECK(world.get(chat).body["webUrl"] == "https://teams.microsoft.com/l/chat/19%3A" +
                                              reply.body["id"].get<std::string>().substr(3, 32) +
                                              "%40thread.v2/0?tenantId=7e1f0c52-3b7a-4d8e-9c41-5a2b6d90e3f7");
}

TEST_CASE("E124: a pair has one chat, in whatever order it is named", "[chats]") {
  World world;
  json body = world.chat_body("oneOnOne", 2);
  const Reply first = world.post("/chats", body);
  std::swap(body["members"][0], body["members"][1]);
  const Reply second = world.post("/chats", body);
  CHECK(first.status == 201);
  CHECK(second.status == 201);
  CHECK(first.body["id"] == second.body["id"]);
  CHECK_THAT(first.body["id"].get<std::string>(), Catch::Matches("19:[0-9a-f-]{36}_[0-9a-f-]{36}@unq\\.gbl\\.spaces"));
  CHECK(world.get("/chats").body["value"].size() == 1);
}

TEST_CASE("E125: a one-on-one chat has exactly two different members", "[chats]") {
  World world;
  for (const std::size_t count : {1, 3}) {
    const Reply reply = world.post("/chats", world.chat_body("oneOnOne", count));
    CHECK(reply.status == 400);
    CHECK(reply.message() == kPairDuplicates);
  }
  json twice = world.chat_body("oneOnOne", 1);
  twice["members"].push_back(twice["members"][0]);
  CHECK(world.post("/chats", twice).message() == kPairDuplicates);
  twice["chatType"] = "group";
  CHECK(world.post("/chats", twice).message() == "Duplicate chat members is specified");
}

TEST_CASE("E126: visible history cannot be set when a chat is created", "[chats]") {
  World world;
  json body = world.chat_body("group", 3);
  body["members"][1]["visibleHistoryStartDateTime"] = "2019-01-01T00:00:00Z";
  CHECK(world.post("/chats", body).status == 400);
}

TEST_CASE("E122: a chat that breaks a rule is 400", "[chats]") {
  World world;
  const Change changes[] = {
      {"no members", [](json& body) { body.erase("members"); }},
      {"members that are none",
       [](json& body) {
         body["members"] = {1, 2};
       }},
      {"one member", [](json& body) { body["members"].get_ref<json::array_t&>().resize(1); }},
      {"no type", [](json& body) { body.erase("chatType"); }},
      {"a meeting", [](json& body) { body["chatType"] = "meeting"; }},
      {"an unknown role", [](json& body) { body["members"][0]["roles"] = {"boss"}; }},
      {"roles that are no list", [](json& body) { body["members"][0]["roles"] = "owner"; }},
      {"no address", [](json& body) { body["members"][0].erase("user@odata.bind"); }},
      {"nobody's address",
       [](json& body) { body["members"][0]["user@odata.bind"] = "https://graph.microsoft.com/v1.0/users('no')"; }},
      {"another kind of address",
       [](json& body) { body["members"][0]["user@odata.bind"] = "https://graph.microsoft.com/v1.0/groups('no')"; }},
      {"another kind of member",
       [](json& body) { body["members"][0]["@odata.type"] = "#microsoft.graph.skypeUserConversationMember"; }},
      {"a long topic", [](json& body) { body["topic"] = std::string(251, 'x'); }},
  };
  for (const Change& change : changes) {
    INFO(change.name);
    json body = world.chat_body("group", 3);
    change.make(body);
    CHECK(world.post("/chats", body).status == 400);
  }
  json pair = world.chat_body("oneOnOne", 2);
  pair["topic"] = "us";
  CHECK(world.post("/chats", pair).status == 400);
  CHECK(world.get("/chats").body["value"].empty());
}

TEST_CASE("E127: a member leaves a group chat", "[chats]") {
  World world;
  const std::string chat = world.new_chat();
  const std::string id = membership(world, chat, 1)["id"];
  const Reply reply = world.call("DELETE", chat + "/members/" + id);
  CHECK(reply.status == 204);
  CHECK(reply.text.empty());
  CHECK(world.get(chat + "/members").body["value"].size() == 2);
  CHECK(membership(world, chat, 1).is_null());
  CHECK(world.call("DELETE", chat + "/members/" + id).status == 404);
}

TEST_CASE("E127: the last member stays", "[chats]") {
  World world;
  const std::string chat = world.new_chat("group", 2);
  CHECK(world.call("DELETE", chat + "/members/" + membership(world, chat, 0)["id"].get<std::string>()).status == 204);
  CHECK(world.call("DELETE", chat + "/members/" + membership(world, chat, 1)["id"].get<std::string>()).status == 400);
  CHECK(world.get(chat + "/members").body["value"].size() == 1);
}

TEST_CASE("E128: the roster of a one-on-one chat is fixed", "[chats]") {
  World world;
  const std::string chat = world.new_chat("oneOnOne", 2);
  const Reply gone = world.call("DELETE", chat + "/members/" + membership(world, chat, 0)["id"].get<std::string>());
  CHECK(gone.status == 403);
  CHECK(gone.message() == "InsufficientPrivileges");
  CHECK(gone.inner() == "RosterAddMemberBlocked-Roster is blocked from remove member");
  const Reply added = world.post(chat + "/members", World::member(world.user(3)));
  CHECK(added.status == 403);
  CHECK_THAT(added.inner(), Catch::Contains("RosterAddMemberBlocked"));
  CHECK(world.get(chat + "/members").body["value"].size() == 2);
}

TEST_CASE("E129: who is added again sees the history that is asked for", "[chats]") {
  World world;
  const std::string chat = world.new_chat();
  world.call("DELETE", chat + "/members/" + membership(world, chat, 1)["id"].get<std::string>());
  json body = World::member(world.user(1));
  std::string seen;
  SECTION("from a date") {
    body["visibleHistoryStartDateTime"] = seen = "2019-01-01T00:00:00Z";
  }
  SECTION("all of it") {
    body["visibleHistoryStartDateTime"] = seen = "0001-01-01T00:00:00Z";
  }
  SECTION("nothing older than now") {
    seen = "2026-05-04T10:00:00Z";
  }
  const Reply reply = world.post(chat + "/members", body);
  CHECK(reply.status == 201);
  CHECK(reply.text.empty());
  const json member = membership(world, chat, 1);
  CHECK(reply.header("Location") == chat + "/members/" + member["id"].get<std::string>());
  CHECK(member["visibleHistoryStartDateTime"] == seen);
  CHECK(member["roles"] == json::array({"owner"}));
  CHECK(world.get("/v1.0" + reply.header("Location")).body["userId"] == world.user(1));
}

TEST_CASE("E119: who is in the chat already is 409", "[chats]") {
  World world;
  const std::string chat = world.new_chat();
  const Reply reply = world.post(chat + "/members", World::member(world.user(1)));
  CHECK(reply.status == 409);
  CHECK(world.get(chat + "/members").body["value"].size() == 3);
}

TEST_CASE("E130: a membership that ended is not found, though its user is back", "[chats]") {
  World world;
  const std::string chat = world.new_chat();
  const std::string old = membership(world, chat, 1)["id"];
  REQUIRE(world.call("DELETE", chat + "/members/" + old).status == 204);
  REQUIRE(world.post(chat + "/members", World::member(world.user(1))).status == 201);
  CHECK(membership(world, chat, 1)["id"] != old);
  CHECK(world.get(chat + "/members/" + old).status == 404);
  CHECK(world.call("DELETE", chat + "/members/" + old).status == 404);
}

TEST_CASE("E122: a member that is not one is not added to a chat", "[chats]") {
  World world;
  const std::string chat = world.new_chat();
  json body = World::member(world.user(3));
  body["visibleHistoryStartDateTime"] = "yesterday";
  CHECK(world.post(chat + "/members", body).status == 400);
  CHECK(world.post(chat + "/members", World::member("nobody")).status == 400);
  CHECK(world.post(chat + "/members", World::member(world.user(3), {"boss"})).status == 400);
  CHECK(world.post(chat + "/members", World::member(world.user(3)), "import-only").status == 403);
}

TEST_CASE("Several are added to a chat at once", "[chats]") {
  World world;
  const std::string chat = world.new_chat();
  const json values = {World::member(world.user(3)), World::member(world.user(1)), World::member("nobody")};
  const Reply reply = world.post(chat + "/members/add", {{"values", values}});
  CHECK(reply.status == 207);
  CHECK(reply.body["value"][0]["error"].is_null());
  CHECK(reply.body["value"][1]["error"]["code"] == "Conflict");
  CHECK(reply.body["value"][2]["error"]["code"] == "NotFound");
  CHECK(world.get(chat + "/members").body["value"].size() == 4);
}

TEST_CASE("Chats are listed in pages, with their members and last messages if asked", "[chats]") {
  World world;
  const std::string first = world.new_chat();
  const std::string second = world.new_chat("oneOnOne", 2);
  REQUIRE(world.post(second + "/startMigration", {{"conversationCreationDateTime", "2019-01-07T08:00:00Z"}}).status ==
          204);
  REQUIRE(world.post(second + "/messages", world.message_body()).status == 200);

  const Reply page = world.get("/chats?$top=1&$expand=members");
  REQUIRE(page.body["value"].size() == 1);
  CHECK(page.body["value"][0]["members"].size() == 3);
  const Reply next = world.get(page.body["@odata.nextLink"]);
  REQUIRE(next.body["value"].size() == 1);
  CHECK(next.body["value"][0]["members"].size() == 2);
  CHECK_FALSE(next.body.contains("@odata.nextLink"));

  const json read = world.get(second + "?$expand=members($select=id),lastMessagePreview&$select=id").body;
  CHECK(read["members"].size() == 2);
  CHECK(read["lastMessagePreview"]["createdDateTime"] == "2019-02-04T19:58:15.511Z");
  CHECK_FALSE(read.contains("topic"));
  CHECK(world.get(first + "?$expand=lastMessagePreview").body["lastMessagePreview"].is_null());
  CHECK_FALSE(world.get(first).body.contains("members"));
  CHECK(world.get(first + "?$expand=tabs").status == 400);
  CHECK(world.get("/chats?$expand=tabs").status == 400);
  CHECK(world.get("/chats?$top=51").status == 400);
  CHECK(world.get("/chats?$filter=chatType%20eq%20'oneOnOne'").body["value"].size() == 1);
  CHECK(world.get("/users/" + world.user(2) + "/chats").body["value"].size() == 1);
  CHECK(world.get("/users/nobody/chats").status == 404);
}

TEST_CASE("A group chat gets another topic, by who may", "[chats]") {
  Options options = World::unlimited();
  options.apps = default_apps();
  options.apps[0].roles.push_back("Chat.ReadWrite.All");
  World world(options);
  const std::string chat = world.new_chat();
  world.clock.ms += 1000;
  const Reply reply = world.call("PATCH", chat, {{"topic", "Orbit: core"}});
  CHECK(reply.status == 200);
  CHECK(reply.body["topic"] == "Orbit: core");
  CHECK(reply.body["lastUpdatedDateTime"] == "2026-05-04T10:00:01Z");
  CHECK(world.call("PATCH", chat, {{"topic", "x"}}, "second").status == 403);
  CHECK(world.call("PATCH", chat, {{"topic", std::string(251, 'x')}}).status == 400);
  CHECK(world.call("PATCH", world.new_chat("oneOnOne", 2), {{"topic", "x"}}).status == 400);
}

}  // namespace teamferry::emulator
