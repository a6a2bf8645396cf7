#include "native/emulator/tenant.h"
#include "native/emulator/text.h"
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
  const Case each = GENERATE(Case{"client_secret=wrong", 401, "invalid_client", 7000215},
                             Case{"client_secret", 401, "invalid_client", 7000218},
                             Case{"client_id=11111111-2222-3333-4444-555555555555", 400, "unauthorized_client", 700016},
                             Case{"scope=User.Read", 400, "invalid_scope", 1002012},
                             Case{"scope=https%3A%2F%2Fother.example%2F.default", 400, "invalid_resource", 500011},
                             Case{"grant_type", 400, "invalid_request", 900144},
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
  CHECK_THAT(reply.body["error_description"].get<std::string>(),
             Catch::StartsWith("AADSTS" + std::to_string(each.code)));
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
  for (const std::string& token :
       {std::string("nonsense"), std::string("a.b"), std::string("a.b.c"), changed, none, World().token("full")}) {
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

TEST_CASE("E17: a migration call without the role names needed and present roles", "[signin]") {
  World world;
  const Reply reply = world.post(world.new_team() + "/primaryChannel/startMigration", nullptr, "reader");
  CHECK(reply.status == 403);
  CHECK(reply.code() == "Forbidden");
  CHECK(reply.message() ==
        "Missing role permissions on the request. API requires one of 'Teamwork.Migrate.All'. Roles on the request "
        "'Channel.ReadBasic.All, Team.ReadBasic.All'.");
}

TEST_CASE("E17: an app with the import role alone imports, but reads nothing", "[signin]") {
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
