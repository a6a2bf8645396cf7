#include "native/auth/policy.h"

#include <catch2/catch.hpp>

#include "tests/support/scripted_transport.h"
#include "tests/support/virtual_loop.h"

using namespace teamferry;
using namespace teamferry::auth;
using namespace teamferry::http;

namespace {

// Counts up: t1, then t2 after a renewal.
class CountingTokens : public TokenSource {
 public:
  Task<Result<std::string>> token() override { co_return "t" + std::to_string(number); }
  Task<Result<std::string>> renew(std::string rejected) override {
    rejections.push_back(rejected);
    if (failure) co_return *failure;
    co_return "t" + std::to_string(++number);
  }
  int number = 1;
  std::vector<std::string> rejections;
  std::optional<Error> failure;
};

struct Row {
  VirtualLoop loop;
  ScriptedTransport wire{loop};
  CountingTokens tokens;
  AuthPolicy policy{wire, tokens, "https://graph.example"};

  Result<Response> send(std::string url = "https://graph.example/v1.0/teams") {
    Request request;
    request.method = "POST";
    request.url = std::move(url);
    request.body = "bytes";
    return loop.run(policy.send(std::move(request)));
  }
  std::string authorization(std::size_t index) { return *wire.requests.at(index).headers.find("Authorization"); }
};

const char* const kInvalidToken = R"({"error":{"code":"InvalidAuthenticationToken","message":"expired"}})";

}  // namespace

TEST_CASE("Every attempt carries the token", "[auth]") {
  Row row;
  row.wire.then(answer(200));
  REQUIRE(row.send().ok());
  CHECK(row.authorization(0) == "Bearer t1");
}

TEST_CASE("A rejected token is renewed once, and the same bytes leave again", "[auth]") {
  Row row;
  row.wire.then(answer(401, kInvalidToken)).then(answer(201));
  const auto result = row.send();
  REQUIRE(result.ok());
  CHECK(result.value().status == 201);
  CHECK(row.tokens.rejections == std::vector<std::string>{"t1"});
  CHECK(row.authorization(1) == "Bearer t2");
  CHECK(row.wire.requests[1].body == "bytes");
  SECTION("a second rejection stands") {
    row.wire.then(answer(401, kInvalidToken)).then(answer(401, kInvalidToken));
    CHECK(row.send().value().status == 401);
    CHECK(row.wire.requests.size() == 4);
  }
}

TEST_CASE("A 401 about the request does not touch the token", "[auth]") {
  Row row;
  row.wire.then(answer(401, R"({"error":{"code":"Unauthorized","message":"Message POST is allowed in application-only )"
                            R"(context only for import purposes."}})"));
  CHECK(row.send().value().status == 401);
  CHECK(row.tokens.rejections.empty());
  CHECK(row.wire.requests.size() == 1);
}

TEST_CASE("A renewal that fails is the answer", "[auth]") {
  Row row;
  row.tokens.failure = Error::transport("connect", "no sign-in");
  row.wire.then(answer(401, kInvalidToken));
  CHECK(row.send().error().code == "connect");
}

TEST_CASE("A refusal that repeats the token comes back without it", "[auth]") {
  Row row;
  row.wire.then(answer(400, R"({"error":{"code":"BadRequest","message":"Bearer t1 is odd"}})", {{"request-id", "t1"}}));
  const auto refused = row.send();
  CHECK(refused.value().body == R"({"error":{"code":"BadRequest","message":"Bearer <token> is odd"}})");
  CHECK(*refused.value().headers.find("request-id") == "<token>");
  row.wire.then(answer(401, kInvalidToken)).then(answer(403, "t2 may not"));
  CHECK(row.send().value().body == "<token> may not");
  row.wire.then(answer(200, "t2 is a word of a message"));
  CHECK(row.send().value().body == "t2 is a word of a message");
}

TEST_CASE("The token goes to Graph alone", "[auth]") {
  Row row;
  for (const char* url : {"https://evil.example/v1.0/teams", "http://graph.example/v1.0/teams",
                          "https://graph.example:8443/v1.0", "https://graph.example@evil.example/", "nonsense"}) {
    INFO(url);
    CHECK(row.send(url).error().code == "foreign_host");
  }
  CHECK(row.wire.requests.empty());
}

TEST_CASE("A token does not travel over plain http to another machine, even if that is Graph's address", "[auth]") {
  Row row;
  AuthPolicy policy(row.wire, row.tokens, "http://graph.example");
  Request request;
  request.url = "http://graph.example/v1.0/teams";
  CHECK(row.loop.run(policy.send(request)).error().code == "insecure_url");
  CHECK(row.wire.requests.empty());
}

TEST_CASE("What must go without a token does", "[auth]") {
  Row row;
  row.wire.then(answer(200));
  Request request;
  request.url = "https://upload.example/session";
  request.authorize = false;
  REQUIRE(row.loop.run(row.policy.send(std::move(request))).ok());
  CHECK(row.wire.requests[0].headers.find("Authorization") == nullptr);
}
