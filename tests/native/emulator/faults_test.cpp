#include "native/emulator/faults.h"

#include <set>

#include "native/emulator/text.h"
#include "tests/native/emulator/steered.h"

namespace teamferry::emulator {
namespace {

std::string problem_of(const std::string& text) {
  const auto read = read_faults(text);
  return read ? "" : read.error().message;
}

std::string problem_of_rule(const json& rule) {
  return problem_of(json({{"rules", json::array({rule})}}).dump());
}

// "200 503 reset ..."
std::string statuses(Steered& world, int from, int to) {
  std::string all;
  for (int n = from; n < to; ++n) {
    const Outcome outcome = world.import(n);
    all += outcome.cut == Cut::reset ? "reset " : std::to_string(outcome.response.status) + " ";
  }
  return all;
}

int count_of(const std::string& text, const std::string& part) {
  int count = 0;
  for (auto at = text.find(part); at != text.npos; at = text.find(part, at + 1)) ++count;
  return count;
}

}  // namespace

TEST_CASE("E164: an error answer of any kind, with its code and text, instead of the act", "[faults]") {
  const std::pair<int, const char*> each[] = {{500, "InternalServerError"},
                                              {502, "BadGateway"},
                                              {503, "ServiceUnavailable"},
                                              {504, "GatewayTimeout"},
                                              {429, "TooManyRequests"},
                                              {412, "PreconditionFailed"},
                                              {409, "Conflict"},
                                              {507, "insufficientStorage"},
                                              {418, "UnknownError"}};
  for (const auto& [status, code] : each) {
    Steered world;
    world.import_path();
    world.rule({{"fault", "status"}, {"status", status}, {"on", "imports"}, {"first", 1}});
    const Outcome refused = world.import(1);
    CHECK(refused.response.status == status);
    const json error = json::parse(refused.response.body)["error"];
    CHECK(error["code"] == code);
    CHECK(error["innerError"].contains("request-id"));
    CHECK((refused.response.headers.find("Retry-After") != nullptr) == (status == 429));
    CHECK(world.stored() == 0);
    CHECK(world.import(1).response.status == 200);
  }
}

TEST_CASE("An error answer can have words and a wait of its own, and come after the act", "[faults]") {
  Steered world;
  world.import_path();
  world.rule({{"fault", "status"},
              {"status", 503},
              {"code", "serviceNotAvailable"},
              {"message", "Later"},
              {"retryAfter", 2.5},
              {"acted", true},
              {"on", "imports"},
              {"first", 1}});
  const Outcome lost = world.import(1);
  CHECK(lost.response.status == 503);
  CHECK(json::parse(lost.response.body)["error"]["code"] == "serviceNotAvailable");
  CHECK(json::parse(lost.response.body)["error"]["message"] == "Later");
  CHECK(*lost.response.headers.find("Retry-After") == "3");
  CHECK(world.import(1).response.status == 409);
}

TEST_CASE("E163: an answer is lost after the act, and the message is there once", "[faults]") {
  for (const char* word : {"reset-after", "timeout-after-commit"}) {
    Steered world;
    world.import_path();
    world.rule({{"fault", word}, {"on", "imports"}, {"first", 1}});
    CHECK(world.import(1).cut == Cut::reset);
    const Outcome again = world.import(1);
    CHECK(again.cut == Cut::none);
    CHECK(again.response.status == 409);
    CHECK(world.stored() == 1);
  }
}

TEST_CASE("A connection is reset before the act, or half of the answer arrives", "[faults]") {
  Steered world;
  world.import_path();
  world.rules({{{"fault", "reset-before"}, {"on", "imports"}, {"first", 1}},
               {{"fault", "half-answer"}, {"on", "imports"}, {"every", 2}}});
  CHECK(world.import(1).cut == Cut::reset);
  CHECK(world.stored() == 0);
  const Outcome half = world.import(1);
  CHECK(half.cut == Cut::half);
  CHECK(half.response.status == 200);
  CHECK(world.stored() == 1);
}

TEST_CASE("A gateway answers with a page of its own", "[faults]") {
  Steered world;
  world.import_path();
  world.rules({{{"fault", "gateway-html"}, {"on", "imports"}, {"first", 1}},
               {{"fault", "gateway-html"}, {"status", 504}, {"acted", true}, {"on", "imports"}, {"every", 2}}});
  const Outcome page = world.import(1);
  CHECK(page.response.status == 502);
  CHECK(*page.response.headers.find("Content-Type") == "text/html");
  CHECK(page.response.headers.find("request-id") == nullptr);
  CHECK_THAT(page.response.body, Catch::StartsWith("<html>"));
  CHECK(world.stored() == 0);
  CHECK(world.import(1).response.status == 504);
  CHECK(world.stored() == 1);
}

TEST_CASE("Slow answers wait, on top of the latency", "[faults]") {
  Options options = World::unlimited();
  options.latency = std::chrono::milliseconds(20);
  Steered world(options);
  world.import_path();
  world.rules({{{"fault", "slow"}, {"ms", 700}, {"on", "imports"}}, {{"fault", "slow"}, {"ms", 5}}});
  CHECK(world.import(1).delay.count() == 725);
  CHECK(world.ask("GET", "/users").delay.count() == 25);
}

TEST_CASE("E15: a token expires before its time", "[faults]") {
  Steered world;
  world.rule({{"fault", "expired-token"}, {"first", 1}});
  const Reply refused = world.get("/users");
  CHECK(refused.status == 401);
  CHECK(refused.code() == "InvalidAuthenticationToken");
  CHECK(refused.message() == "Lifetime validation failed, the token is expired.");
  CHECK_FALSE(refused.header("WWW-Authenticate").empty());
  CHECK(world.get("/users").status == 200);
}

TEST_CASE("A skewed clock shows in the Date header, in tokens and in what is the future", "[faults]") {
  Steered world;
  world.import_path();
  const auto claims = [&] {
    world.tokens.clear();
    const std::string token = world.token("full");
    const auto first = token.find('.');
    return json::parse(*from_base64url(token.substr(first + 1, token.rfind('.') - first - 1)));
  };
  const std::int64_t issued = claims()["iat"];
  world.rule({{"fault", "clock-skew"}, {"ms", 600'000}});
  CHECK(world.get("/users").header("Date") == "Mon, 04 May 2026 10:10:00 GMT");
  CHECK(claims()["iat"] == issued + 600);
  CHECK(world.post(world.messages, world.message_body("2026-05-04T10:05:00Z")).status == 200);
  world.rule({{"fault", "clock-skew"}, {"ms", -600'000}});
  world.tokens.clear();
  world.clock.ms += 1'800'000;  // what was made later than it is now would not be there yet
  CHECK(world.get("/users").header("Date") == "Mon, 04 May 2026 10:20:00 GMT");
  CHECK(world.post(world.messages, world.message_body("2026-05-04T10:25:00Z")).status == 400);
}

TEST_CASE("A token has no roles before the consent has arrived", "[faults]") {
  Steered world;
  world.rule({{"fault", "no-roles"}, {"first", 1}});
  CHECK(world.get("/users").status == 403);
  world.tokens.clear();
  CHECK(world.get("/users").status == 200);
}

TEST_CASE("The sign-in fails in its own words", "[faults]") {
  Steered world;
  world.rule({{"fault", "status"}, {"status", 429}, {"retryAfter", 7}, {"on", "sign-in"}, {"first", 1}});
  const Reply refused = world.sign_in(world.form("full"));
  CHECK(refused.status == 429);
  CHECK(refused.header("Retry-After") == "7");
  CHECK(refused.body["error"] == "temporarily_unavailable");
  CHECK(refused.body["error_codes"][0] == 90055);
  CHECK(world.sign_in(world.form("full")).status == 200);
}

TEST_CASE("E97: messages with inline images are refused, others are not", "[faults]") {
  Steered world;
  world.rule({{"fault", "inline-images-403"}});
  json with_image = world.message_body("2019-03-01T00:00:00Z");
  with_image["hostedContents"] = json::array({{{"contentType", "image/png"}}});
  CHECK(world.post(world.import_path(), with_image).status == 403);
  with_image["hostedContents"] = json::array();
  CHECK(world.post(world.messages, with_image).status == 200);
  CHECK(world.import(1).response.status == 200);
}

TEST_CASE("E55: one-on-one chats answer 412 as often as they were told to", "[faults]") {
  Steered world;
  const auto chat = [&](const char* type, std::size_t members) {
    json body = {{"chatType", type}, {"members", json::array()}};
    for (std::size_t i = 0; i < members; ++i) {
      body["members"].push_back(
          {{"@odata.type", "#microsoft.graph.aadUserConversationMember"},
           {"roles", {"owner"}},
           {"user@odata.bind", "https://graph.microsoft.com/v1.0/users('" + world.router->users()[i].id + "')"}});
    }
    const Reply created = world.post("/chats", body);
    REQUIRE(created.status == 201);
    return "/chats/" + created.body["id"].get<std::string>() + "/startMigration";
  };
  const std::string pair = chat("oneOnOne", 2);
  const std::string group = chat("group", 3);
  world.rule({{"fault", "oneonone-412"}, {"times", 2}});
  CHECK(world.post(group).status == 204);
  for (int i = 0; i < 2; ++i) {
    const Reply refused = world.post(pair);
    CHECK(refused.status == 412);
    CHECK(refused.code() == "PreconditionFailed");
    CHECK(refused.inner() == "PreconditionFailed-Version mismatch for thread resource.");
  }
  CHECK(world.post(pair).status == 204);
}

TEST_CASE("E56: a start too soon after the completion sticks", "[faults]") {
  Steered world;
  const std::string team = world.new_team();
  const std::string early = world.new_channel(team, "early");
  const std::string late = world.new_channel(team, "late");
  world.rule({{"fault", "wedge"}, {"ms", 60'000}});
  CHECK(world.post(early + "/completeMigration").status == 204);
  CHECK(world.post(late + "/completeMigration").status == 204);
  world.clock.ms += 59'999;
  CHECK(world.post(early + "/startMigration").status == 400);
  world.clock.ms += 1'000'000;
  CHECK(world.post(early + "/startMigration").status == 400);
  CHECK(world.post(early + "/completeMigration").status == 204);
  CHECK(world.post(early + "/completeMigration").status == 204);
  CHECK(world.get(early).body["migrationMode"] == "completed");
  CHECK(world.post(late + "/startMigration").status == 204);
  CHECK(world.post(late + "/completeMigration").status == 204);
  world.rules(json::array());
  CHECK(world.post(early + "/startMigration").status == 204);
}

TEST_CASE("Standing faults make things appear late, and end with their rule", "[faults]") {
  Steered world;
  world.rules({{{"fault", "provisioning"}, {"ms", 20'000}}, {{"fault", "read-lag"}, {"ms", 5'000}}});
  const std::string team = World::team_path(world.post("/teams", world.team_body()));
  CHECK(world.get(team).status == 404);
  world.clock.ms += 20'000;
  CHECK(world.get(team).status == 200);
  world.steer("DELETE", "faults");
  world.import_path();
  world.rule({{"fault", "read-lag"}, {"ms", 5'000}, {"until", "2026-05-04T10:01:00Z"}});
  world.import(1);
  CHECK(world.stored() == 0);
  world.clock.ms += 5'000;
  CHECK(world.stored() == 1);
  world.clock.ms += 60'000;
  world.import(2);
  CHECK(world.stored() == 2);
}

TEST_CASE("E155, E157: rules change the form of Retry-After", "[faults]") {
  const std::pair<const char*, const char*> each[] = {
      {"no-retry-after", ""}, {"retry-after-fraction", "0.200"}, {"retry-after-date", "Mon, 04 May 2026 10:00:01 GMT"}};
  for (const auto& [word, text] : each) {
    Steered world{Options()};
    world.import_path();
    world.rule({{"fault", word}});
    for (int n = 0; n < 5; ++n) world.import(n);
    const Outcome refused = world.import(5);
    CHECK(refused.response.status == 429);
    const std::string* header = refused.response.headers.find("Retry-After");
    CHECK((header == nullptr ? "" : *header) == text);
  }
}

TEST_CASE("A rule looks at what it names: class, method, path", "[faults]") {
  Steered world;
  const std::string team = world.new_team();
  const auto hits = [&](json where) {
    where["fault"] = "status";
    where["status"] = 500;
    world.rule(where);
    std::string all;
    const std::pair<const char*, std::string> each[] = {{"GET", "/users"},
                                                        {"GET", team},
                                                        {"GET", team + "/channels"},
                                                        {"POST", team + "/channels"},
                                                        {"GET", "/nothing"}};
    for (const auto& [method, path] : each) {
      all += world.ask(method, path).response.status == 500 ? 'x' : '.';
    }
    return all;
  };
  CHECK(hits({{"on", "creations"}}) == "...x.");
  CHECK(hits({{"on", {"reads", "creations"}}}) == "xxxxx");
  CHECK(hits({{"method", "POST"}}) == "...x.");
  CHECK(hits({{"path", "/teams/*"}}) == ".x...");
  CHECK(hits({{"path", "/teams/**"}}) == ".xxx.");
  CHECK(hits({{"path", "/teams/*/channels"}, {"method", "GET"}}) == "..x..");
  CHECK(hits({{"path", "/groups/*"}}) == ".....");
  CHECK(hits({{"from", "2026-05-04T10:00:01Z"}}) == ".....");
  CHECK(hits({{"until", "2026-05-04T10:00:00Z"}}) == ".....");
}

TEST_CASE("How often: every nth, the first n, n in a row, at most n", "[faults]") {
  Steered world;
  world.import_path();
  const json base = {{"fault", "status"}, {"status", 500}, {"on", "imports"}};
  const auto with = [&](const json& more) {
    json rule = base;
    rule.update(more);
    world.rule(rule);
    std::string marks;
    static int next = 0;
    for (int i = 0; i < 12; ++i) marks += world.import(++next).response.status == 500 ? 'x' : '.';
    return marks;
  };
  CHECK(with({{"every", 4}}) == "...x...x...x");
  CHECK(with({{"first", 3}}) == "xxx.........");
  CHECK(with({{"every", 4}, {"times", 2}}) == "...xx...xx..");
  CHECK(with({{"every", 2}, {"most", 3}}) == ".x.x.x......");
  CHECK(with({{"every", 3}, {"times", "always"}}) == "..xxxxxxxxxx");
  CHECK(with({{"chance", 0}}) == "............");
  CHECK(with(json::object()) == "xxxxxxxxxxxx");
}

TEST_CASE("The same fault hits one message several times in a row", "[faults]") {
  Steered world;
  world.import_path();
  world.rule({{"fault", "status"}, {"status", 503}, {"on", "imports"}, {"per", "message"}, {"every", 2}, {"times", 3}});
  CHECK(statuses(world, 1, 4) == "200 503 200 ");
  for (int i = 0; i < 2; ++i) CHECK(statuses(world, 2, 3) == "503 ");
  CHECK(statuses(world, 2, 3) == "200 ");
  // Another spelling of the same time is the same message.
  const Outcome first = world.ask("POST", world.messages, world.message_body("2019-03-01T00:00:00.004Z"));
  const Outcome second = world.ask("POST", world.messages, world.message_body("2019-03-01T01:00:00.0040+01:00"));
  CHECK(first.response.status == 503);
  CHECK(second.response.status == 503);
}

TEST_CASE("The first rule that fires gives the answer, all others count on", "[faults]") {
  Steered world;
  world.import_path();
  world.rules({{{"fault", "status"}, {"status", 500}, {"on", "imports"}, {"every", 2}},
               {{"fault", "status"}, {"status", 503}, {"on", "imports"}, {"every", 3}}});
  CHECK(statuses(world, 1, 7) == "200 500 503 500 200 500 ");
  const json rules = world.steer("GET", "state").body["rules"];
  CHECK(rules[0]["hits"] == 3);
  CHECK(rules[1]["hits"] == 1);
  CHECK(rules[1]["lookedAt"] == 6);
}

TEST_CASE("The same seed number gives the same sequence, another one another", "[faults]") {
  const auto run = [](int seed) {
    Steered world;
    world.import_path();
    world.rules({{{"fault", "status"}, {"status", 503}, {"on", "imports"}, {"chance", 0.2}},
                 {{"fault", "reset-after"}, {"on", "imports"}, {"chance", 0.1}, {"per", "message"}}},
                seed);
    return statuses(world, 0, 300);
  };
  const std::string first = run(7);
  CHECK(run(7) == first);
  CHECK(run(8) != first);
  CHECK(count_of(first, "503") > 30);
  CHECK(count_of(first, "503") < 90);
  CHECK(count_of(first, "reset") > 10);
}

TEST_CASE("With a chance per message the same messages are hit in whatever order they come", "[faults]") {
  const auto hit = [](bool backwards) {
    Steered world;
    world.import_path();
    world.rule({{"fault", "status"}, {"status", 503}, {"on", "imports"}, {"chance", 0.2}, {"per", "message"}});
    std::set<int> hits;
    for (int i = 0; i < 100; ++i) {
      const int n = backwards ? 99 - i : i;
      if (world.import(n).response.status == 503) hits.insert(n);
    }
    return hits;
  };
  CHECK(hit(false) == hit(true));
  CHECK(hit(false).size() > 5);
}

TEST_CASE("A faults file is read strictly, and the error says where", "[faults]") {
  const auto rule = [](json more) {
    json all = {{"fault", "status"}, {"status", 500}};
    all.update(more);
    return problem_of_rule(all);
  };
  const std::pair<std::string, std::string> each[] = {
      {problem_of("{"), "is not JSON: at line 1"},
      {problem_of(""), "is not JSON"},
      {problem_of("[]"), "must be an object"},
      {problem_of("{}"), "rules: must be a list"},
      {problem_of(R"({"rules":[],"sead":1})"), "sead: is not a member"},
      {problem_of(R"({"rules":[],"seed":-1})"), "seed: must be a whole number"},
      {problem_of(R"({"rules":[7]})"), "rules[0]: must be an object"},
      {problem_of_rule({{"fault", "explode"}}), "rules[0].fault: must be one of status, reset-before"},
      {problem_of_rule(json::object()), "rules[0].fault"},
      {problem_of_rule({{"fault", "status"}}), "rules[0].status: is missing"},
      {problem_of_rule({{"fault", "slow"}}), "rules[0].ms: is missing"},
      {problem_of_rule({{"fault", "slow"}, {"ms", -1}}), "rules[0].ms: must be a whole number from 0"},
      {problem_of_rule({{"fault", "slow"}, {"ms", 1}, {"status", 500}}), "rules[0].status: is not a member"},
      {problem_of_rule({{"fault", "read-lag"}, {"ms", 1}, {"chance", 1}}), "rules[0].chance: is not a member"},
      {problem_of_rule({{"fault", "gateway-html"}, {"status", 500}}), "rules[0].status: must be a whole number"},
      {rule({{"status", 200}}), "rules[0].status"},
      {rule({{"status", 500.5}}), "rules[0].status"},
      {rule({{"chance", 1.1}}), "rules[0].chance: must be a number from 0 to 1"},
      {rule({{"chance", "0.5"}}), "rules[0].chance"},
      {rule({{"every", 0}}), "rules[0].every"},
      {rule({{"times", "ever"}}), "rules[0].times"},
      {rule({{"per", "app"}}), "rules[0].per: must be one of request, message"},
      {rule({{"on", "import"}}), "rules[0].on: must be one of sign-in, imports"},
      {rule({{"on", json::array()}}), "rules[0].on: must not be empty"},
      {rule({{"method", "post"}}), "rules[0].method"},
      {rule({{"path", "teams"}}), "rules[0].path: must begin with '/'"},
      {rule({{"path", "/v1.0/teams"}}), "rules[0].path: must not begin with the version"},
      {rule({{"path", "/teams/**/channels"}}), "rules[0].path"},
      {rule({{"path", "/teams/a*"}}), "rules[0].path"},
      {rule({{"path", "/teams//x"}}), "rules[0].path: has an empty segment"},
      {rule({{"until", "tomorrow"}}), "rules[0].until: must be a time"},
      {rule({{"acted", 1}}), "rules[0].acted: must be true or false"},
      {rule({{"retryAfter", "3"}}), "rules[0].retryAfter"},
      {rule({{"code", 5}}), "rules[0].code: must be a text"},
      {rule({{"chanse", 1}}), "rules[0].chanse: is not a member of a rule of 'status'; there are"}};
  for (const auto& [problem, wanted] : each) {
    INFO(problem);
    CHECK_THAT(problem, Catch::Contains(wanted));
  }
  CHECK(problem_of(R"({"rules":[{"fault":"status","status":429,"retryAfter":null}]})").empty());
  json many = json::array();
  for (int i = 0; i < 201; ++i) many.push_back({{"fault", "reset-before"}});
  CHECK_THAT(problem_of(json({{"rules", many}}).dump()), Catch::Contains("more than 200"));
  CHECK_FALSE(problem_of(std::string(500'000, '[')).empty());
}

TEST_CASE("A faults file is part of the start, and its name of the error", "[faults]") {
  Options options = World::unlimited();
  options.faults_file = "no such file.json";
  auto refused = Router::open(options);
  REQUIRE_FALSE(refused);
  CHECK_THAT(refused.error().message, Catch::StartsWith("no such file.json: "));
  options.faults_file = TEAMFERRY_SOURCE_DIR "/examples/emulator/busy.json";
  CHECK(Router::open(options));
}

}  // namespace teamferry::emulator
