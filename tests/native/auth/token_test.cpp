#include "native/auth/token.h"

#include <catch2/catch.hpp>
#include <optional>

#include "tests/support/scripted_transport.h"
#include "tests/support/virtual_loop.h"

using namespace teamferry;
using namespace teamferry::auth;
using namespace teamferry::http;
using namespace std::chrono_literals;

namespace {

std::string token_json(const std::string& token, int seconds = 3599) {
  return R"({"token_type":"Bearer","expires_in":)" + std::to_string(seconds) + R"(,"access_token":")" + token + R"("})";
}

Cloud local_cloud() {
  return at_addresses(clouds().front(), "http://127.0.0.1:5001", "http://127.0.0.1:5001").value();
}

struct SecretSignIn {
  VirtualLoop loop;
  VirtualLoop::Wall wall{loop};
  ScriptedTransport wire{loop};
  ClientSecretSource source{wire, wall, local_cloud(), {"contoso.example", "app id", Secret("s3/cr+t")}};

  Result<std::string> token() { return loop.run(source.token()); }
  void pass(Loop::Duration time) { loop.run(wait(time)); }

 private:
  Task<void> wait(Loop::Duration time) {
    auto pause = loop.sleep(time);
    co_await pause;
  }
};

Task<void> ask(TokenSource& source, std::vector<Result<std::string>>& into) {
  auto asked = source.token();
  into.push_back(co_await std::move(asked));
}

}  // namespace

TEST_CASE("The sign-in asks as OAuth wants it", "[auth]") {
  SecretSignIn sign_in;
  sign_in.wire.then(answer(200, token_json("t1")));
  CHECK(sign_in.token().value() == "t1");
  const Request& request = sign_in.wire.requests.at(0);
  CHECK(request.method == "POST");
  CHECK(request.url == "http://127.0.0.1:5001/contoso.example/oauth2/v2.0/token");
  CHECK(*request.headers.find("content-type") == "application/x-www-form-urlencoded");
  CHECK(request.body ==
        "client_id=app%20id&scope=https%3A%2F%2Fgraph.microsoft.com%2F.default&grant_type=client_credentials"
        "&client_secret=s3%2Fcr%2Bt");
  CHECK_FALSE(request.authorize);
  CHECK_FALSE(request.retry);
}

TEST_CASE("However many ask at once, one request leaves", "[auth]") {
  SecretSignIn sign_in;
  sign_in.wire.latency = 300ms;
  sign_in.wire.then(answer(200, token_json("t1")));
  std::vector<Result<std::string>> tokens;
  TaskGroup group;
  for (int i = 0; i < 50; ++i) group.add(ask(sign_in.source, tokens));
  sign_in.loop.run(group.wait());
  REQUIRE(tokens.size() == 50);
  for (const auto& token : tokens) CHECK(token.value() == "t1");
  CHECK(sign_in.wire.requests.size() == 1);
}

TEST_CASE("A failed sign-in reaches everyone who waits, and the next one asks anew", "[auth]") {
  SecretSignIn sign_in;
  sign_in.wire.latency = 300ms;
  sign_in.wire.then(Error::transport("connect", "no")).then(answer(200, token_json("t1")));
  std::vector<Result<std::string>> tokens;
  TaskGroup group;
  for (int i = 0; i < 3; ++i) group.add(ask(sign_in.source, tokens));
  sign_in.loop.run(group.wait());
  REQUIRE(tokens.size() == 3);
  for (const auto& token : tokens) CHECK(token.error().code == "connect");
  CHECK(sign_in.token().value() == "t1");
}

TEST_CASE("Whoever is dropped while it waits leaves the others their token", "[auth]") {
  SecretSignIn sign_in;
  sign_in.wire.latency = 300ms;
  sign_in.wire.then(answer(200, token_json("t1")));
  std::optional<Task<Result<std::string>>> dropped = sign_in.source.token();
  dropped->start();
  std::vector<Result<std::string>> tokens;
  TaskGroup group;
  group.add(ask(sign_in.source, tokens));
  dropped.reset();
  sign_in.loop.run(group.wait());
  CHECK(tokens.at(0).value() == "t1");
  CHECK(sign_in.wire.requests.size() == 1);
}

