#include "native/emulator/tenant.h"
#include "native/emulator/text.h"
#include "tests/native/emulator/certificates.h"
#include "tests/native/emulator/world.h"

namespace teamferry::emulator {
namespace {

Reply fetch(World& world, const std::string& path, const std::string& method = "GET") {
  http::Request request;
  request.method = method;
  request.url = path;
  return world.send(request);
}

const std::string kBase = "http://graph.example:8080";

}  // namespace

TEST_CASE("The openid-configuration is there in both forms, by GUID and by domain, on the host that was asked",
          "[signin]") {
  World world;
  const std::string root = kBase + "/" + kTenantId;
  for (const std::string& tenant : {std::string(kTenantId), std::string("Tenant.Example")}) {
    for (const char* form : {"/v2.0/.well-known/openid-configuration", "/.well-known/openid-configuration"}) {
      const Reply reply = fetch(world, "/" + tenant + form);
      REQUIRE(reply.status == 200);
      CHECK(reply.body["issuer"] == root + "/v2.0");
      CHECK(reply.body["token_endpoint"] == root + "/oauth2/v2.0/token");
      CHECK(reply.body["authorization_endpoint"] == root + "/oauth2/v2.0/authorize");
      CHECK(reply.body["jwks_uri"] == root + "/discovery/v2.0/keys");
    }
  }
  CHECK(fetch(world, "/common/v2.0/.well-known/openid-configuration").body["token_endpoint"] ==
        kBase + "/common/oauth2/v2.0/token");
  CHECK(fetch(world, "/other.example/v2.0/.well-known/openid-configuration").body["error_codes"] ==
        json::array({90002}));
  CHECK(fetch(world, "/nowhere/v2.0/.well-known/openid-configuration").body["error_codes"] == json::array({900023}));
}

TEST_CASE("The published key made the signature of a token", "[signin]") {
  World world;
  const std::string token = world.token("full");
  const json header = json::parse(*from_base64url(token.substr(0, token.find('.'))));
  CHECK(header["alg"] == "RS256");
  for (const char* path : {"/discovery/v2.0/keys", "/discovery/keys"}) {
    for (const char* tenant : {"/common", "/tenant.example"}) {
      const Reply reply = fetch(world, std::string(tenant) + path);
      REQUIRE(reply.status == 200);
      REQUIRE(reply.body["keys"].size() == 1);
      const json key = reply.body["keys"][0];
      CHECK(key["kty"] == "RSA");
      CHECK(key["use"] == "sig");
      CHECK(key["kid"] == header["kid"]);
      CHECK(jwk_verifies(key["n"], key["e"], token));
    }
  }
}

TEST_CASE("Instance discovery knows the emulator's host and the public one", "[signin]") {
  World world;
  const auto discover = [&](const std::string& endpoint) {
    return fetch(world,
                 "/common/discovery/instance?api-version=1.1&authorization_endpoint=" + percent_encode(endpoint));
  };
  const Reply own = discover(kBase + "/tenant.example/oauth2/v2.0/authorize");
  REQUIRE(own.status == 200);
  CHECK(own.body["tenant_discovery_endpoint"] == kBase + "/tenant.example/v2.0/.well-known/openid-configuration");
  CHECK(own.body["api-version"] == "1.1");
  CHECK(own.body["metadata"] == json::array({{{"preferred_network", "graph.example:8080"},
                                              {"preferred_cache", "graph.example:8080"},
                                              {"aliases", {"graph.example:8080"}}}}));
  CHECK(discover("https://login.microsoftonline.com/tenant.example/oauth2/v2.0/authorize").status == 200);
  const Reply unknown = discover("https://login.other.example/common/oauth2/v2.0/authorize");
  CHECK(unknown.status == 400);
  CHECK(unknown.body["error"] == "invalid_instance");
  for (const char* endpoint : {"nonsense", "://", "https://"}) CHECK(discover(endpoint).status == 400);
  const Reply without = fetch(world, "/common/discovery/instance?api-version=1.1");
  CHECK(without.body["error_codes"] == json::array({900144}));
}

TEST_CASE("What the sign-in does not have is its own refusal, not Graph's", "[signin]") {
  World world;
  CHECK(fetch(world, "/common/discovery/nothing").status == 404);
  CHECK(fetch(world, "/tenant.example/oauth2/v2.0/authorize").status == 404);
  CHECK(fetch(world, "/tenant.example/oauth2/token", "POST").body.contains("error_codes"));
  CHECK(fetch(world, "/common/discovery/keys", "DELETE").status == 405);
  CHECK(fetch(world, "/tenant.example/oauth2/v2.0/token").body["error_codes"] == json::array({900561}));
  CHECK(fetch(world, "/v1.0/oauth2/v2.0/token").code() == "InvalidAuthenticationToken");
}

}  // namespace teamferry::emulator
