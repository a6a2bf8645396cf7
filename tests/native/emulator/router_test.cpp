#include "native/emulator/text.h"
#include "tests/native/emulator/world.h"

namespace teamferry::emulator {

TEST_CASE("E158: any Graph answer has its request ids and the date", "[router]") {
  World world;
  const auto ask = [&](const std::string& url) {
    http::Request request;
    request.url = url;
    request.headers.add("Authorization", "Bearer " + world.token("full"));
    request.headers.add("Client-Request-Id", "8f14e45f-ceea-467f-a5d1-0b2c5a7d9e01");
    return world.send(request);
  };
  for (const char* url : {"/v1.0/users", "/v1.0/nothing", "/v1.0/users/nobody"}) {
    const Reply reply = ask(url);
    CHECK(is_guid(reply.header("request-id")));
    CHECK(reply.header("client-request-id") == "8f14e45f-ceea-467f-a5d1-0b2c5a7d9e01");
    CHECK(reply.header("Date") == "Mon, 04 May 2026 10:00:00 GMT");
    if (reply.status == 200) continue;
    const json inner = reply.body["error"]["innerError"];
    CHECK(inner["request-id"] == reply.header("request-id"));
    CHECK(inner["client-request-id"] == "8f14e45f-ceea-467f-a5d1-0b2c5a7d9e01");
    CHECK(inner["date"] == "2026-05-04T10:00:00");
  }
  const Reply without = world.get("/users");
  CHECK(without.header("client-request-id") == without.header("request-id"));
}

TEST_CASE("E159: the unknown segment is named", "[router]") {
  World world;
  const std::string team = world.new_team();
  const std::pair<std::string, std::string> each[] = {{"/nothing", "nothing"},
                                                      {team + "/chats/1/startMigration", "chats"},
                                                      {team + "/channels/x/message", "message"},
                                                      {team + "/completemigration", "completemigration"},
                                                      {"//users", ""}};
  for (const auto& [path, segment] : each) {
    const Reply reply = world.post(path);
    CHECK(reply.status == 400);
    CHECK(reply.code() == "BadRequest");
    CHECK(reply.message() == "Resource not found for the segment '" + segment + "'.");
  }
  http::Request request;
  request.url = "/v2.0/users";
  CHECK(world.send(request).status == 400);
  CHECK(world.get("/users/%zz").status == 400);
}

TEST_CASE("E168: a method that a known path does not take is 405", "[router]") {
  World world;
  CHECK(world.call("PATCH", "/users").status == 405);
  CHECK(world.call("DELETE", world.new_team()).status == 405);
}

TEST_CASE("E160, E161, E116: every spelling of a path is the same resource", "[router]") {
  World world;
  const std::string team = world.new_team();
  const std::string channel = world.new_channel(team);
  const std::string team_id = team.substr(7);
  const std::string id = channel.substr(channel.rfind('/') + 1);
  REQUIRE(world.post(channel + "/messages", world.message_body()).status == 200);
  for (const std::string& path : {"/teams('" + team_id + "')/channels('" + id + "')",
                                  "/teams/" + team_id + "/channels('" + percent_encode(id) + "')",
                                  "/teams/" + team_id + "/channels/" + percent_encode(id),
                                  "/teams%28%27" + team_id + "%27%29/channels/" + id + "/"}) {
    INFO(path);
    CHECK(world.get(path).body["id"] == id);
    if (path.back() != '/') CHECK(world.get(path + "/messages").body["value"].size() == 1);
  }
  CHECK(world.post(channel + "/microsoft.graph.completeMigration").status == 204);
  CHECK(world.get(channel).body["migrationMode"] == "completed");
}

TEST_CASE("E162: beta answers as v1.0 does", "[router]") {
  World world;
  const std::string team = world.new_team();
  const std::string channel = world.new_channel(team);
  CHECK(world.post("/beta" + channel + "/messages", world.message_body()).status == 200);
  json v1 = world.get("/v1.0" + channel + "/messages").body;
  json beta = world.get("/beta" + channel + "/messages").body;
  CHECK_THAT(beta["@odata.context"].get<std::string>(), Catch::Contains("/beta/$metadata#"));
  v1.erase("@odata.context");
  beta.erase("@odata.context");
  CHECK(v1 == beta);
}

TEST_CASE("E49: what is not there is 404", "[router]") {
  World world;
  const std::string team = world.new_team();
  const std::string nowhere = "/teams/11111111-2222-3333-4444-555555555555";
  for (const std::string& path :
       {nowhere, nowhere + "/channels", team + "/channels/19:x@thread.tacv2",
        team + "/channels/19:x@thread.tacv2/messages", team + "/operations/1", std::string("/chats/19:x@thread.v2")}) {
    INFO(path);
    CHECK(world.get(path).status == 404);
    CHECK(world.get(path).code() == "NotFound");
  }
  const std::string other = world.new_channel(world.new_team());
  CHECK(world.get(team + other.substr(other.find("/channels"))).status == 404);
}

TEST_CASE("Links in answers lead to where the client asked", "[router]") {
  World world;
  CHECK_THAT(world.get("/users?$top=1").body["@odata.nextLink"].get<std::string>(),
             Catch::StartsWith("http://graph.example:8080/v1.0/users?"));
}

TEST_CASE("An unknown profile is refused at the start", "[router]") {
  Options options;
  options.profile = "fast";
  CHECK_FALSE(Router::open(options));
}

}  // namespace teamferry::emulator