TEST_CASE("A token is kept until five minutes before its end, then renewed while the old one serves", "[auth]") {
  SecretSignIn sign_in;
  sign_in.wire.then(answer(200, token_json("t1", 3600))).then(answer(200, token_json("t2", 3600)));
  CHECK(sign_in.token().value() == "t1");
  sign_in.pass(54min);
  CHECK(sign_in.token().value() == "t1");
  CHECK(sign_in.wire.requests.size() == 1);
  sign_in.pass(1min);
  CHECK(sign_in.token().value() == "t1");
  CHECK(sign_in.wire.requests.size() == 2);
  CHECK(sign_in.token().value() == "t2");
}

TEST_CASE("An early renewal that fails is tried again after a pause, and the old token serves to its end", "[auth]") {
  SecretSignIn sign_in;
  sign_in.wire.then(answer(200, token_json("t1", 3600)));
  sign_in.wire.then(answer(503)).then(answer(503)).then(answer(200, token_json("t2", 3600)));
  REQUIRE(sign_in.token().ok());
  sign_in.pass(56min);
  for (int i = 0; i < 10; ++i) CHECK(sign_in.token().value() == "t1");
  CHECK(sign_in.wire.requests.size() == 2);
  sign_in.pass(31s);
  CHECK(sign_in.token().value() == "t1");
  CHECK(sign_in.wire.requests.size() == 3);
  sign_in.pass(4min);
  CHECK(sign_in.token().value() == "t2");
}

TEST_CASE("A short life is renewed at its half, an ended one at once", "[auth]") {
  SecretSignIn sign_in;
  sign_in.wire.then(answer(200, token_json("t1", 60))).then(answer(200, token_json("t2", 60)));
  REQUIRE(sign_in.token().ok());
  sign_in.pass(29s);
  REQUIRE(sign_in.token().value() == "t1");
  CHECK(sign_in.wire.requests.size() == 1);
  sign_in.pass(32s);
  CHECK(sign_in.token().value() == "t2");
}

TEST_CASE("A rejected token is renewed once for all who met the rejection", "[auth]") {
  SecretSignIn sign_in;
  sign_in.wire.then(answer(200, token_json("t1"))).then(answer(200, token_json("t2")));
  REQUIRE(sign_in.token().ok());
  CHECK(sign_in.loop.run(sign_in.source.renew("t1")).value() == "t2");
  CHECK(sign_in.loop.run(sign_in.source.renew("t1")).value() == "t2");
  CHECK(sign_in.wire.requests.size() == 2);
}

TEST_CASE("A refused sign-in says what to do", "[auth]") {
  SecretSignIn sign_in;
  sign_in.wire.then(answer(401,
                           R"({"error":"invalid_client","error_description":"AADSTS7000215: Invalid client secret )"
                           R"(provided. Trace ID: 0a1b Correlation ID: 2c3d Timestamp: 2026-05-04 10:00:00Z",)"
                           R"("error_codes":[7000215],"trace_id":"0a1b","correlation_id":"2c3d"})"));
  const auto refused = sign_in.token();
  REQUIRE_FALSE(refused.ok());
  const Error& error = refused.error();
  CHECK(error.kind == Error::Kind::service);
  CHECK(error.status == 401);
  CHECK(error.code == "AADSTS7000215");
  CHECK(error.message == "Invalid client secret provided. What to do: use the value of the client secret, not its id.");
  CHECK(error.request_id == "0a1b");
  CHECK_FALSE(error.retryable());
}

TEST_CASE("The number is found in the text where the list is missing", "[auth]") {
  SecretSignIn sign_in;
  sign_in.wire.then(
      answer(400, R"({"error":"invalid_request","error_description":"AADSTS90002: Tenant 'x' not found."})"));
  const auto refused = sign_in.token();
  CHECK(refused.error().code == "AADSTS90002");
  CHECK(refused.error().message.find("check AZURE_TENANT_ID") != std::string::npos);
}

