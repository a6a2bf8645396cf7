#include <algorithm>

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

TEST_CASE("E158: ids and date come with every kind of answer", "[router]") {
  World world;
  const std::string team = world.new_team();
  const std::string channel = world.new_channel(team);
  const std::string drive = "/users/" + world.router->users().front().id + "/drive";
  REQUIRE(world.raw("PUT", drive + "/root:/a.txt:/content", "x").status == 201);
  struct Ask {
    const char* method;
    std::string path;
    int status;
    const char* as = "full";
  };
  const Ask asks[] = {
      {"GET", "/users", 200},
      {"PUT", drive + "/root:/b.txt:/content", 201},
      {"POST", channel + "/completeMigration", 204},
      {"GET", drive + "/root:/a.txt:/content", 302},
      {"POST", "/teams", 400},
      {"GET", channel + "/messages", 403, "import-only"},
      {"GET", "/users/nobody", 404},
      {"PATCH", "/users", 405},
      {"PUT", drive + "/root:/a.txt:/content?@microsoft.graph.conflictBehavior=fail", 409},
      {"POST", "/$batch", 400},
  };
  for (const Ask& ask : asks) {
    INFO(ask.method << " " << ask.path);
    const Reply reply = world.raw(ask.method, ask.path, "", ask.as);
    CHECK(reply.status == ask.status);
    CHECK(is_guid(reply.header("request-id")));
    CHECK(reply.header("client-request-id") == reply.header("request-id"));
    CHECK(reply.header("Date") == "Mon, 04 May 2026 10:00:00 GMT");
    CHECK(reply.header("Content-Type").empty() == reply.text.empty());
    CHECK_THAT(reply.header("x-ms-ags-diagnostic"), Catch::Contains("ServerInfo"));
    if (reply.status < 400) continue;
    CHECK(reply.body["error"]["innerError"]["request-id"] == reply.header("request-id"));
    CHECK_FALSE(reply.code().empty());
    CHECK_FALSE(reply.message().empty());
  }
  http::Request anonymous;
  anonymous.url = "/v1.0/users";
  const Reply refused = world.send(anonymous);
  CHECK(refused.status == 401);
  CHECK(is_guid(refused.header("request-id")));
}

TEST_CASE("E168: a method that a known path does not take is 405", "[router]") {
  World world;
  const std::string team = world.new_team();
  CHECK(world.call("PATCH", "/users").status == 405);
  CHECK(world.call("DELETE", team).status == 405);
  for (const char* method : {"HEAD", "OPTIONS", "PUT", "TRACE", "get", "BREW"}) {
    INFO(method);
    CHECK(world.call(method, team).status == 405);
    CHECK(world.call(method, "/nothing").status == 400);
  }
  CHECK(world.call("DELETE", "/$batch").status == 405);
}

TEST_CASE("Slashes: one at the end is passed over, two in a row name nothing", "[router]") {
  World world;
  const std::string team = world.new_team();
  CHECK(world.get(team + "/").status == 200);
  CHECK(world.get(team + "/channels/?$select=id").status == 200);
  for (const std::string& path : {team + "//channels", "/" + team, team + "//"}) {
    INFO(path);
    CHECK(world.get(path).status == 400);
  }
}

TEST_CASE("Prefer and unknown headers change nothing", "[router]") {
  World world;
  const std::string team = world.new_team();
  http::Request request;
  request.url = "/v1.0" + team;
  request.headers.add("Authorization", "Bearer " + world.token("full"));
  const json plain = world.send(request).body;
  request.headers.add("Prefer", "include-unknown-enum-members");
  request.headers.add("ConsistencyLevel", "eventual");
  request.headers.add("SdkVersion", "graph-js/3.0.7");
  CHECK(world.send(request).body == plain);
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
  const std::string user = "/users/" + world.router->users().front().id;
  const std::string message =
      channel + "/messages/" +
      world.post("/beta" + channel + "/messages", world.message_body()).body["id"].get<std::string>();
  world.get(channel + "/filesFolder");
  world.raw("PUT", user + "/drive/root:/a.txt:/content", "x");
  struct Ask {
    const char* method;
    std::string path;
    json body = nullptr;
  };
  const Ask asks[] = {
      {"GET", "/users"},
      {"GET", "/users?$top=2"},
      {"GET", "/users?$filter=perhaps"},
      {"GET", user},
      {"GET", "/users/nobody"},
      {"GET", "/teams"},
      {"GET", team},
      {"GET", team + "/channels"},
      {"GET", team + "/primaryChannel"},
      {"GET", team + "/members"},
      {"GET", team + "/nothing"},
      {"GET", channel},
      {"GET", channel + "x"},
      {"GET", channel + "/messages"},
      {"GET", channel + "/messages?$top=51"},
      {"GET", message},
      {"GET", message + "/replies"},
      {"GET", channel + "/filesFolder"},
      {"GET", user + "/drive"},
      {"GET", user + "/drive/root/children"},
      {"GET", user + "/drive/root:/a.txt"},
      {"PATCH", "/users"},
      {"POST", "/teams", {{"displayName", 5}}},
      {"POST", channel + "/messages", world.message_body()},
      {"POST", channel + "/startMigration", json::object()},
      {"POST", team + "/completeMigration"},
      {"POST", "/chats", json::object()},
      {"POST", "/$batch", {{"requests", {{{"id", "1"}, {"method", "GET"}, {"url", user}}}}}},
  };
  const auto ask = [&](const std::string& version, const Ask& each) {
    Reply reply = world.call(each.method, "/" + version + each.path, each.body);
    json body = reply.body;
    if (body.is_object() && body.contains("error")) body["error"].erase("innerError");
    if (body.is_object() && body.contains("responses")) body["responses"][0].erase("headers");
    // The beta description of a team has two properties more.
    const auto trim = [](json& thing) {
      for (const char* name : {"isMembershipLimitedToOwners", "discoverySettings"}) thing.erase(name);
    };
    if (body.contains("value")) std::for_each(body["value"].begin(), body["value"].end(), trim);
    if (body.is_object()) trim(body);
    std::string text = body.dump();
    for (auto at = text.find("/beta/"); at != text.npos; at = text.find("/beta/")) text.replace(at, 6, "/v1.0/");
    return std::make_pair(reply.status, text);
  };
  for (const Ask& each : asks) {
    INFO(each.method << " " << each.path);
    CHECK(ask("v1.0", each) == ask("beta", each));
  }
  CHECK_THAT(world.get("/beta/users").body["@odata.context"].get<std::string>(), Catch::Contains("/beta/$metadata#"));
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
