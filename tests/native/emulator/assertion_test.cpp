#include <functional>

#include "native/emulator/tenant.h"
#include "native/emulator/text.h"
#include "tests/native/emulator/certificates.h"
#include "tests/native/emulator/world.h"

namespace teamferry::emulator {
namespace {

constexpr char kClient[] = "0b2e4a11-7f3c-4d05-8a66-90c1d2e3f4a5";

// An app with two registered certificates and no secret; and its assertion, good until a test changes it.
struct Certified {
  Options options = [] {
    Options with = World::unlimited();
    App app{kClient, "", {"Teamwork.Migrate.All"}, "certified"};
    app.certificates = {test_certificate(0).pem, test_certificate(1).pem};
    with.apps = {app};
    return with;
  }();
  World world{options};
  json header = {{"alg", "PS256"}, {"typ", "JWT"}, {"x5t#S256", test_certificate(0).sha256}};
  json claims = {{"aud", std::string("http://graph.example:8080/") + kTenantId + "/oauth2/v2.0/token"},
                 {"iss", kClient},
                 {"sub", kClient},
                 {"jti", "6d1b1f0e-55a7-4b4a-9a53-0f1c2d3e4f50"},
                 {"nbf", world.clock.ms / 1000 - 60},
                 {"exp", world.clock.ms / 1000 + 540}};