TEST_CASE("A busy sign-in is waited for", "[auth]") {
  SecretSignIn sign_in;
  sign_in.wire.then(answer(429, R"({"error":"temporarily_unavailable","error_description":"AADSTS90055: busy"})",
                           {{"Retry-After", "12"}}));
  const auto refused = sign_in.token();
  CHECK(refused.error().retryable());
  CHECK(refused.error().retry_after == 12s);
}

TEST_CASE("An answer that repeats the secret does not spread it", "[auth]") {
  SecretSignIn sign_in;
  sign_in.wire.then(
      answer(400, R"({"error":"s3/cr+t","error_description":"got client_secret=s3%2Fcr%2Bt and s3/cr+t"})"));
  const std::string text = sign_in.token().error().to_string();
  CHECK(text.find("s3/cr+t") == std::string::npos);
  CHECK(text.find("s3%2Fcr%2Bt") == std::string::npos);
  CHECK(text.find("<secret>") != std::string::npos);
}

TEST_CASE("Even a secret of one letter does not hang the one who takes it out", "[auth]") {
  VirtualLoop loop;
  VirtualLoop::Wall wall{loop};
  ScriptedTransport wire{loop};
  ClientSecretSource source(wire, wall, local_cloud(), {"t", "c", Secret("s")});
  wire.then(answer(400, R"({"error":"invalid_request","error_description":"this says it: s"})"));
  CHECK(loop.run(source.token()).error().message == "thi<secret> <secret>ay<secret> it: <secret>");
}

namespace {

// Signs in with what it is told, and counts how often it is asked.
class CountingProof : public Proof {
 public:
  Result<std::vector<ProofField>> fields(const std::string& audience, const std::string& client_id,
                                         DateTime) const override {
    ++asked;
    audiences.push_back(audience);
    if (failure) return *failure;
    return assertion_fields(Secret(client_id + "." + std::to_string(asked) + ".signed"));
  }
  mutable int asked = 0;
  mutable std::vector<std::string> audiences;
  std::optional<Error> failure;
};

struct AssertedSignIn {
  VirtualLoop loop;
  VirtualLoop::Wall wall{loop};
  ScriptedTransport wire{loop};
  std::shared_ptr<CountingProof> proof = std::make_shared<CountingProof>();
  SignIn source{wire, wall, local_cloud(), {"contoso.example", "app", proof}};
};

}  // namespace

TEST_CASE("An assertion is made anew for each sign-in and addresses the cloud's own sign-in", "[auth]") {
  AssertedSignIn sign_in;
  sign_in.wire.then(answer(200, token_json("t1", 60))).then(answer(200, token_json("t2", 60)));
  CHECK(sign_in.loop.run(sign_in.source.token()).value() == "t1");
  CHECK(sign_in.loop.run(sign_in.source.renew("t1")).value() == "t2");
  CHECK(sign_in.proof->asked == 2);
  CHECK(sign_in.proof->audiences.at(0) == "https://login.microsoftonline.com/contoso.example/oauth2/v2.0/token");
  CHECK(sign_in.wire.requests.at(0).url == "http://127.0.0.1:5001/contoso.example/oauth2/v2.0/token");
  CHECK(sign_in.wire.requests.at(1).body ==
        "client_id=app&scope=https%3A%2F%2Fgraph.microsoft.com%2F.default&grant_type=client_credentials"
        "&client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer"
        "&client_assertion=app.2.signed");
}

TEST_CASE("What cannot be proven is not sent", "[auth]") {
  AssertedSignIn sign_in;
  sign_in.proof->failure = Error::argument("secret_file", "no file");
  CHECK(sign_in.loop.run(sign_in.source.token()).error().code == "secret_file");
  CHECK(sign_in.wire.requests.empty());
}

