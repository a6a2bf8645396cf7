#include "tests/native/emulator/world.h"

namespace teamferry::emulator {
namespace {

// A migrating channel to import into.
struct Channel : World {
  std::string team, path, messages;
  explicit Channel(Options wanted = unlimited()) : World(std::move(wanted)) {
    team = new_team();
    path = new_channel(team);
    messages = path + "/messages";
  }
  Reply import(const json& body, const std::string& as = "full") { return post(messages, body, as); }
  Reply import_at(const std::string& created) { return import(message_body(created)); }
};

}  // namespace

TEST_CASE("E59: a good root comes back as a chatMessage", "[import]") {
  Options options;
  options.variants.import_status = GENERATE(200, 201);
  Channel channel(options);
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
  Channel channel(options);
  const Reply late = channel.import_at("2020-01-01T00:00:00Z");
  const Reply early = channel.import_at("2019-06-01T00:00:00Z");
  CHECK(late.body["id"] == std::to_string(channel.clock.ms));
  CHECK(early.body["id"] == std::to_string(channel.clock.ms + 1));
  CHECK(channel.get(channel.messages + "/" + early.body["id"].get<std::string>()).body["createdDateTime"] ==
        "2019-06-01T00:00:00Z");
}

TEST_CASE("E60: times are cut to the millisecond, not rounded", "[import]") {
  Channel channel;
  CHECK(channel.import_at("2019-02-04T19:58:15.5119999Z").body["createdDateTime"] == "2019-02-04T19:58:15.511Z");
}

TEST_CASE("E61: a second message in the same millisecond of a conversation is 409", "[import]") {
  Channel channel;
  CHECK(channel.import_at("2019-02-04T19:58:15.511Z").status == 200);
  const Reply second = channel.import_at("2019-02-04T20:58:15.511+01:00");
  CHECK(second.status == 409);
  CHECK(second.code() == "Conflict");
}

TEST_CASE("E62: times that are equal after cutting clash", "[import]") {
  Channel channel;
  CHECK(channel.import_at("2019-02-04T19:58:15.5119Z").status == 200);
  CHECK(channel.import_at("2019-02-04T19:58:15.5111Z").status == 409);
}

TEST_CASE("E63: a reply clashes with a root of the same channel", "[import]") {
  Channel channel;
  const std::string root = channel.import_at("2019-02-04T19:58:15.511Z").body["id"];
  const std::string other = channel.import_at("2019-02-04T19:58:15.512Z").body["id"];
  const std::string replies = channel.messages + "/" + root + "/replies";
  CHECK(channel.post(replies, channel.message_body("2019-02-04T19:58:15.512Z")).status == 409);
  CHECK(channel.post(replies, channel.message_body("2019-02-04T19:58:15.513Z")).status == 200);
  CHECK(channel.import_at("2019-02-04T19:58:15.513Z").status == 409);
}

TEST_CASE("E64: another channel has milliseconds of its own", "[import]") {
  Channel channel;
  CHECK(channel.import_at("2019-02-04T19:58:15.511Z").status == 200);
  const std::string other = channel.new_channel(channel.team, "other");
  CHECK(channel.post(other + "/messages", channel.message_body()).status == 200);
}

TEST_CASE("E65: a message at or before the floor is refused", "[import]") {
  Options options;
  options.variants.early_status = GENERATE(403, 400);
  Channel channel(options);
  for (const char* created : {"2019-01-07T08:00:01Z", "2018-01-01T00:00:00Z"}) {
    const Reply reply = channel.import_at(created);
    CHECK(reply.status == options.variants.early_status);
    CHECK(reply.message() == "createdDateTime is less than thread creation time");
  }
  CHECK(channel.import_at("2019-01-07T08:00:01.001Z").status == 200);
}

TEST_CASE("E66: a message of the future is 400", "[import]") {
  Channel channel;
  CHECK(channel.import_at("2026-05-04T10:00:00.001Z").status == 400);
  CHECK(channel.import_at("2026-05-04T10:00:00Z").status == 200);
}

TEST_CASE("E67: a time without offset, or no time at all, is 400", "[import]") {
  Channel channel;
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
  Channel channel(options);
  const Reply reply = channel.import(channel.message_body(), "second");
  CHECK(reply.status == options.variants.other_app_status);
  CHECK_THAT(reply.inner(), Catch::Contains("Only 1 application is allowed to operate within an import session"));
}

TEST_CASE("E70, E71: without an author it is no import: 401", "[import]") {
  Channel channel;
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
  Channel channel;
  json body = channel.message_body();
  body.erase("createdDateTime");
  CHECK(channel.import(body).body["createdDateTime"] == "2026-05-04T10:00:00Z");
  CHECK(channel.import(body).body["createdDateTime"] == "2026-05-04T10:00:00.001Z");
}

TEST_CASE("E73, E74: an author is the id of a user of the tenant", "[import]") {
  Options options;
  SECTION("an address is a bare Bad Request") {
    Channel channel(options);
    json body = channel.message_body();
    body["from"]["user"]["id"] = "ada.park@tenant.example";
    const Reply reply = channel.import(body);
    CHECK(reply.status == 400);
    CHECK(reply.message() == "Bad Request");
  }
  SECTION("an unknown id is 400, or taken by option") {
    options.variants.allow_unknown_authors = GENERATE(false, true);
    Channel channel(options);
    json body = channel.message_body();
    body["from"]["user"]["id"] = "11111111-2222-3333-4444-555555555555";
    CHECK(channel.import(body).status == (options.variants.allow_unknown_authors ? 200 : 400));
  }
  SECTION("an author of another shape is 400") {
    Channel channel(options);
    json body = channel.message_body();
    body["from"] = GENERATE(json("Ada"), json{{"application", json::object()}}, json{{"user", nullptr}},
                            json{{"user", {{"id", 7}}}});
    CHECK(channel.import(body).status == 400);
  }
}

TEST_CASE("E75: a reply knows its root", "[import]") {
  Channel channel;
  const std::string root = channel.import_at("2019-02-04T19:58:15.511Z").body["id"];
  const Reply reply =
      channel.post(channel.messages + "/" + root + "/replies", channel.message_body("2019-02-04T20:00:00Z"));
  CHECK(reply.status == 200);
  CHECK(reply.body["replyToId"] == root);
  CHECK_THAT(reply.body["@odata.context"].get<std::string>(),
             Catch::EndsWith("/messages('" + root + "')/replies/$entity"));
}

TEST_CASE("E76: a reply to a root that is not there is 404", "[import]") {
  Channel channel;
  for (const char* root : {"1549310295511", "x", "0", "-1", "99999999999999999999999"}) {
    const Reply reply = channel.post(channel.messages + "/" + root + "/replies", channel.message_body());
    CHECK(reply.status == 404);
    CHECK(reply.code() == "NotFound");
  }
}

TEST_CASE("E77: a reply is not a root", "[import]") {
  Channel channel;
  const std::string root = channel.import_at("2019-02-04T19:58:15.511Z").body["id"];
  const std::string reply =
      channel.post(channel.messages + "/" + root + "/replies", channel.message_body("2019-02-04T20:00:00Z")).body["id"];
  CHECK(
      channel.post(channel.messages + "/" + reply + "/replies", channel.message_body("2019-02-04T21:00:00Z")).status ==
      404);
}

TEST_CASE("E79, E80, E101, E102: a body that breaks a rule is 400", "[import]") {
  Channel channel;
  const Change changes[] = {
      {"E79: no body", [](json& body) { body.erase("body"); }},
      {"E79: no content", [](json& body) { body["body"].erase("content"); }},
      {"E79: content that is no text", [](json& body) { body["body"]["content"] = 7; }},
      {"E79: empty content", [](json& body) { body["body"]["content"] = ""; }},
      {"E80: another content type", [](json& body) { body["body"]["contentType"] = "markdown"; }},
      {"E101: another importance", [](json& body) { body["importance"] = "low"; }},
      {"E102: an unknown property", [](json& body) { body["createdDatetime"] = "x"; }},
      {"another kind of message", [](json& body) { body["messageType"] = "systemEventMessage"; }},
      {"a subject that is no text", [](json& body) { body["subject"] = 7; }},
      {"attachments that are no list", [](json& body) { body["attachments"] = "x"; }},
  };
  for (const Change& change : changes) {
    INFO(change.name);
    json body = channel.message_body();
    change.make(body);
    CHECK(channel.import(body).status == 400);
  }
  CHECK(channel.get(channel.messages).body["value"].empty());
}

TEST_CASE("E81: content is kept as it is, of either type", "[import]") {
  Channel channel;
  json body = channel.message_body();
  body["body"] = {{"contentType", "text"}, {"content", "a < b\n\t\"q\" \\ ü 🚀 \x01"}};
  const Reply reply = channel.import(body);
  CHECK(reply.body["body"] == body["body"]);
  CHECK(channel.get(channel.messages).body["value"][0]["body"] == body["body"]);
}

TEST_CASE("E82 to E85: mentions and their markers belong together", "[import]") {
  Channel channel;
  json body = channel.message_body();
  const json mention = {{"id", 0},
                        {"mentionText", "Ada"},
                        {"mentioned", {{"user", {{"id", body["from"]["user"]["id"]}, {"displayName", "Ada"}}}}}};
  SECTION("E82: no marker") {
    body["mentions"] = json::array({mention});
    const Reply reply = channel.import(body);
    CHECK(reply.status == 400);
    CHECK(reply.message() == "Neither Body nor adaptive card content contains marker for mention with Id '0'.");
  }
  SECTION("E83: no mention") {
    body["body"]["content"] = "<at id=\"5\">Ada</at>";
    CHECK(channel.import(body).status == 400);
  }
  SECTION("E84: the same id twice") {
    body["body"]["content"] = "<at id=\"0\">Ada</at>";
    body["mentions"] = json::array({mention, mention});
    CHECK(channel.import(body).status == 400);
  }
  SECTION("E85: a good one is echoed") {
    body["body"]["content"] = "<at id=\"0\">Ada</at>";
    body["mentions"] = json::array({mention});
    const Reply reply = channel.import(body);
    CHECK(reply.status == 200);
    CHECK(reply.body["mentions"] == body["mentions"]);
  }
}

TEST_CASE("E98: more than 28,672 bytes of text, mentions and attachments is 413", "[import]") {
  Channel channel;
  json body = channel.message_body();
  body["body"]["content"] = std::string(28'672, 'x');
  CHECK(channel.import(body).status == 200);
  body["createdDateTime"] = "2019-02-05T00:00:00Z";
  body["body"]["content"] = std::string(28'670, 'x') + "€";
  const Reply reply = channel.import(body);
  CHECK(reply.status == 413);
  CHECK(reply.code() == "RequestEntityTooLarge");
}

TEST_CASE("E99, E100: 250 reactions at most, each whole", "[import]") {
  Channel channel;
  json body = channel.message_body();
  const json reaction = {{"reactionType", "👍"},
                         {"createdDateTime", "2019-02-04T20:00:00Z"},
                         {"user", {{"user", {{"id", body["from"]["user"]["id"]}}}}}};
  body["reactions"] = json(251, reaction);
  CHECK(channel.import(body).status == 400);
  body["reactions"] = json(250, reaction);
  CHECK(channel.import(body).body["reactions"].size() == 250);
  body["createdDateTime"] = "2019-02-05T00:00:00Z";
  json partial = reaction;
  partial.erase(GENERATE("createdDateTime", "user", "reactionType"));
  body["reactions"] = json::array({partial});
  CHECK(channel.import(body).status == 400);
}

TEST_CASE("E103, E104: what is not JSON, or does not say so, is 400", "[import]") {
  Channel channel;
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
  Channel channel;
  CHECK(channel.post(channel.path + "/completeMigration").status == 204);
  const Reply reply = channel.import(channel.message_body());
  CHECK(reply.status == 403);
  CHECK(reply.inner() == "MessageWritesBlocked-Thread is not marked for import");
}

TEST_CASE("E114: a restarted conversation keeps its messages and their milliseconds", "[import]") {
  Channel channel;
  CHECK(channel.import_at("2019-02-04T19:58:15.511Z").status == 200);
  channel.post(channel.path + "/completeMigration");
  CHECK(channel.post(channel.path + "/startMigration").status == 204);
  CHECK(channel.import_at("2019-02-04T19:58:15.511Z").status == 409);
  CHECK(channel.import_at("2019-02-04T19:58:15.512Z").status == 200);
  CHECK(channel.get(channel.messages).body["value"].size() == 2);
}

TEST_CASE("Stats count what was stored", "[import]") {
  Channel channel;
  channel.import_at("2019-02-04T19:58:15.511Z");
  channel.import_at("2019-02-04T19:58:15.511Z");
  CHECK(channel.router->stats().imports == 1);
}

}  // namespace teamferry::emulator
