#include "native/emulator/control.h"

#include <cmath>

#include "tests/native/emulator/folder.h"
#include "tests/native/emulator/steered.h"

namespace teamferry::emulator {

TEST_CASE("The state is told: time, counts, rules with their hits", "[control]") {
  Steered world;
  world.rule({{"name", "one in two"}, {"fault", "status"}, {"status", 500}, {"path", "/users"}, {"every", 2}});
  for (int i = 0; i < 4; ++i) world.get("/users");
  const json state = world.steer("GET", "state").body;
  CHECK(state["time"] == "2026-05-04T10:00:00Z");
  CHECK(state["profile"] == "off");
  CHECK(state["requests"] == 5);  // a token and four; what steers is not counted
  CHECK(state["faults"] == 2);
  CHECK(state["rules"][0]["name"] == "one in two");
  CHECK(state["rules"][0]["lookedAt"] == 4);
  CHECK(state["rules"][0]["hits"] == 2);
  CHECK(state["rules"][0]["rule"]["every"] == 2);
}

TEST_CASE("Rules are replaced, added and deleted while the emulator runs", "[control]") {
  Steered world;
  const json gone = {{"fault", "status"}, {"status", 500}, {"path", "/users"}, {"first", 1}};
  const json busy = {{"fault", "status"}, {"status", 503}, {"path", "/users"}};
  CHECK(world.steer("PUT", "faults", {{"seed", 9}, {"rules", {gone}}}).body["seed"] == 9);
  CHECK(world.get("/users").status == 500);
  CHECK(world.get("/users").status == 200);
  CHECK(world.steer("POST", "faults", {{"rules", {busy}}}).body["rules"] == json::array({gone, busy}));
  CHECK(world.get("/users").status == 503);  // and the first rule went on counting
  CHECK(world.steer("POST", "faults", gone).body["rules"].size() == 3);
  CHECK(world.steer("GET", "faults").body == json({{"seed", 9}, {"rules", {gone, busy, gone}}}));
  CHECK(world.steer("DELETE", "faults").status == 204);
  CHECK(world.get("/users").status == 200);
  SECTION("a wrong rule changes nothing") {
    world.rule(busy);
    const Reply refused = world.steer("PUT", "faults", {{"rules", {gone, {{"fault", "slow"}}}}});
    CHECK(refused.status == 400);
    CHECK(refused.message() == "rules[1].ms: is missing");
    CHECK(world.get("/users").status == 503);
  }
  SECTION("there is an end to adding") {
    json many = json::array();
    for (int i = 0; i < 150; ++i) many.push_back(busy);
    CHECK(world.steer("POST", "faults", {{"rules", many}}).status == 200);
    CHECK(world.steer("POST", "faults", {{"rules", many}}).status == 400);
  }
}

TEST_CASE("A scenario is begun and ended while the emulator runs", "[control]") {
  Steered world;
  const Reply begun = world.steer("PUT", "scenario", {{"name", "busy-friday"}, {"seed", 3}});
  CHECK(begun.body["profile"] == "table");
  CHECK(begun.body["seed"] == 3);
  CHECK(begun.body["rules"].size() > 3);
  CHECK(world.router->profile() == "table");
  CHECK(world.steer("PUT", "scenario", {{"name", "busy-monday"}}).status == 400);
  CHECK(world.steer("GET", "state").body["scenario"] == "busy-friday");
  const Reply ended = world.steer("PUT", "scenario", {{"name", ""}});
  CHECK(ended.body["profile"] == "off");
  CHECK(ended.body["rules"].empty());
  for (const json& bad : {json::object(), json({{"name", 1}}), json({{"name", ""}, {"seed", -1}}),
                          json({{"name", ""}, {"sead", 1}}), json::array()}) {
    CHECK(world.steer("PUT", "scenario", bad).status == 400);
  }
}

TEST_CASE("The clock is moved on, and what expires expires", "[control]") {
  Steered world;
  CHECK(world.get("/users").status == 200);
  CHECK(world.steer("POST", "time", {{"advance", 3'600'000}}).body["time"] == "2026-05-04T11:00:00Z");
  CHECK(world.get("/users").status == 401);
  for (const json& bad : {json::object(), json({{"advance", -1}}), json({{"advance", 1.5}}), json({{"advance", 1e18}}),
                          json({{"advance", 1}, {"to", 1}}), json("1")}) {
    CHECK(world.steer("POST", "time", bad).status == 400);
  }
}

TEST_CASE("The last requests are told with app, status and reason", "[control]") {
  Steered world{Options()};
  world.import_path();
  const std::uint64_t before = world.steer("GET", "requests").body["last"];
  world.rule({{"name", "bad luck"}, {"fault", "status"}, {"status", 500}, {"path", "/users"}, {"first", 1}});
  world.get("/users?$top=1");
  world.get("/users?$top=1", "reader");
  for (int n = 0; n < 6; ++n) world.import(n);
  const json told = world.steer("GET", "requests?after=" + std::to_string(before)).body;
  const json& list = told["requests"];
  REQUIRE(list.size() == 9);
  CHECK(told["last"] == before + 9);
  CHECK(list[0]["number"] == before + 1);
  CHECK(list[0]["path"] == "/v1.0/users?$top=1");
  CHECK(list[0]["status"] == 500);
  CHECK(list[0]["reason"] == "bad luck");
  CHECK(list[1]["app"] == "reader");
  CHECK(list[1]["method"] == "POST");
  CHECK_THAT(list[1]["path"].get<std::string>(), Catch::EndsWith("/oauth2/v2.0/token"));
  CHECK(list[2]["app"] == "reader");
  CHECK(list[2]["reason"] == "");
  CHECK(list[3]["app"] == "full");
  CHECK(list[3]["time"] == "2026-05-04T10:00:00Z");
  CHECK(list[8]["status"] == 429);
  CHECK(list[8]["reason"] == "5 a second in one conversation");
  CHECK(world.steer("GET", "requests?after=x").status == 400);
  CHECK(world.steer("GET", "requests?after=18446744073709551616").status == 400);
}

TEST_CASE("The log of requests is bounded", "[control]") {
  RequestLog log;
  for (int i = 0; i < 2500; ++i) log.add({0, 0, "", "GET", std::string(5000, 'x'), 200, ""});
  CHECK(log.requests().size() == 2000);
  CHECK(log.requests().front().number == 501);
  CHECK(log.last() == 2500);
  CHECK(log.requests().back().path.size() == 400);
}

TEST_CASE("The options are told without any secret", "[control]") {
  Steered world;
  const json told = world.steer("GET", "options").body;
  CHECK(told["profile"] == "off");
  CHECK(told["apps"][0]["name"] == "full");
  for (const App& app : world.router->apps()) {
    CHECK_THAT(told.dump(), !Catch::Contains(app.client_secret));
  }
}

TEST_CASE("Nobody but this machine, and no foreign page, steers the emulator", "[control]") {
  Steered world;
  const auto status = [&](const char* name, const char* value, bool loopback = true) {
    http::Request request = Steered::control_request("PUT", "faults", {{"rules", json::array()}});
    if (name != nullptr) request.headers.set(name, value);
    return world.steer(request, loopback).status;
  };
  CHECK(status(nullptr, "") == 200);
  CHECK(status(nullptr, "", false) == 404);
  CHECK(status("Origin", "http://localhost:4711") == 200);
  for (const char* origin : {"http://evil.example", "null", "http://localhost:4712", "https://localhost:4711", ""}) {
    CHECK(status("Origin", origin) == 403);
  }
  for (const char* host : {"evil.example", "evil.example:4711", "localhost.evil.example", "127.0.0.1.evil.example", "",
                           "[::1].evil.example", "10.0.0.1:4711"}) {
    CHECK(status("Host", host) == 404);
  }
  for (const char* host : {"localhost", "LocalHost:1", "127.0.0.1:4711", "[::1]", "[::1]:4711"}) {
    CHECK(status("Host", host) == 200);
  }
  for (const char* type : {"text/plain", "application/x-www-form-urlencoded", "", "application/jsonx"}) {
    CHECK(status("Content-Type", type) == 415);
  }
  CHECK(status("Content-Type", "Application/JSON; charset=utf-8") == 200);
  http::Request rebound = Steered::control_request("GET", "state");
  rebound.url = "http://evil.example:4711/emulator/state";
  CHECK(world.steer(rebound).status == 404);
  http::Request read = Steered::control_request("GET", "requests");
  read.headers.set("Origin", "http://evil.example");
  CHECK(world.steer(read).status == 403);
}

TEST_CASE("Unknown controls and methods are told apart, and bad bodies do no harm", "[control]") {
  Steered world;
  CHECK(world.steer("GET", "nothing").status == 404);
  CHECK(world.steer("GET", "").status == 404);
  CHECK(world.steer("DELETE", "state").status == 405);
  CHECK(world.steer("OPTIONS", "faults").status == 405);
  for (const char* what : {"faults", "scenario", "time"}) {
    for (const std::string& body : {std::string(), std::string("{"), std::string("\xff"), std::string(100'000, '['),
                                    std::string("null"), std::string("{\"fault\":{}}")}) {
      http::Request request = Steered::control_request(what == std::string("time") ? "POST" : "PUT", what, json(1));
      request.body = body;
      CHECK(world.steer(request).status == 400);
    }
  }
  CHECK(world.steer("GET", "state").header("Cache-Control") == "no-store");
  // Only below its own name: this is Graph's.
  http::Request other;
  other.url = "http://localhost:4711/emulators";
  CHECK(world.router->handle(other).response.status == 400);
}

TEST_CASE("With speed the emulator's time runs faster, and answers say so", "[control]") {
  Options options;
  options.speed = 10;
  options.latency = std::chrono::milliseconds(500);
  Steered world(options);
  CHECK(world.router->speed() == 10);
  world.import_path();
  SECTION("pace") {
    for (int n = 0; n < 5; ++n) CHECK(world.import(n).response.status == 200);
    CHECK(world.import(5).response.status == 429);
    world.clock.ms += 100;
    for (int n = 5; n < 10; ++n) CHECK(world.import(n).response.status == 200);
  }
  SECTION("lifetimes and dates") {
    world.clock.ms += 359'000;
    CHECK(world.get("/users").header("Date") == "Mon, 04 May 2026 10:59:50 GMT");
    world.clock.ms += 1'000;
    CHECK(world.get("/users").status == 401);
  }
  SECTION("waits") {
    world.rule({{"fault", "slow"}, {"ms", 2'000}});
    CHECK(world.ask("GET", "/users").delay.count() == 250);
  }
  SECTION("the header") {
    CHECK(world.get("/users").header("x-teamferry-speed") == "10");
    CHECK(world.sign_in(world.form("full")).header("x-teamferry-speed") == "10");
    Steered plain;
    CHECK(plain.get("/users").header("x-teamferry-speed").empty());
  }
  for (const double bad : {0.5, 0.0, -1.0, 1e9, std::nan("")}) {
    Options wrong;
    wrong.speed = bad;
    CHECK_FALSE(Router::open(wrong));
  }
}

TEST_CASE("What a faster life has stored is not in the future of the next", "[control]") {
  const TestFolder folder;
  Options options = World::unlimited();
  options.data_dir = folder.path.string();
  options.speed = 1000;
  World world(options);
  world.clock.ms += 3600'000;  // a thousand hours
  const std::string channel = world.new_channel(world.new_team());
  REQUIRE(world.post(channel + "/messages", world.message_body()).status == 200);
  world.options.speed = 1;
  world.restart();
  world.tokens.clear();
  const Reply read = world.get(channel + "/messages");
  CHECK(read.status == 200);
  CHECK(read.body["value"].size() == 1);
}

TEST_CASE("A tenant with a past has its consent: its tokens have roles from the first one on", "[control]") {
  const TestFolder folder;
  Options options = World::unlimited();
  options.data_dir = folder.path.string();
  options.scenario = "new-tenant";
  World world(options);
  CHECK(world.post("/teams", world.team_body()).status == 403);
  world.restart();
  world.tokens.clear();
  CHECK(world.post("/teams", world.team_body()).status == 202);
}

}  // namespace teamferry::emulator
