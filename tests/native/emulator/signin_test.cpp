#include "native/emulator/keys.h"
#include "native/emulator/tenant.h"
#include "native/emulator/text.h"
#include "tests/native/emulator/certificates.h"
#include "tests/native/emulator/folder.h"
#include "tests/native/emulator/world.h"

namespace teamferry::emulator {
namespace {
json claims_of(const std::string& token) {
  const auto first = token.find('.');
  return json::parse(*from_base64url(token.substr(first + 1, token.rfind('.') - first - 1)));
}
}  // namespace

TEST_CASE("E1: the right secret gets a bearer token that names app, tenant and roles", "[signin]") {
  World world;
  const Reply reply = world.sign_in(world.form("full"));
  REQUIRE(reply.status == 200);
  CHECK(reply.body["token_type"] == "Bearer");
  CHECK(reply.body["expires_in"] == 3599);
  const json claims = claims_of(reply.body["access_token"]);
  CHECK(claims["roles"] == world.app("full").roles);
  CHECK(claims["idtyp"] == "app");
  CHECK(claims["tid"] == kTenantId);
  CHECK(claims["appid"] == world.app("full").client_id);
  CHECK(claims["aud"] == "https://graph.microsoft.com");
  CHECK(claims["exp"] == world.clock.ms / 1000 + 3600);
}

TEST_CASE("E1: the tenant may be named by its domain, and the query is ignored", "[signin]") {
  World world;
  CHECK(world.sign_in(world.form("full"), "Tenant.Example").status == 200);
  http::Request request;
  request.method = "POST";
  request.url = std::string("/") + kTenantId + "/oauth2/v2.0/token?client-request-id=1";
  request.body = world.form("full");
  CHECK(world.send(request).status == 200);
}

TEST_CASE("E1: a scope on the emulator's own address is Graph's as well", "[signin]") {
  World world;
  const App app = world.app("full");
  CHECK(world
            .sign_in("client_id=" + app.client_id + "&client_secret=" + app.client_secret +
                     "&scope=http%3A%2F%2Fgraph.example%3A8080%2F.default&grant_type=client_credentials")
            .status == 200);
}

TEST_CASE("E2 to E7: each wrong request for a token has its own code", "[signin]") {
  struct Case {
    const char* change;  // field=value; a field alone is taken away
    int status;
    const char* error;
    int code;
  };
  const Case each = GENERATE(
      Case{"client_secret=wrong", 401, "invalid_client", 7000215},
      Case{"client_secret", 401, "invalid_client", 7000216},
      Case{"client_id=11111111-2222-3333-4444-555555555555", 400, "unauthorized_client", 700016},
      Case{"scope=User.Read", 400, "invalid_scope", 1002012},
      Case{"scope=https%3A%2F%2Fother.example%2F.default", 400, "invalid_resource", 500011},
      Case{"scope=https%3A%2F%2Fgraph.microsoft.com%2F.default%20openid%2F.default", 400, "invalid_scope", 70011},
      Case{"scope=%2F.default", 400, "invalid_scope", 1002012}, Case{"scope", 400, "invalid_request", 900144},
      Case{"client_id", 400, "invalid_request", 900144}, Case{"grant_type", 400, "invalid_request", 900144},
      Case{"grant_type=password", 400, "unsupported_grant_type", 70003},
      Case{"client_id=%zz", 400, "invalid_request", 90014});
  INFO(each.change);
  World world;
  const std::string change = each.change;
  const std::string name = change.substr(0, change.find('=')) + "=";
  std::string form = "&" + world.form("full");
  const auto at = form.find("&" + name);
  form.erase(at, form.find('&', at + 1) - at);
  if (change.find('=') != change.npos) form += "&" + change;
  const Reply reply = world.sign_in(form);
  CHECK(reply.status == each.status);
  CHECK(reply.body["error"] == each.error);
  CHECK(reply.body["error_codes"] == json::array({each.code}));
  const std::string description = reply.body["error_description"];
  CHECK_THAT(description, Catch::StartsWith("AADSTS" + std::to_string(each.code)));
  if (each.code == 900144) CHECK_THAT(description, Catch::Contains("'" + change + "'"));
}

TEST_CASE("E3: a secret past its end is 7000222, and another of the same app still signs in", "[signin]") {
  Options options = World::unlimited();
  World world(options);
  const std::int64_t now = world.clock.ms;
  const std::string id = "0b2e4a11-7f3c-4d05-8a66-90c1d2e3f4a5";
  world.options.apps = {{id, "new", {}, "several", {{"old", now}, {"new", now + 1}, {"ever", std::nullopt}}}};
  world.restart();
  const auto sign_in = [&](const std::string& secret) {
    return world.sign_in("client_id=" + id + "&client_secret=" + secret +
                         "&scope=https%3A%2F%2Fgraph.microsoft.com%2F.default&grant_type=client_credentials");
  };
  const Reply expired = sign_in("old");
  CHECK(expired.status == 401);
  CHECK(expired.body["error"] == "invalid_client");
  CHECK(expired.body["error_codes"] == json::array({7000222}));
  CHECK(sign_in("new").status == 200);
  CHECK(sign_in("ever").status == 200);
  CHECK(sign_in("other").body["error_codes"] == json::array({7000215}));
  world.clock.ms += 1;
  CHECK(sign_in("new").body["error_codes"] == json::array({7000222}));
}

TEST_CASE("E3: one of the tenant's own apps has an expired secret to try", "[signin]") {
  World world;
  std::string form = world.form("reader");
  form.replace(form.find("emulator-reader-secret"), 22, "emulator-expired-secret");
  CHECK(world.sign_in(form).body["error_codes"] == json::array({7000222}));
}

TEST_CASE("E2: an error of the sign-in has every member, and the client's own id", "[signin]") {
  World world;
  const std::string id = "4f8d1f0a-2f60-4b5e-8a0b-6f3c1d2e9a77";
  http::Request request;
  request.method = "POST";
  request.url = std::string("/") + kTenantId + "/oauth2/v2.0/token";
  request.body = "client_id=x&scope=x&grant_type=password";
  SECTION("in the query") {
    request.url += "?client-request-id=" + id;
  }
  SECTION("in a header") {
    request.headers.add("client-request-id", id);
  }
  SECTION("in a header of @azure/identity") {
    request.headers.add("x-ms-client-request-id", id);
  }
  SECTION("in the form") {
    request.body += "&client-request-id=" + id;
  }
  const Reply reply = world.send(request);
  CHECK(reply.header("Content-Type") == "application/json; charset=utf-8");
  CHECK(reply.body["correlation_id"] == id);
  CHECK(reply.body["timestamp"] == "2026-05-04 10:00:00Z");
  const std::string trace = reply.body["trace_id"];
  CHECK(is_guid(trace));
  CHECK(reply.header("x-ms-request-id") == trace);
  CHECK(reply.body["error_uri"] == "http://graph.example:8080/error?code=70003");
  CHECK(reply.body["error_description"] ==
        "AADSTS70003: The app requested an unsupported grant type 'password'. Trace ID: " + trace +
            " Correlation ID: " + id + " Timestamp: 2026-05-04 10:00:00Z");
}

TEST_CASE("E2: what is no GUID is not echoed, and a parameter must not come twice", "[signin]") {
  World world;
  const Reply reply = world.sign_in(world.form("full") + "&scope=again&client-request-id=%3Cscript%3E");
  CHECK(reply.status == 400);
  CHECK(reply.body["error_codes"] == json::array({9000411}));
  CHECK(is_guid(reply.body["correlation_id"].get<std::string>()));
}

TEST_CASE("E5: an unknown tenant, and one that is none", "[signin]") {
  World world;
  CHECK(world.sign_in(world.form("full"), "other.example").body["error_codes"] == json::array({90002}));
  CHECK(world.sign_in(world.form("full"), "common").body["error_codes"] == json::array({900023}));
}

TEST_CASE("E13: a call without a token is 401 and says where to sign in", "[signin]") {
  World world;
  http::Request request;
  request.url = "/v1.0/users";
  const Reply reply = world.send(request);
  CHECK(reply.status == 401);
  CHECK(reply.code() == "InvalidAuthenticationToken");
  CHECK(reply.message() == "Access token is empty.");
  CHECK_THAT(reply.header("WWW-Authenticate"), Catch::StartsWith("Bearer realm="));
}

TEST_CASE("E14: a malformed or foreign token is 401", "[signin]") {
  World world;
  std::string changed = world.token("full");
  changed[changed.find('.') + 10] ^= 1;
  const std::string none = base64url(R"({"typ":"JWT","alg":"none"})") + "." + base64url(R"({"roles":[]})") + ".";
  // Another key, and the same key for another tenant.
  const std::string payload = world.token("full").substr(0, world.token("full").rfind('.') + 1);
  const std::string foreign = payload + base64url(std::string(256, 'x'));
  const json claims = claims_of(world.token("full"));
  json elsewhere = claims;
  elsewhere["tid"] = "11111111-2222-3333-4444-555555555555";
  const std::string text =
      world.token("full").substr(0, world.token("full").find('.') + 1) + base64url(elsewhere.dump());
  const std::string moved = text + "." + base64url(SigningKey::of_this_process().sign(text));
  for (const std::string& token :
       {std::string("nonsense"), std::string("a.b"), std::string("a.b.c"), changed, none, foreign, moved}) {
    http::Request request;
    request.url = "/v1.0/users";
    request.headers.add("Authorization", "Bearer " + token);
    const Reply reply = world.send(request);
    CHECK(reply.status == 401);
    CHECK(reply.code() == "InvalidAuthenticationToken");
  }
}

TEST_CASE("E15: a token ends with its lifetime", "[signin]") {
  World world;
  CHECK(world.get("/users").status == 200);
  world.clock.ms += 3'599'000;
  CHECK(world.get("/users").status == 200);
  world.clock.ms += 1'000;
  const Reply reply = world.get("/users");
  CHECK(reply.status == 401);
  CHECK(reply.code() == "InvalidAuthenticationToken");
  CHECK_THAT(reply.message(), Catch::Contains("token is expired"));
}

TEST_CASE("E16: a token of another cloud is given out, and Graph says its audience is wrong", "[signin]") {
  World world;
  const App app = world.app("full");
  const auto sign_in = [&](const std::string& resource) {
    return world.sign_in("client_id=" + app.client_id + "&client_secret=" + app.client_secret +
                         "&grant_type=client_credentials&scope=" + percent_encode(resource + "/.default"));
  };
  const auto ask = [&](const std::string& token) {
    http::Request request;
    request.url = "/v1.0/users";
    request.headers.add("Authorization", "Bearer " + token);
    return world.send(request);
  };
  for (const char* cloud :
       {"https://graph.microsoft.us", "https://dod-graph.microsoft.us", "https://microsoftgraph.chinacloudapi.cn"}) {
    const Reply signed_in = sign_in(cloud);
    REQUIRE(signed_in.status == 200);
    CHECK(claims_of(signed_in.body["access_token"])["aud"] == cloud);
    const Reply reply = ask(signed_in.body["access_token"]);
    CHECK(reply.status == 401);
    CHECK(reply.code() == "InvalidAuthenticationToken");
    CHECK(reply.message() == "Access token validation failure. Invalid audience.");
    CHECK_THAT(reply.header("WWW-Authenticate"), Catch::StartsWith("Bearer realm="));
  }
  CHECK(ask(sign_in("00000003-0000-0000-c000-000000000000").body["access_token"]).status == 200);
  CHECK(ask(sign_in("https://graph.microsoft.com/").body["access_token"]).status == 200);
  CHECK(sign_in("https://graph.microsoft.de").body["error_codes"] == json::array({500011}));
}

TEST_CASE("E18: the token of somebody who signed in has scopes, and migrates nothing", "[signin]") {
  World world;
  const json claims = claims_of(world.token("signed-in"));
  CHECK(claims["scp"] == "ChannelMessage.Send Team.ReadBasic.All User.Read");
  CHECK(claims["idtyp"] == "user");
  CHECK_FALSE(claims.contains("roles"));
  const std::string team = world.new_team();
  const std::string general = world.general(team);
  for (const Reply& reply : {world.post("/teams", world.team_body(), "signed-in"),
                             world.post(general + "/messages", world.message_body(), "signed-in"),
                             world.post(general + "/startMigration", nullptr, "signed-in"),
                             world.post(general + "/completeMigration", nullptr, "signed-in"),
                             world.post(team + "/completeMigration", nullptr, "signed-in")}) {
    CHECK(reply.status == 403);
    CHECK(reply.code() == "Forbidden");
    CHECK_THAT(reply.message(), Catch::Contains("Teamwork.Migrate.All"));
    CHECK_THAT(reply.message(), Catch::Contains("Scopes on the request 'ChannelMessage.Send"));
  }
}

TEST_CASE("E165: tokens are signed with the key that the folder keeps", "[signin]") {
  TestFolder folder;
  Options options = World::unlimited();
  options.data_dir = folder.path.string();
  World world(options);
  CHECK(world.get("/users").status == 200);
  world.restart();
  CHECK(world.get("/users").status == 200);
  // As another process would have begun it.
  world.router.reset();
  std::string state = folder.read("state.jsonl");
  const auto escaped = [](const std::string& text) { return json(text).dump(); };
  const std::string ours = escaped(SigningKey::of_this_process().pem());
  REQUIRE(state.find(ours) != state.npos);
  folder.write("state.jsonl", state.replace(state.find(ours), ours.size(), escaped(test_certificate(0).key_pem)));
  world.restart();
  CHECK(world.get("/users").status == 401);
  world.tokens.clear();
  CHECK(world.get("/users").status == 200);
  // And a key that is none is a damaged state.
  world.router.reset();
  const std::string theirs = escaped(test_certificate(0).key_pem);
  folder.write("state.jsonl", state.replace(state.find(theirs), theirs.size(), "\"nonsense\""));
  const auto opened = Router::open(world.options);
  REQUIRE_FALSE(opened);
  CHECK_THAT(opened.error().message, Catch::Contains("the signing key is damaged"));
}

TEST_CASE("E17: a migration call without the role names needed and present roles", "[signin]") {
  World world;
  const Reply reply = world.post(world.new_team() + "/primaryChannel/startMigration", nullptr, "reader");
  CHECK(reply.status == 403);
  CHECK(reply.code() == "Forbidden");
  CHECK(reply.message() ==
        "Missing role permissions on the request. API requires one of 'Teamwork.Migrate.All'. Roles on the request "
        "'Channel.ReadBasic.All, Team.ReadBasic.All'.");
}

TEST_CASE("E20: an app with the import role alone imports, but reads nothing", "[signin]") {
  World world;
  const Reply created = world.call("POST", "/teams", world.team_body(), "import-only");
  REQUIRE(created.status == 202);
  const std::string team = World::team_path(created);
  const std::string general = world.general(team);
  CHECK(world.post(general + "/messages", world.message_body(), "import-only").status == 200);
  CHECK(world.get(general + "/messages", "import-only").status == 403);
  CHECK(world.get(team, "import-only").status == 403);
}

TEST_CASE("A token without roles is given out and refused everywhere", "[signin]") {
  Options options;
  options.apps = {{"0b2e4a11-7f3c-4d05-8a66-90c1d2e3f4a5", "emulator-bare-secret", {}, "bare"}};
  World world(options);
  CHECK_FALSE(claims_of(world.token("bare")).contains("roles"));
  CHECK(world.get("/teams", "bare").status == 403);
}

}  // namespace teamferry::emulator
