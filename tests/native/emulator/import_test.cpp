#include "native/emulator/tenant.h"
#include "tests/native/emulator/folder.h"
#include "tests/native/emulator/import_world.h"

namespace teamferry::emulator {
TEST_CASE("E59: a good root comes back as a chatMessage", "[import]") {
  Options options;
  options.variants.import_status = GENERATE(200, 201);
  ImportWorld channel(options);
  json body = channel.message_body();
  body["subject"] = "Launch \"now\"";
  body["importance"] = "high";
  const Reply reply = channel.import(body);
  CHECK(reply.status == options.variants.import_status);
  const json& m = reply.body;
  CHECK(m["id"] == "1549310295511");
  CHECK(m["etag"] == "1549310295511");
  CHECK(m["replyToId"].is_null());
  CHECK(m["messageType"] == "message");
  CHECK(m["createdDateTime"] == "2019-02-04T19:58:15.511Z");
  CHECK(m["subject"] == "Launch \"now\"");
  CHECK(m["importance"] == "high");
  CHECK(m["locale"] == "en-us");
  CHECK(m["body"] == body["body"]);
  CHECK(m["from"]["user"]["id"] == body["from"]["user"]["id"]);
  CHECK(m["from"]["user"]["displayName"] == "Ada");
  CHECK(m["channelIdentity"]["teamId"] == channel.team.substr(7));
  CHECK(m["chatId"].is_null());
  CHECK(m["attachments"] == json::array());
  CHECK_THAT(m["@odata.context"].get<std::string>(), Catch::EndsWith("/messages/$entity"));
  CHECK_THAT(m["webUrl"].get<std::string>(), Catch::Contains("createdTime=1549310295511"));
}

TEST_CASE("E59: ids of ingestion grow with arrival and are unique", "[import]") {
  Options options = World::unlimited();
  options.ingestion_ids = true;
  ImportWorld channel(options);
  const Reply late = channel.import_at("2020-01-01T00:00:00Z");
  const Reply early = channel.import_at("2019-06-01T00:00:00Z");
  CHECK(late.body["id"] == std::to_string(channel.clock.ms));
  CHECK(early.body["id"] == std::to_string(channel.clock.ms + 1));
  CHECK(channel.get(channel.messages + "/" + early.body["id"].get<std::string>()).body["createdDateTime"] ==
        "2019-06-01T00:00:00Z");
}

TEST_CASE("E60: times are cut to the millisecond, not rounded", "[import]") {
  ImportWorld channel;
  CHECK(channel.import_at("2019-02-04T19:58:15.5119999Z").body["createdDateTime"] == "2019-02-04T19:58:15.511Z");
}

TEST_CASE("E61: a second message in the same millisecond of a conversation is 409", "[import]") {
  ImportWorld channel;
  CHECK(channel.import_at("2019-02-04T19:58:15.511Z").status == 200);
  const Reply second = channel.import_at("2019-02-04T20:58:15.511+01:00");
  CHECK(second.status == 409);
  CHECK(second.code() == "Conflict");
}

TEST_CASE("E62: times that are equal after cutting clash", "[import]") {
  ImportWorld channel;
  CHECK(channel.import_at("2019-02-04T19:58:15.5119Z").status == 200);
  CHECK(channel.import_at("2019-02-04T19:58:15.5111Z").status == 409);
}

TEST_CASE("E63: a reply clashes with a root of the same channel", "[import]") {
  ImportWorld channel;
  const std::string root = channel.import_at("2019-02-04T19:58:15.511Z").body["id"];
  const std::string other = channel.import_at("2019-02-04T19:58:15.512Z").body["id"];
  const std::string replies = channel.messages + "/" + root + "/replies";
  CHECK(channel.post(replies, channel.message_body("2019-02-04T19:58:15.512Z")).status == 409);
  CHECK(channel.post(replies, channel.message_body("2019-02-04T19:58:15.513Z")).status == 200);
  CHECK(channel.import_at("2019-02-04T19:58:15.513Z").status == 409);
}

TEST_CASE("E64: another channel has milliseconds of its own", "[import]") {
  ImportWorld channel;
  CHECK(channel.import_at("2019-02-04T19:58:15.511Z").status == 200);
  const std::string other = channel.new_channel(channel.team, "other");
  CHECK(channel.post(other + "/messages", channel.message_body()).status == 200);
}

TEST_CASE("E65: a message at or before the floor is refused", "[import]") {
  Options options;
  options.variants.early_status = GENERATE(403, 400);
  ImportWorld channel(options);
  for (const char* created : {"2019-01-07T08:00:01Z", "2018-01-01T00:00:00Z"}) {
    const Reply reply = channel.import_at(created);
    CHECK(reply.status == options.variants.early_status);
    CHECK(reply.message() == "createdDateTime is less than thread creation time");
  }
  CHECK(channel.import_at("2019-01-07T08:00:01.001Z").status == 200);
}

TEST_CASE("E66: a message of the future is 400", "[import]") {
  ImportWorld channel;
  CHECK(channel.import_at("2026-05-04T10:00:00.001Z").status == 400);
  CHECK(channel.import_at("2026-05-04T10:00:00Z").status == 200);
}

TEST_CASE("E67: a time without offset, or no time at all, is 400", "[import]") {
  ImportWorld channel;
  json body = channel.message_body();
  for (const json& created : {json("2019-02-04T19:58:15.511"), json("yesterday"), json(1549310295511), json("")}) {
    body["createdDateTime"] = created;
    INFO(created.dump());
    CHECK(channel.import(body).status == 400);
  }
}

TEST_CASE("E68: a conversation that was never started takes no import", "[import]") {
  World world;
  const std::string general = world.general(world.new_normal_team());
  const Reply reply = world.post(general + "/messages", world.message_body());
  CHECK(reply.status == 403);
  CHECK(reply.code() == "Forbidden");
  CHECK(reply.message() == "InsufficientPrivileges");
  CHECK(reply.inner() == "MessageWritesBlocked-Thread is not marked for import");
}

TEST_CASE("E69: an app that does not own the session is refused", "[import]") {
  Options options;
  options.variants.other_app_status = GENERATE(403, 400);
  ImportWorld channel(options);
  const Reply reply = channel.import(channel.message_body(), "second");
  CHECK(reply.status == options.variants.other_app_status);
  CHECK_THAT(reply.inner(), Catch::Contains("Only 1 application is allowed to operate within an import session"));
}

TEST_CASE("E70, E71: without an author it is no import: 401", "[import]") {
  ImportWorld channel;
  json body = channel.message_body();
  body.erase("from");
  const bool with_time = GENERATE(true, false);
  if (!with_time) body.erase("createdDateTime");
  const Reply reply = channel.import(body);
  CHECK(reply.status == 401);
  CHECK(reply.code() == "Unauthorized");
  CHECK_THAT(reply.message(), Catch::StartsWith("Message POST is allowed in application-only context only for import"));
}

TEST_CASE("E72: an author without a time is a message of now", "[import]") {
  ImportWorld channel;
  json body = channel.message_body();
  if (GENERATE(false, true)) {
    body.erase("createdDateTime");
  } else {
    body["createdDateTime"] = nullptr;
  }
  CHECK(channel.import(body).body["createdDateTime"] == "2026-05-04T10:00:00Z");
  CHECK(channel.import(body).body["createdDateTime"] == "2026-05-04T10:00:00.001Z");
}

TEST_CASE("E73, E74: an author is the id of a user of the tenant", "[import]") {
  Options options;
  SECTION("an address is a bare Bad Request") {
    ImportWorld channel(options);
    json body = channel.message_body();
    body["from"]["user"]["id"] = "ada.park@tenant.example";
    const Reply reply = channel.import(body);
    CHECK(reply.status == 400);
    CHECK(reply.message() == "Bad Request");
  }
  SECTION("an unknown id is 400, or taken by option") {
    options.variants.allow_unknown_authors = GENERATE(false, true);
    ImportWorld channel(options);
    json body = channel.message_body();
    body["from"]["user"]["id"] = "11111111-2222-3333-4444-555555555555";
    CHECK(channel.import(body).status == (options.variants.allow_unknown_authors ? 200 : 400));
  }
}

TEST_CASE("E73: an author of another shape is 400", "[import]") {
  ImportWorld channel;
  json body = channel.message_body();
  const json user = body["from"]["user"];
  const json bad[] = {"Ada",
                      json::object(),
                      {{"application", {{"id", "x"}}}},
                      {{"user", user}, {"application", {{"id", "x"}}}},
                      {{"user", nullptr}},
                      {{"user", "Ada"}},
                      {{"user", {{"id", 7}}}},
                      {{"user", {{"id", user["id"]}, {"displayName", 7}}}},
                      {{"user", {{"id", user["id"]}, {"userIdentityType", "federatedUser"}}}},
                      {{"user", {{"id", user["id"]}, {"userIdentityType", "somebody"}}}}};
  for (const json& from : bad) {
    INFO(from.dump());
    body["from"] = from;
    CHECK(channel.import(body).status == 400);
  }
  body["from"] = {{"user", {{"id", user["id"]}}}, {"application", nullptr}, {"device", nullptr}};
  const Reply bare = channel.import(body);
  REQUIRE(bare.status == 200);
  CHECK(bare.body["from"]["user"]["displayName"] == channel.router->users().front().displayName);
  CHECK(bare.body["from"]["user"]["userIdentityType"] == "aadUser");
}

TEST_CASE("E74: guests and disabled users of the tenant are authors like any other", "[import]") {
  const TestFolder folder;
  Options options = World::unlimited();
  options.data_dir = (folder.path / "state").string();
  User guest = make_user("Ann", "ann@home.example");
  guest.userType = "Guest";
  User disabled = make_user("Left", "left@tenant.example");
  disabled.accountEnabled = false;
  {
    auto store = Store::open(options.data_dir);
    REQUIRE(store);
    REQUIRE(store.value()->add_user(guest));
    REQUIRE(store.value()->add_user(disabled));
  }
  ImportWorld channel(options);
  json body = channel.message_body();
  body["from"]["user"]["id"] = GENERATE(false, true) ? guest.id : disabled.id;
  CHECK(channel.import(body).status == 200);
}

TEST_CASE("E75: a reply knows its root", "[import]") {
  ImportWorld channel;
  const std::string root = channel.import_at("2019-02-04T19:58:15.511Z").body["id"];
  const Reply reply =
      channel.post(channel.messages + "/" + root + "/replies", channel.message_body("2019-02-04T20:00:00Z"));
  CHECK(reply.status == 200);
  CHECK(reply.body["replyToId"] == root);
  CHECK_THAT(reply.body["@odata.context"].get<std::string>(),
             Catch::EndsWith("/messages('" + root + "')/replies/$entity"));
}

TEST_CASE("E76: a reply to a root that is not there is 404", "[import]") {
  ImportWorld channel;
  for (const char* root : {"1549310295511", "x", "0", "-1", "99999999999999999999999"}) {
    const Reply reply = channel.post(channel.messages + "/" + root + "/replies", channel.message_body());
    CHECK(reply.status == 404);
    CHECK(reply.code() == "NotFound");
  }
}

TEST_CASE("E77: a reply is not a root", "[import]") {
  ImportWorld channel;
  const std::string root = channel.import_at("2019-02-04T19:58:15.511Z").body["id"];
  const std::string reply =
      channel.post(channel.messages + "/" + root + "/replies", channel.message_body("2019-02-04T20:00:00Z")).body["id"];
  CHECK(
      channel.post(channel.messages + "/" + reply + "/replies", channel.message_body("2019-02-04T21:00:00Z")).status ==
      404);
}

TEST_CASE("E78: a chat is flat", "[import]") {
  ImportWorld world;
  const std::string messages = world.new_chat() + "/messages";
  const std::string id = world.post(messages, world.message_body()).body["id"];
  const Reply reply = world.post(messages + "/" + id + "/replies", world.message_body("2019-02-05T00:00:00Z"));
  CHECK(reply.status == 400);
  CHECK(reply.message() == "Resource not found for the segment 'replies'.");
}

TEST_CASE("E79, E80, E101: a body that breaks a rule is 400", "[import]") {
  ImportWorld channel;
  const Change changes[] = {
      {"E79: no body", [](json& body) { body.erase("body"); }},
      {"E79: null", [](json& body) { body["body"] = nullptr; }},
      {"E79: a text", [](json& body) { body["body"] = "hello"; }},
      {"E79: no content", [](json& body) { body["body"].erase("content"); }},
      {"E79: content that is no text", [](json& body) { body["body"]["content"] = 7; }},
      {"E79: empty content", [](json& body) { body["body"]["content"] = ""; }},
      {"E80: another content type", [](json& body) { body["body"]["contentType"] = "markdown"; }},
      {"E80: a type in capitals", [](json& body) { body["body"]["contentType"] = "HTML"; }},
      {"E80: a type that is no text", [](json& body) { body["body"]["contentType"] = 7; }},
      {"E101: another importance", [](json& body) { body["importance"] = "low"; }},
      {"another kind of message", [](json& body) { body["messageType"] = "systemEventMessage"; }},
      {"a subject that is no text", [](json& body) { body["subject"] = 7; }},
      {"attachments that are no list", [](json& body) { body["attachments"] = "x"; }},
      {"mentions that are no list", [](json& body) { body["mentions"] = json::object(); }},
      {"reactions that are no list", [](json& body) { body["reactions"] = 7; }},
      {"hosted contents that are no list", [](json& body) { body["hostedContents"] = true; }},
  };
  for (const Change& change : changes) {
    INFO(change.name);
    json body = channel.message_body();
    change.make(body);
    CHECK(channel.import(body).status == 400);
  }
  CHECK(channel.get(channel.messages).body["value"].empty());
}

TEST_CASE("E80: a content without a type is a text", "[import]") {
  ImportWorld channel;
  json body = channel.message_body();
  body["body"].erase("contentType");
  CHECK(channel.import(body).body["body"]["contentType"] == "text");
}

TEST_CASE("E101: normal, high and urgent are kept", "[import]") {
  ImportWorld channel;
  json body = channel.message_body();
  body["importance"] = GENERATE("normal", "high", "urgent");
  CHECK(channel.import(body).body["importance"] == body["importance"]);
}

TEST_CASE("E102: an unknown property is 400, or ignored by option", "[import]") {
  Options options = World::unlimited();
  options.variants.ignore_unknown_properties = GENERATE(false, true);
  ImportWorld channel(options);
  json body = channel.message_body();
  if (GENERATE(false, true)) {
    body["colour"] = "red";
  } else {
    body["body"]["colour"] = "red";
  }
  const Reply reply = channel.import(body);
  CHECK(reply.status == (options.variants.ignore_unknown_properties ? 200 : 400));
  if (reply.status == 400) CHECK_THAT(reply.message(), Catch::Contains("'colour'"));
}

TEST_CASE("E102: annotations, and what the service sets itself, are ignored", "[import]") {
  ImportWorld channel;
  const json plain = channel.import_at("2019-02-04T19:58:15.511Z").body;
  json body = channel.message_body("2019-02-04T19:58:15.512Z");
  body["@odata.type"] = "#microsoft.graph.chatMessage";
  body["from"]["@odata.type"] = "#microsoft.graph.chatMessageFromIdentitySet";
  body["locale"] = "de-de";
  for (const char* name : {"id", "etag", "replyToId", "webUrl", "chatId", "deletedDateTime", "lastModifiedDateTime"}) {
    body[name] = "1549310295511";
  }
  body["channelIdentity"] = {{"teamId", "x"}};
  body["policyViolation"] = {{"dlpAction", "blockAccess"}};
  const Reply reply = channel.import(body);
  REQUIRE(reply.status == 200);
  CHECK(reply.body["id"] == "1549310295512");
  for (const char* name : {"replyToId", "chatId", "deletedDateTime", "locale", "channelIdentity", "policyViolation"}) {
    CHECK(reply.body[name] == plain[name]);
  }
}

TEST_CASE("E81: content is kept as it is, of either type", "[import]") {
  ImportWorld channel;
  json body = channel.message_body();
  body["body"] = {{"contentType", "text"}, {"content", "a < b\n\t\"q\" \\ ü 🚀 \x01"}};
  const Reply reply = channel.import(body);
  CHECK(reply.body["body"] == body["body"]);
  CHECK(channel.get(channel.messages).body["value"][0]["body"] == body["body"]);
}

TEST_CASE("E98: more than 28,672 bytes of text, mentions and attachments is 413", "[import]") {
  ImportWorld channel;
  json body = channel.message_body();
  body["body"]["content"] = std::string(28'672, 'x');
  CHECK(channel.import(body).status == 200);
  body["createdDateTime"] = "2019-02-05T00:00:00Z";
  body["body"]["content"] = std::string(28'670, 'x') + "€";
  const Reply reply = channel.import(body);
  CHECK(reply.status == 413);
  CHECK(reply.code() == "RequestEntityTooLarge");
}

TEST_CASE("E103, E104: what is not JSON, or does not say so, is 400", "[import]") {
  ImportWorld channel;
  for (const std::string& text :
       {std::string("{"), std::string("[]"), std::string("{\"body\":\"\xff\"}"), std::string("{\"body\":\"\\ud800\"}"),
        std::string(100'000, '['), std::string("{\"a\":") + std::string(5000, '[') + std::string(5000, ']') + "}"}) {
    const Reply reply = channel.raw("POST", channel.messages, text);
    CHECK(reply.status == 400);
    CHECK_THAT(reply.message(), Catch::StartsWith("Unable to read JSON request payload."));
  }
  http::Request request;
  request.method = "POST";
  request.url = "/v1.0" + channel.messages;
  request.headers.add("Authorization", "Bearer " + channel.token("full"));
  request.body = channel.message_body().dump();
  CHECK(channel.send(request).status == 400);
}

TEST_CASE("E113: nothing is imported after completion", "[import]") {
  ImportWorld channel;
  CHECK(channel.post(channel.path + "/completeMigration").status == 204);
  const Reply reply = channel.import(channel.message_body());
  CHECK(reply.status == 403);
  CHECK(reply.inner() == "MessageWritesBlocked-Thread is not marked for import");
}

TEST_CASE("E114: a restarted conversation keeps its messages and their milliseconds", "[import]") {
  ImportWorld channel;
  CHECK(channel.import_at("2019-02-04T19:58:15.511Z").status == 200);
  channel.post(channel.path + "/completeMigration");
  CHECK(channel.post(channel.path + "/startMigration").status == 204);
  CHECK(channel.import_at("2019-02-04T19:58:15.511Z").status == 409);
  CHECK(channel.import_at("2019-02-04T19:58:15.512Z").status == 200);
  CHECK(channel.get(channel.messages).body["value"].size() == 2);
}

TEST_CASE("Stats count what was stored", "[import]") {
  ImportWorld channel;
  channel.import_at("2019-02-04T19:58:15.511Z");
  channel.import_at("2019-02-04T19:58:15.511Z");
  CHECK(channel.router->stats().imports == 1);
}

}  // namespace teamferry::emulator