  Reply sign_in(const std::string& assertion, const std::string& tenant = kTenantId) {
    return world.sign_in(std::string("client_id=") + kClient +
                             "&scope=https%3A%2F%2Fgraph.microsoft.com%2F.default&grant_type=client_credentials"
                             "&client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer&"
                             "client_assertion=" +
                             assertion,
                         tenant);
  }
  Reply sign_in() { return sign_in(signed_jwt(header, claims, test_certificate(0))); }
};

json claims_of(const std::string& token) {
  const auto first = token.find('.');
  return json::parse(*from_base64url(token.substr(first + 1, token.rfind('.') - first - 1)));
}

}  // namespace

TEST_CASE("E8: an assertion with PS256 and x5t#S256 gets a token that says so", "[signin]") {
  Certified app;
  const Reply reply = app.sign_in();
  REQUIRE(reply.status == 200);
  const json claims = claims_of(reply.body["access_token"]);
  CHECK(claims["appidacr"] == "2");
  CHECK(claims["appid"] == kClient);
  CHECK(claims["roles"] == json::array({"Teamwork.Migrate.All"}));
}

TEST_CASE("E9: an assertion with RS256 and x5t gets a token", "[signin]") {
  Certified app;
  app.header = {{"alg", "RS256"}, {"typ", "JWT"}, {"x5t", test_certificate(0).sha1}};
  CHECK(app.sign_in().status == 200);
}

TEST_CASE("E8 to E9: both thumbprints go with both algorithms, alone or together", "[signin]") {
  Certified app;
  for (const char* algorithm : {"PS256", "RS256"}) {
    app.header = {{"alg", algorithm}, {"x5t", test_certificate(0).sha1}};
    CHECK(app.sign_in().status == 200);
    app.header["x5t#S256"] = test_certificate(0).sha256;
    CHECK(app.sign_in().status == 200);
    app.header.erase("x5t");
    CHECK(app.sign_in().status == 200);
    app.header["x5t"] = test_certificate(1).sha1;  // names another one
    CHECK(app.sign_in().status == 401);
  }
}

TEST_CASE("E8: each of several registered certificates signs in", "[signin]") {
  Certified app;
  app.header["x5t#S256"] = test_certificate(1).sha256;
  CHECK(app.sign_in(signed_jwt(app.header, app.claims, test_certificate(1))).status == 200);
}

TEST_CASE("E8: the audience may be the public endpoint, and name the tenant by its domain", "[signin]") {
  Certified app;
  for (const char* audience : {"http://graph.example:8080/tenant.example/oauth2/v2.0/token",
                               "https://login.microsoftonline.com/tenant.example/oauth2/v2.0/token",
                               "https://login.microsoftonline.com/7e1f0c52-3b7a-4d8e-9c41-5a2b6d90e3f7/oauth2/v2.0/"
                               "token"}) {
    app.claims["aud"] = audience;
    CHECK(app.sign_in().status == 200);
  }
}

TEST_CASE("E10: a signature by another key, or a certificate that is not registered, is 700027", "[signin]") {
  Certified app;
  const auto refused = [](const Reply& reply) {
    CHECK(reply.status == 401);
    CHECK(reply.body["error"] == "invalid_client");
    CHECK(reply.body["error_codes"] == json::array({700027}));
  };
  refused(app.sign_in(signed_jwt(app.header, app.claims, test_certificate(1))));
  std::string changed = signed_jwt(app.header, app.claims, test_certificate(0));
  changed.back() = changed.back() == 'A' ? 'Q' : 'A';
  changed[changed.size() - 20] = changed[changed.size() - 20] == 'A' ? 'B' : 'A';
  refused(app.sign_in(changed));
  // Signed as RS256 while the header says PS256.
  json pretended = app.header;
  pretended["alg"] = "RS256";
  const std::string other = signed_jwt(pretended, app.claims, test_certificate(0));
  refused(app.sign_in(base64url(app.header.dump()) + other.substr(other.find('.'))));
  app.header["x5t#S256"] = test_certificate(2).sha256;
  refused(app.sign_in(signed_jwt(app.header, app.claims, test_certificate(2))));
  app.header.erase("x5t#S256");
  refused(app.sign_in());
}

TEST_CASE("E10: a certificate past its own date is 700027", "[signin]") {
  const TestCertificate brief = make_certificate(1);
  Options options = World::unlimited();
  options.apps = {{kClient, "", {}, "certified", {}, {brief.pem}}};
  Certified app;
  app.options = options;
  app.world.options.apps = options.apps;
  app.world.restart();
  app.header["x5t#S256"] = brief.sha256;
  const Reply reply = app.sign_in(signed_jwt(app.header, app.claims, brief));
  CHECK(reply.body["error_codes"] == json::array({700027}));
  CHECK_THAT(reply.body["error_description"].get<std::string>(), Catch::Contains("The key used is expired."));
}

TEST_CASE("E11: an assertion past its end, or more than five minutes before its begin, is 700024", "[signin]") {
  Certified app;
  const std::int64_t now = app.world.clock.ms / 1000;
  const auto times = [&](std::int64_t begin, std::int64_t end) {
    app.claims["nbf"] = begin;
    app.claims["exp"] = end;
    return app.sign_in();
  };
  for (const Reply& reply : {times(now - 600, now), times(now - 600, now - 1), times(now + 301, now + 900)}) {
    CHECK(reply.status == 401);
    CHECK(reply.body["error"] == "invalid_client");
    CHECK(reply.body["error_codes"] == json::array({700024}));
  }
  CHECK(times(now + 300, now + 900).status == 200);
  CHECK(times(now - 600, now + 1).status == 200);
  app.claims.erase("nbf");
  CHECK(app.sign_in().status == 200);
}

TEST_CASE("E12: an assertion for another address is 700023, of another issuer or subject 700021", "[signin]") {
  struct Case {
    const char* claim;
    const char* value;
    int code;
  };
  const Case each = GENERATE(Case{"aud", "https://login.microsoftonline.com/other.example/oauth2/v2.0/token", 700023},
                             Case{"aud", "https://graph.microsoft.com", 700023}, Case{"aud", "", 700023},
                             Case{"iss", "11111111-2222-3333-4444-555555555555", 700021},
                             Case{"sub", "11111111-2222-3333-4444-555555555555", 700021}, Case{"iss", "", 700021});
  Certified app;
  app.claims[each.claim] = each.value;
  const Reply reply = app.sign_in();
  CHECK(reply.status == 401);
  CHECK(reply.body["error"] == "invalid_client");
  CHECK(reply.body["error_codes"] == json::array({each.code}));
  app.claims.erase(each.claim);
  CHECK(app.sign_in().body["error_codes"] == json::array({each.code}));
}

TEST_CASE("An assertion that is no JWT of ours is malformed, however odd", "[signin]") {
  Certified app;
  const auto with = [&](const std::function<void(json & header, json & claims)>& change) {
    json header = app.header;
    json claims = app.claims;
    change(header, claims);
    return signed_jwt(header, claims, test_certificate(0));
  };
  const std::vector<std::string> assertions = {
      "x",
      "a.b.c",
      "..",
      ".",
      "%00.%ff.x",
      "e30.e30",
      base64url("[]") + "." + base64url("{}") + ".",
      base64url("{\"alg\":\"none\"}") + "." + base64url(app.claims.dump()) + ".",
      base64url(std::string(5000, '[')) + "." + base64url(std::string(5000, '{')) + ".AA",
      with([](json& header, json&) { header["alg"] = "HS256"; }),
      with([](json& header, json&) { header["alg"] = 7; }),
      with([](json&, json& claims) { claims["exp"] = "soon"; }),
      with([](json&, json& claims) { claims.erase("exp"); }),
      with([](json&, json& claims) { claims["exp"] = 1e300; }),
      with([](json&, json& claims) { claims["nbf"] = -5; }),
      with([](json&, json& claims) { claims["jti"] = 7; })};
  for (const std::string& assertion : assertions) {
    INFO(assertion.substr(0, 300));
    const Reply reply = app.sign_in(assertion);
    CHECK(reply.status == 401);
    CHECK(reply.body["error_codes"] == json::array({50027}));
  }
}

TEST_CASE("An assertion needs its type, and an app without certificates takes none", "[signin]") {
  Certified app;
  const std::string assertion = signed_jwt(app.header, app.claims, test_certificate(0));
  const std::string form = std::string("client_id=") + kClient +
                           "&scope=https%3A%2F%2Fgraph.microsoft.com%2F.default&grant_type=client_credentials";
  const Reply untyped = app.world.sign_in(form + "&client_assertion=" + assertion);
  CHECK(untyped.body["error_codes"] == json::array({900144}));
  CHECK_THAT(untyped.body["error_description"].get<std::string>(), Catch::Contains("'client_assertion_type'"));
  CHECK(app.world.sign_in(form + "&client_assertion_type=other&client_assertion=" + assertion).body["error_codes"] ==
        json::array({7000218}));
  CHECK(app.world
            .sign_in(form + "&client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer")
            .body["error_codes"] == json::array({7000218}));
  CHECK(app.world.sign_in(form + "&client_secret=anything").body["error_codes"] == json::array({7000215}));
  app.world.options.apps = {{kClient, "a-secret", {}, "plain"}};
  app.world.restart();
  CHECK(app.sign_in(assertion).body["error_codes"] == json::array({700027}));
}

}  // namespace teamferry::emulator
