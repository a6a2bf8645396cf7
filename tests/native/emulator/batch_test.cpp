#include "native/emulator/text.h"
#include "tests/native/emulator/world.h"

namespace teamferry::emulator {
namespace {

json part(const std::string& id, const std::string& url, const std::string& method = "GET") {
  return {{"id", id}, {"method", method}, {"url", url}};
}

Reply send_batch(World& world, const json& requests) {
  return world.post("/$batch", {{"requests", requests}});
}

json response_of(const Reply& reply, const std::string& id) {
  for (const json& response : reply.body["responses"]) {
    if (response["id"] == id) return response;
  }
  FAIL("no response " << id);
  return {};
}

json depends(json request, const json& on) {
  request["dependsOn"] = on;
  return request;
}

}  // namespace

TEST_CASE("E151: a batch takes twenty parts, and not one more", "[batch]") {
  World world;
  const User ada = world.router->users().front();
  json requests = json::array();
  for (int i = 1; i <= 20; ++i) requests.push_back(part(std::to_string(i), "/users/" + ada.id));
  const Reply reply = send_batch(world, requests);
  REQUIRE(reply.status == 200);
  REQUIRE(reply.body["responses"].size() == 20);
  const json alone = world.get("/users/" + ada.id).body;
  for (int i = 1; i <= 20; ++i) {
    const json response = response_of(reply, std::to_string(i));
    CHECK(response["status"] == 200);
    CHECK(response["body"] == alone);
    CHECK_THAT(response["headers"]["Content-Type"].get<std::string>(), Catch::StartsWith("application/json"));
  }
  requests.push_back(part("21", "/users"));
  const Reply more = send_batch(world, requests);
  CHECK(more.status == 400);
  CHECK(more.code() == "MaximumValueExceeded");
}

TEST_CASE("E151: a part's url has a slash in front, or none, or the version, or a whole address", "[batch]") {
  World world;
  const std::string id = world.router->users().front().id;
  for (const std::string& url :
       {"/users/" + id, "users/" + id, "/v1.0/users/" + id, "v1.0/users/" + id, "users/" + id + "?$select=id",
        "https://graph.microsoft.com/v1.0/users/" + id, "users('" + id + "')"}) {
    INFO(url);
    const json response = response_of(send_batch(world, json::array({part("a", url)})), "a");
    CHECK(response["status"] == 200);
    CHECK(response["body"]["id"] == id);
  }
  const Reply beta = world.post("/beta/$batch", {{"requests", {part("a", "/users"), part("b", "/v1.0/users")}}});
  CHECK_THAT(response_of(beta, "a")["body"]["@odata.context"].get<std::string>(), Catch::Contains("/beta/"));
  CHECK_THAT(response_of(beta, "b")["body"]["@odata.context"].get<std::string>(), Catch::Contains("/v1.0/"));
}

TEST_CASE("E151: parts change things, with headers in any letter case, and 204 has no body", "[batch]") {
  World world;
  const std::string team = world.new_team();
  const std::string channel = world.new_channel(team);
  json message = part("1", channel + "/messages", "post");
  message["headers"] = {{"content-type", "application/json"}};
  message["body"] = world.message_body();
  const json completion = depends(part("2", channel + "/completeMigration", "POST"), {"1"});
  const Reply reply = send_batch(world, {completion, message});
  REQUIRE(reply.status == 200);
  CHECK(response_of(reply, "1")["status"] == 200);
  const json done = response_of(reply, "2");
  CHECK(done["status"] == 204);
  CHECK_FALSE(done.contains("body"));
  CHECK_FALSE(done["headers"].contains("Content-Type"));
  CHECK(world.get(channel + "/messages").body["value"].size() == 1);
  json made = part("t", "/teams", "POST");
  made["headers"] = {{"Content-Type", "application/json"}};
  made["body"] = world.team_body();
  const json answer = response_of(send_batch(world, json::array({made})), "t");
  CHECK(answer["status"] == 202);
  CHECK_THAT(answer["headers"]["Location"].get<std::string>(), Catch::StartsWith("/teams('"));
}

TEST_CASE("E151: bytes travel as base64, both ways", "[batch]") {
  World world;
  const std::string id = world.router->users().front().id;
  json put = part("1", "/users/" + id + "/drive/root:/a.bin:/content", "PUT");
  put["headers"] = {{"Content-Type", "application/octet-stream"}};
  put["body"] = "AP/+";
  const json item = response_of(send_batch(world, json::array({put})), "1");
  CHECK(item["status"] == 201);
  CHECK(item["body"]["size"] == 3);
  put["body"] = "no base64!";
  CHECK(send_batch(world, json::array({put})).status == 400);
  put["body"] = {{"a", 1}};
  CHECK(send_batch(world, json::array({put})).status == 400);

  const std::string team = world.new_team();
  const std::string channel = world.new_channel(team);
  const std::string png =
      "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
  json message = world.message_body();
  message["body"]["content"] = "<p>see <img src=\"../hostedContents/1/$value\"></p>";
  message["hostedContents"] =
      json::array({{{"@microsoft.graph.temporaryId", "1"}, {"contentBytes", png}, {"contentType", "image/png"}}});
  const Reply sent = world.post(channel + "/messages", message);
  REQUIRE(sent.status == 200);
  const std::string hosted = channel + "/messages/" + sent.body["id"].get<std::string>() + "/hostedContents";
  const json list = world.get(hosted).body["value"];
  REQUIRE(list.size() == 1);
  const json picture = response_of(
      send_batch(world, json::array({part("p", hosted + "/" + list[0]["id"].get<std::string>() + "/$value")})), "p");
  CHECK(picture["headers"]["Content-Type"] == "image/png");
  CHECK(picture["body"] == png);
}

TEST_CASE("E152: what depends on a failed part is 424, and so is what depends on that", "[batch]") {
  World world;
  const Reply reply = send_batch(
      world, {depends(part("4", "/users"), {"2"}), part("1", "/users"), depends(part("2", "/users"), {"3", "1"}),
              part("3", "/users/nobody"), depends(part("5", "/users"), {"1"})});
  REQUIRE(reply.status == 200);
  const std::pair<const char*, int> wanted[] = {{"1", 200}, {"2", 424}, {"3", 404}, {"4", 424}, {"5", 200}};
  for (const auto& [id, status] : wanted) {
    INFO(id);
    CHECK(response_of(reply, id)["status"] == status);
  }
  CHECK(response_of(reply, "2")["body"]["error"]["code"] == "FailedDependency");
}

TEST_CASE("E153: a part that is throttled has its own Retry-After", "[batch]") {
  Options options;
  options.profile = "table";
  World world(options);
  const std::string team = world.new_team();
  const std::string channel = world.new_channel(team);
  world.clock.ms += 60'000;
  const Reply reply = send_batch(world, {part("1", channel), part("2", channel), part("3", "/users")});
  REQUIRE(reply.status == 200);
  CHECK(reply.header("Retry-After").empty());
  CHECK(response_of(reply, "1")["status"] == 200);
  const json throttled = response_of(reply, "2");
  CHECK(throttled["status"] == 429);
  CHECK(throttled["headers"]["Retry-After"] == "1");
  CHECK(throttled["body"]["error"]["code"] == "TooManyRequests");
  CHECK(response_of(reply, "3")["status"] == 200);
}

TEST_CASE("E151: what is no batch is 400, and nothing of it is done", "[batch]") {
  World world;
  const std::string channel = world.new_channel(world.new_team());
  const json good = part("0", channel + "/completeMigration", "POST");
  const json bad[] = {
      nullptr,
      5,
      json::object(),
      {{"method", "GET"}, {"url", "/users"}},
      {{"id", 1}, {"method", "GET"}, {"url", "/users"}},
      {{"id", ""}, {"method", "GET"}, {"url", "/users"}},
      {{"id", "1"}, {"url", "/users"}},
      {{"id", "1"}, {"method", "GET"}},
      {{"id", "1"}, {"method", "GET"}, {"url", ""}},
      {{"id", "1"}, {"method", "BREW"}, {"url", "/users"}},
      {{"id", "1"}, {"method", "GET"}, {"url", "/users"}, {"headers", "none"}},
      {{"id", "1"}, {"method", "GET"}, {"url", "/users"}, {"headers", {{"a", 1}}}},
      {{"id", "1"}, {"method", "POST"}, {"url", "/teams"}, {"body", world.team_body()}},
      good,
      depends(part("1", "/users"), "0"),
      depends(part("1", "/users"), {0}),
      depends(part("1", "/users"), {"2"}),
      depends(part("1", "/users"), {"1"}),
  };
  for (const json& each : bad) {
    INFO(each.dump());
    CHECK(send_batch(world, json::array({good, each})).status == 400);
  }
  CHECK(send_batch(world, {depends(part("1", "/users"), {"2"}), depends(part("2", "/users"), {"1"})}).status == 400);
  CHECK(send_batch(world, json::array()).status == 400);
  CHECK(send_batch(world, 5).status == 400);
  CHECK(world.post("/$batch", json::object()).status == 400);
  CHECK(world.raw("POST", "/$batch", "{").status == 400);
  CHECK(world.raw("POST", "/$batch", "").status == 400);
  CHECK(world.get("/$batch").status == 405);
  CHECK(world.get(channel).body["migrationMode"] == "inProgress");
}

TEST_CASE("E151: a batch in a batch and other outlandish parts are errors of their own", "[batch]") {
  World world;
  json nested = part("1", "/$batch", "POST");
  nested["headers"] = {{"Content-Type", "application/json"}};
  nested["body"] = {{"requests", json::array({part("1", "/users")})}};
  json encoded = nested;
  encoded["id"] = "2";
  encoded["url"] = "/%24batch";
  json foreign = part("3", "/users");
  foreign["headers"] = {{"Authorization", "Bearer nonsense"}};
  const Reply reply =
      send_batch(world, {nested, encoded, foreign, part("4", "/upload/x"), part("5", "/users/%zz"), part("6", "//")});
  REQUIRE(reply.status == 200);
  for (const char* id : {"1", "2", "4", "5", "6"}) {
    INFO(id);
    CHECK(response_of(reply, id)["status"] == 400);
  }
  CHECK(response_of(reply, "3")["status"] == 200);  // the batch says who asks
  CHECK(world.post("/$batch", {{"requests", {part("1", "/users")}}}, "import-only").body["responses"][0]["status"] ==
        403);
  http::Request anonymous;
  anonymous.method = "POST";
  anonymous.url = "/v1.0/$batch";
  CHECK(world.send(anonymous).status == 401);
}

}  // namespace teamferry::emulator
