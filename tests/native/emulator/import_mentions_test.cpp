#include "tests/native/emulator/import_world.h"

namespace teamferry::emulator {
namespace {

json mention(int id, const std::string& kind = "user",
             const json& identity = {{"id", "someone"}, {"displayName", "Ada"}}) {
  return {{"id", id}, {"mentionText", "Ada"}, {"mentioned", {{kind, identity}}}};
}

json reaction(const std::string& type = "👍") {
  return {{"reactionType", type},
          {"createdDateTime", "2019-02-04T20:00:00Z"},
          {"user", {{"user", {{"id", "someone"}, {"userIdentityType", "aadUser"}}}}}};
}

}  // namespace

TEST_CASE("E82: a mention without its <at> is 400", "[import]") {
  ImportWorld world;
  json body = world.html(GENERATE("<p>Ada</p>", "<at id=\"1\">Ada</at>", "<!-- <at id=\"0\">Ada</at> -->"));
  body["mentions"] = json::array({mention(0)});
  const Reply reply = world.import(body);
  CHECK(reply.status == 400);
  CHECK(reply.code() == "BadRequest");
  CHECK(reply.message() == "Neither Body nor adaptive card content contains marker for mention with Id '0'.");
}

TEST_CASE("E82: in a text body an <at> is no marker", "[import]") {
  ImportWorld world;
  json body = world.html("<at id=\"0\">Ada</at>");
  body["body"]["contentType"] = "text";
  body["mentions"] = json::array({mention(0)});
  CHECK(world.import(body).status == 400);
}

TEST_CASE("E83: an <at> without its mention is 400, or text by option", "[import]") {
  Options options = World::unlimited();
  options.variants.stray_marks = GENERATE(false, true);
  ImportWorld world(options);
  json body = world.html(GENERATE("<at id=\"5\">Ada</at>", "<at id=\"five\">Ada</at>", "<at id=''>Ada</at>"));
  const Reply reply = world.import(body);
  CHECK(reply.status == (options.variants.stray_marks ? 200 : 400));
  if (options.variants.stray_marks) CHECK(reply.body["body"] == body["body"]);
}

TEST_CASE("E84: two mentions with the same id are 400", "[import]") {
  ImportWorld world;
  json body = world.html("<at id=\"0\">Ada</at>");
  body["mentions"] = json::array({mention(0), mention(0)});
  const Reply reply = world.import(body);
  CHECK(reply.status == 400);
  CHECK(reply.message() == "Mention Id '0' is not unique.");
}

TEST_CASE("E85: mentions of a user and of the channel are echoed in the service's shape", "[import]") {
  ImportWorld world;
  json body = world.html("<at id=\"0\">Ada</at> and <at id=1>launch-room</at>");
  const json channel = {{"id", "19:x@thread.tacv2"},
                        {"displayName", "launch-room"},
                        {"conversationIdentityType@odata.type", "#microsoft.graph.teamworkConversationIdentityType"},
                        {"conversationIdentityType", "channel"}};
  body["mentions"] = json::array({mention(0), mention(1, "conversation", channel)});
  body["mentions"][1]["mentioned"]["user"] = nullptr;
  const Reply reply = world.import(body);
  REQUIRE(reply.status == 200);
  const json& echoed = reply.body["mentions"];
  REQUIRE(echoed.size() == 2);
  CHECK(echoed[0] == json{{"id", 0},
                          {"mentionText", "Ada"},
                          {"mentioned",
                           {{"application", nullptr},
                            {"device", nullptr},
                            {"conversation", nullptr},
                            {"user", body["mentions"][0]["mentioned"]["user"]}}}});
  CHECK(echoed[1]["mentioned"]["conversation"] == channel);
  CHECK(echoed[1]["mentioned"]["user"].is_null());
  CHECK(world.get(world.messages).body["value"][0]["mentions"] == echoed);
}

TEST_CASE("E85: the same mention may stand twice in the text", "[import]") {
  ImportWorld world;
  json body = world.html("<at id=\"0\">Ada</at><at id=\"0\">Park</at>");
  body["mentions"] = json::array({mention(0)});
  CHECK(world.import(body).status == 200);
}

TEST_CASE("A mention that does not say who, or is none, is 400", "[import]") {
  ImportWorld world;
  json body = world.html("<at id=\"0\">Ada</at>");
  json bad = mention(0);
  const int which = GENERATE(range(0, 9));
  INFO(which);
  if (which == 0) bad.erase("id");
  if (which == 1) bad["id"] = "0";
  if (which == 2) bad["id"] = 3'000'000'000;
  if (which == 3) bad.erase("mentioned");
  if (which == 4) bad["mentioned"] = json::object();
  if (which == 5) bad["mentioned"]["conversation"] = {{"id", "x"}};
  if (which == 6) bad["mentioned"]["user"].erase("id");
  if (which == 7) bad = "Ada";
  if (which == 8) bad["mentionText"] = 7;
  body["mentions"] = json::array({bad});
  CHECK(world.import(body).status == 400);
}

TEST_CASE("E99: 250 reactions are echoed in the service's shape; 251 are 400", "[import]") {
  ImportWorld world;
  json body = world.message_body();
  body["reactions"] = json(251, reaction());
  CHECK(world.import(body).status == 400);
  body["reactions"] = json(250, reaction());
  const Reply reply = world.import(body);
  REQUIRE(reply.status == 200);
  CHECK(reply.body["reactions"].size() == 250);
  CHECK(
      reply.body["reactions"][249] ==
      json{{"reactionType", "👍"},
           {"displayName", nullptr},
           {"reactionContentUrl", nullptr},
           {"createdDateTime", "2019-02-04T20:00:00Z"},
           {"user", {{"application", nullptr}, {"device", nullptr}, {"user", body["reactions"][0]["user"]["user"]}}}});
  CHECK(world.get(world.messages).body["value"][0]["reactions"] == reply.body["reactions"]);
}

TEST_CASE("E99: reactions are refused by option, their absence is not", "[import]") {
  Options options = World::unlimited();
  options.variants.refuse_reactions = true;
  ImportWorld world(options);
  json body = world.message_body();
  body["reactions"] = json::array({reaction()});
  CHECK(world.import(body).status == 400);
  body["reactions"] = json::array();
  CHECK(world.import(body).status == 200);
}

TEST_CASE("E100: a reaction that lacks its type, time or user is 400", "[import]") {
  ImportWorld world;
  json body = world.message_body();
  json partial = reaction();
  const std::string member = GENERATE("createdDateTime", "user", "reactionType");
  const json value = GENERATE(json(nullptr), json("x\x01"), json(7), json::array(), json("absent"));
  INFO(member << " " << value.dump());
  if (value == "absent") {
    partial.erase(member);
  } else {
    partial[member] = value;
  }
  body["reactions"] = json::array({partial});
  const bool good = member == "reactionType" && value == "x\x01";  // any text is a type
  CHECK(world.import(body).status == (good ? 200 : 400));
}

}  // namespace teamferry::emulator