TEST_CASE("A refusal that repeats the assertion does not spread it", "[auth]") {
  AssertedSignIn sign_in;
  sign_in.wire.then(answer(401, R"({"error":"invalid_client","error_description":"AADSTS50027: bad app.1.signed"})"));
  CHECK(sign_in.loop.run(sign_in.source.token()).error().message == "bad <secret>");
}

TEST_CASE("The sign-in's Date tells how far this machine's clock is off", "[auth]") {
  AssertedSignIn sign_in;
  CHECK_FALSE(sign_in.source.clock_ahead().has_value());
  sign_in.wire.then(
      answer(401, R"({"error":"invalid_client","error_description":"AADSTS700024: not within its valid time range."})",
             {{"Date", "Wed, 31 Dec 2025 23:50:00 GMT"}}));
  const auto refused = sign_in.loop.run(sign_in.source.token());
  CHECK(sign_in.source.clock_ahead() == 10min);
  CHECK(refused.error().message ==
        "not within its valid time range. What to do: the assertion is outside its time: check this machine's clock. "
        "This machine's clock is 10 minutes ahead of the sign-in's.");
}

TEST_CASE("An answer without a usable token is an error, not a token", "[auth]") {
  for (const char* body : {"", "<html>welcome</html>", "{}", R"({"access_token":7})", R"({"access_token":""})",
                           R"({"access_token":"a\r\nX: b"})", "[]"}) {
    INFO(body);
    SecretSignIn sign_in;
    sign_in.wire.then(answer(200, body));
    CHECK(sign_in.token().error().code == "bad_sign_in");
  }
}

TEST_CASE("No secret leaves over plain http to another machine", "[auth]") {
  VirtualLoop loop;
  VirtualLoop::Wall wall{loop};
  ScriptedTransport wire{loop};
  Cloud cloud = clouds().front();
  cloud.login_url = "http://login.example";
  ClientSecretSource source(wire, wall, cloud, {"t", "c", Secret("s")});
  CHECK(loop.run(source.token()).error().code == "insecure_url");
  CHECK(wire.requests.empty());
}

TEST_CASE("A token tells its roles without being verified", "[auth]") {
  // {"alg":"none"} . {"aud":"https://graph.microsoft.com","appid":"app-1","app_displayname":"Ferry","tid":"t-1",
  //                   "roles":["Teamwork.Migrate.All","User.Read.All"],"exp":1777889472}
  const std::string token =
      "eyJhbGciOiJub25lIn0."
      "eyJhdWQiOiJodHRwczovL2dyYXBoLm1pY3Jvc29mdC5jb20iLCJhcHBpZCI6ImFwcC0xIiwiYXBwX2Rpc3BsYXluYW1lIjoiRmVycnkiLCJ0aWQi"
      "OiJ0LTEiLCJyb2xlcyI6WyJUZWFtd29yay5NaWdyYXRlLkFsbCIsIlVzZXIuUmVhZC5BbGwiXSwiZXhwIjoxNzc3ODg5NDcyfQ."
      "c2lnbmF0dXJl";
  const auto claims = read_claims(token);
  REQUIRE(claims.ok());
  CHECK(claims.value().audience == "https://graph.microsoft.com");
  CHECK(claims.value().client_id == "app-1");
  CHECK(claims.value().app_name == "Ferry");
  CHECK(claims.value().tenant_id == "t-1");
  CHECK(claims.value().has_role("Teamwork.Migrate.All"));
  CHECK_FALSE(claims.value().has_role("Teamwork.Migrate"));
  CHECK(claims.value().expires == DateTime{1777889472000});
  CHECK_FALSE(claims.value().delegated);
}

TEST_CASE("A token that is none is an error", "[auth]") {
  for (const char* token : {"", "opaque", "a.b", "a.!!.c", "a.e30", "..", "a.W10.c"}) {
    INFO(token);
    CHECK_FALSE(read_claims(token).ok());
  }
  CHECK(read_claims("a.e30.c").value().roles.empty());
}
