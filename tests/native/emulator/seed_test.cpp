#include <functional>

#include "native/emulator/tenant.h"
#include "native/emulator/text.h"
#include "tests/native/emulator/certificates.h"
#include "tests/native/emulator/folder.h"
#include "tests/native/emulator/world.h"

namespace teamferry::emulator {
namespace {

const std::string kAcme = std::string(TEAMFERRY_SOURCE_DIR) + "/examples/emulator/acme.json";

Options seeded(const std::string& file) {
  Options options = World::unlimited();
  options.seed_file = file;
  return options;
}

json acme() {
  std::ifstream file(kAcme);
  return json::parse(file);
}

Error error_of(Options options) {
  const FakeClock clock;
  options.clock = &clock;
  const auto opened = Router::open(options);
  REQUIRE_FALSE(opened);
  return opened.error();
}

// What is said of the example with one thing changed.
std::string refusal(const std::function<void(json& seed)>& change) {
  TestFolder folder;
  json seed = acme();
  change(seed);
  const std::string file = folder.write("seed.json", seed.dump());
  const Error error = error_of(seeded(file));
  CHECK(error.code == "bad_seed");
  REQUIRE(error.message.compare(0, file.size() + 2, file + ": ") == 0);
  return error.message.substr(file.size() + 2);
}

json by_name(const json& list, const std::string& name) {
  for (const json& each : list) {
    if (each.value("displayName", "") == name) return each;
  }
  FAIL("nothing is called " << name);
  return {};
}

Reply as_migration(World& world, const std::string& path) {
  return world.get(path, "migration");
}

}  // namespace

TEST_CASE("The example of a seed is a tenant with all it says", "[seed]") {
  World world(seeded(kAcme));
  CHECK(world.router->tenant().domain == "acme.example");
  const auto sign_in = [&](const std::string& secret) {
    return world.sign_in("client_id=3c9a1f60-7d2b-4e85-b0c4-68f1a2d7e953&client_secret=" + secret +
                             "&scope=https%3A%2F%2Fgraph.microsoft.com%2F.default&grant_type=client_credentials",
                         "acme.example");
  };
  world.tokens["migration"] = sign_in("acme-migration-secret").body["access_token"];
  CHECK(sign_in("acme-old-secret").body["error_codes"] == json::array({7000222}));
  CHECK(world.sign_in(world.form("migration")).body["error_codes"] == json::array({90002}));  // not the default tenant

  CHECK(as_migration(world, "/users").body["value"].size() == 5);  // four, and the fallback user
  CHECK(as_migration(world, "/users/a3b0c7d2-44e1-4c1f-9f0e-2d6b8a915c37").body["displayName"] == "Tomás Reyes");
  CHECK(as_migration(world, "/users/archive%40acme.example").status == 200);

  const json team = by_name(as_migration(world, "/teams").body["value"], "Launch pad");
  const std::string path = "/teams/" + team["id"].get<std::string>();
  CHECK(as_migration(world, path + "/members").body["value"].size() == 3);
  const json channels = as_migration(world, path + "/channels").body["value"];
  CHECK(channels.size() == 4);
  CHECK(by_name(channels, "budget")["membershipType"] == "private");
  CHECK(by_name(channels, "suppliers")["membershipType"] == "unknownFutureValue");  // shared, to who does not Prefer
  const std::string countdown = path + "/channels/" + by_name(channels, "countdown")["id"].get<std::string>();
  const json message = as_migration(world, countdown + "/messages").body["value"][0];
  CHECK(message["createdDateTime"] == "2021-03-02T09:00:00.25Z");
  CHECK(message["from"]["user"]["displayName"] == "Tomás Reyes");
  CHECK(message["mentions"][0]["mentioned"]["user"]["displayName"] == "Mara Lindt");
  CHECK(message["reactions"].size() == 1);
  CHECK(message["importance"] == "high");
  const std::string id = message["id"];
  CHECK(as_migration(world, countdown + "/messages/" + id + "/replies").body["value"].size() == 1);
  const std::string general = path + "/channels/" + by_name(channels, "General")["id"].get<std::string>();
  CHECK(as_migration(world, general + "/messages").body["value"].size() == 1);
  CHECK(as_migration(world, "/chats").body["value"].size() == 3);
}

TEST_CASE("A room of a seed lives, and can be put into migration", "[seed]") {
  World world(seeded(kAcme));
  world.tokens["migration"] = world.sign_in(world.form("migration"), "acme.example").body["access_token"];
  const json team = by_name(as_migration(world, "/teams").body["value"], "Launch pad");
  const std::string path = "/teams/" + team["id"].get<std::string>();
  const json channel = by_name(as_migration(world, path + "/channels").body["value"], "countdown");
  const std::string countdown = path + "/channels/" + channel["id"].get<std::string>();
  const json message = {{"createdDateTime", "2021-04-01T00:00:00Z"},
                        {"from", {{"user", {{"id", "a3b0c7d2-44e1-4c1f-9f0e-2d6b8a915c37"}}}}},
                        {"body", {{"content", "later"}}}};
  CHECK(world.post(countdown + "/messages", message, "migration").status == 403);
  CHECK(world.post(countdown + "/startMigration", nullptr, "migration").status == 204);
  CHECK(world.post(countdown + "/messages", message, "migration").status == 200);
}

TEST_CASE("The ids of a seed's things are the same in every emulator", "[seed]") {
  World one(seeded(kAcme));
  World two(seeded(kAcme));
  for (World* world : {&one, &two}) {
    world->tokens["migration"] = world->sign_in(world->form("migration"), "acme.example").body["access_token"];
  }
  for (const char* path : {"/users?$select=id", "/teams?$select=id", "/chats?$select=id"}) {
    CHECK(as_migration(one, path).body["value"] == as_migration(two, path).body["value"]);
  }
}

TEST_CASE("What is wrong in a seed is told with its place", "[seed]") {
  struct Case {
    const char* begin;
    void (*change)(json& seed);
  };
  const Case each = GENERATE(
      Case{"nonsense: is no key of a seed", [](json& s) { s["nonsense"] = 1; }},
      Case{"users: must be a list", [](json& s) { s["users"] = 7; }},
      Case{"users[1]: must be an object", [](json& s) { s["users"][1] = "x"; }},
      Case{"users[0]: lacks 'displayName'", [](json& s) { s["users"][0].erase("displayName"); }},
      Case{"users[0].mail: 'x' is no mail", [](json& s) { s["users"][0]["mail"] = "x"; }},
      Case{"users[0].id: 'x' is no GUID", [](json& s) { s["users"][0]["id"] = "x"; }},
      Case{"users[0].userType: must be", [](json& s) { s["users"][0]["userType"] = "Robot"; }},
      Case{"users[0].accountEnabled: must be true", [](json& s) { s["users"][0]["accountEnabled"] = 1; }},
      Case{"users[1]: 'mara.lindt@acme.example' is an earlier",
           [](json& s) { s["users"][1]["mail"] = "mara.lindt@acme.example"; }},
      Case{"users[1]: is the fallback", [](json& s) { s["users"][1]["mail"] = "archive@acme.example"; }},
      Case{"users[0].proxyAddresses[0]: must begin", [](json& s) { s["users"][0]["proxyAddresses"][0] = "x"; }},
      Case{"tenant.domain: 'x' is no domain", [](json& s) { s["tenant"]["domain"] = "x"; }},
      Case{"tenant.id: must be a text", [](json& s) { s["tenant"]["id"] = 5; }},
      Case{"apps[0].client_id: 'x' is no GUID", [](json& s) { s["apps"][0]["client_id"] = "x"; }},
      Case{"apps[1].client_id: is the client_id",
           [](json& s) { s["apps"][1]["client_id"] = s["apps"][0]["client_id"]; }},
      Case{"apps[0].secrets[1].expires: 'soon' is no time",
           [](json& s) { s["apps"][0]["secrets"][1]["expires"] = "soon"; }},
      Case{"apps[0]: needs 'secrets'", [](json& s) { s["apps"][0].erase("secrets"); }},
      Case{"apps[0]: has 'roles' and", [](json& s) { s["apps"][0]["delegated"] = {"User.Read"}; }},
      Case{"apps[0].certificates[0]: the file", [](json& s) { s["apps"][0]["certificates"] = {"none.pem"}; }},
      Case{"apps[0].certificates[0]: is no certificate",
           [](json& s) { s["apps"][0]["certificates"] = {"-----BEGIN X"}; }},
      Case{"teams[0]: needs 'owners'", [](json& s) { s["teams"][0].erase("owners"); }},
      Case{"teams[0].members[0]: 'x' is no user", [](json& s) { s["teams"][0]["members"][0] = "x"; }},
      Case{"teams[0].owners[0]: Piet Brand is a guest",
           [](json& s) { s["teams"][0]["owners"][0] = "piet@supplier.example"; }},
      Case{"teams[0].members[1]: Tomás Reyes is there twice",
           [](json& s) { s["teams"][0]["members"][1] = "tomas.reyes@acme.example"; }},
      Case{"teams[1]: is there already", [](json& s) { s["teams"].push_back(s["teams"][0]); }},
      Case{"teams[0].channels[1].displayName: Channel name",
           [](json& s) { s["teams"][0]["channels"][1]["displayName"] = "a/b"; }},
      Case{"teams[0].channels[2].displayName: is the name",
           [](json& s) { s["teams"][0]["channels"][2]["displayName"] = "Countdown"; }},
      Case{"teams[0].channels[2].membershipType: must be",
           [](json& s) { s["teams"][0]["channels"][2]["membershipType"] = "secret"; }},
      Case{"teams[0].channels[2]: needs 'owners'", [](json& s) { s["teams"][0]["channels"][2].erase("owners"); }},
      Case{"teams[0].channels[2]: Ines Ohm is in a private",
           [](json& s) { s["teams"][0]["channels"][2]["members"] = {"ines.ohm@acme.example"}; }},
      Case{"teams[0].channels[1].owners: is the team's",
           [](json& s) { s["teams"][0]["channels"][1]["owners"] = json::array(); }},
      Case{"teams[0].channels[1].messages[0].from: 'x' is no user",
           [](json& s) { s["teams"][0]["channels"][1]["messages"][0]["from"] = "x"; }},
      Case{"teams[0].channels[1].messages[0]: needs 'text' or 'html'",
           [](json& s) { s["teams"][0]["channels"][1]["messages"][0]["text"] = "x"; }},
      Case{"teams[0].channels[1].messages[0]: no such message can be",
           [](json& s) { s["teams"][0]["channels"][1]["messages"][0]["importance"] = "loud"; }},
      Case{"teams[0].channels[1].messages[0].replies[0].createdDateTime: is not later",
           [](json& s) {
             s["teams"][0]["channels"][1]["messages"][0]["replies"][0]["createdDateTime"] = "2021-03-02T09:00:00Z";
           }},
      Case{"teams[0].channels[1].messages[1].createdDateTime: is another message's",
           [](json& s) {
             s["teams"][0]["channels"][1]["messages"].push_back(s["teams"][0]["channels"][1]["messages"][0]);
           }},
      Case{"teams[0].channels[0].messages[0].createdDateTime: is in the future",
           [](json& s) { s["teams"][0]["channels"][0]["messages"][0]["createdDateTime"] = "2030-01-01T00:00:00Z"; }},
      Case{"chats[0].members: must be two",
           [](json& s) { s["chats"][0]["members"].push_back("ines.ohm@acme.example"); }},
      Case{"chats[0].topic: is nothing that", [](json& s) { s["chats"][0]["topic"] = "x"; }},
      Case{"chats[1].chatType: must be", [](json& s) { s["chats"][1]["chatType"] = "circle"; }},
      Case{"chats[0].messages[0].replies: is no key",
           [](json& s) { s["chats"][0]["messages"][0]["replies"] = json::array(); }},
      Case{"chats[3]: is there already", [](json& s) { s["chats"].push_back(s["chats"][0]); }});
  const std::string said = refusal(each.change);
  CHECK_THAT(said, Catch::StartsWith(each.begin));
}

TEST_CASE("What is no seed at all is told, too", "[seed]") {
  TestFolder folder;
  CHECK_THAT(error_of(seeded("/nowhere/at/all.json")).message, Catch::Contains("cannot be read"));
  CHECK_THAT(error_of(seeded(folder.path.string())).message, Catch::Contains("cannot be read"));
  for (const std::string& text :
       {std::string(), std::string("{"), std::string("\0\xff", 2), std::string(100'000, '[')}) {
    CHECK_THAT(error_of(seeded(folder.write("bad.json", text))).message, Catch::Contains("no JSON"));
  }
  CHECK_THAT(error_of(seeded(folder.write("bad.json", "[]"))).message, Catch::Contains("must be an object"));
}

TEST_CASE("A certificate in a file beside the seed signs in, and its key is not kept", "[seed]") {
  TestFolder folder;
  folder.write("app.pem", test_certificate(0).key_pem + test_certificate(0).pem);
  const std::string id = "0b2e4a11-7f3c-4d05-8a66-90c1d2e3f4a5";
  const json seed = {{"apps", {{{"client_id", id}, {"certificates", {"app.pem"}}, {"roles", {"User.Read.All"}}}}}};
  World world(seeded(folder.write("seed.json", seed.dump())));
  REQUIRE(world.router->apps().size() == 1);
  CHECK(world.router->apps()[0].certificates == std::vector<std::string>{test_certificate(0).pem});
}

TEST_CASE("A folder takes its seed once, goes on without it, and refuses another", "[seed]") {
  TestFolder folder;
  const std::string file =
      folder.write("seed.json", R"({"users": [{"displayName": "Ann", "mail": "ann@tenant.example"}]})");
  Options options = seeded(file);
  options.data_dir = (folder.path / "data").string();
  World world(options);
  REQUIRE(world.router->ensure_user("Later", "later@tenant.example"));
  world.restart();
  CHECK(world.router->users().size() == 3);  // Ann, the later one, the fallback user
  world.options.seed_file.clear();
  world.restart();
  CHECK(world.router->users().size() == 3);
  world.router.reset();
  folder.write("seed.json", R"({"users": [{"displayName": "Ben", "mail": "ben@tenant.example"}]})");
  CHECK(error_of(options).code == "seed_changed");
  Options unseeded = World::unlimited();
  unseeded.data_dir = (folder.path / "other").string();
  { World other(unseeded); }
  unseeded.seed_file = file;
  CHECK(error_of(unseeded).code == "seed_changed");
}

TEST_CASE("A wrong seed leaves no folder, and half a seed is no tenant", "[seed]") {
  TestFolder folder;
  Options options = seeded(folder.write("seed.json", R"({"users": [{"displayName": "Ann"}]})"));
  options.data_dir = (folder.path / "data").string();
  CHECK(error_of(options).code == "bad_seed");
  CHECK_FALSE(std::filesystem::exists(options.data_dir));
  folder.write("seed.json", R"({"users": [{"displayName": "Ann", "mail": "ann@tenant.example"}]})");
  { World world(options); }
  std::string state = folder.read("data/state.jsonl");
  const auto end = state.find("{\"op\":\"seeded\"");
  REQUIRE(end != state.npos);
  folder.write("data/state.jsonl", state.substr(0, end));
  CHECK(error_of(options).code == "seed_interrupted");
}

}  // namespace teamferry::emulator
