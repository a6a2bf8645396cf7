#include <catch2/catch.hpp>

#include <algorithm>

#include "native/migrate/surroundings.h"
#include "tests/support/virtual_loop.h"

using namespace teamferry;
using migrate::Check;
using migrate::Level;

namespace {

DateTime at(const char* text) {
  return DateTime::parse(text).value();
}

// Answers with a date, or not at all.
struct Network : http::Transport {
  Result<http::Response> graph = http::Response{401, {}, ""};
  Result<http::Response> login = http::Response{200, {}, ""};
  Task<Result<http::Response>> send(http::Request request) override {
    CHECK_FALSE(request.authorize);
    co_return request.url.starts_with("https://login.") ? login : graph;
  }
};

struct Tokens : auth::TokenSource {
  Result<std::string> given = std::string("opaque");
  Task<Result<std::string>> token() override { co_return given; }
  Task<Result<std::string>> renew(std::string) override { co_return given; }
};

std::string base64url(const std::string& text) {
  constexpr char kDigits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::string out;
  unsigned bits = 0;
  int count = 0;
  for (const char c : text) {
    bits = bits << 8 | static_cast<unsigned char>(c);
    for (count += 8; count >= 6; count -= 6) out += kDigits[bits >> (count - 6) & 63];
  }
  if (count > 0) out += kDigits[bits << (6 - count) & 63];
  return out;
}

constexpr const char* kEveryRole =
    R"("Teamwork.Migrate.All","Team.ReadBasic.All","Channel.ReadBasic.All","ChannelMessage.Read.All","User.Read.All","Chat.ReadBasic.All")";

std::string token_with(const std::string& roles, const std::string& more = "") {
  return "e." +
         base64url(R"({"aud":"https://graph.microsoft.com","tid":"11111111-2222-3333-4444-555555555555",)"
                   R"("appid":"app-1",)" +
                   more + R"("roles":[)" + roles + "]}") +
         ".s";
}

struct World {
  VirtualLoop loop;
  VirtualLoop::Wall wall{loop};
  Network network;
  Tokens tokens;
  auth::Cloud cloud = auth::clouds().front();
  std::string proxy;
  migrate::Identity journal;

  World() { tokens.given = token_with(kEveryRole); }
  std::vector<Check> checks() {
    return loop.run(migrate::check_surroundings(
        {loop, network, tokens, wall, limits::in_force(), cloud, "the client secret", proxy, journal}));
  }
  Check of(const std::string& code) {
    const auto all = checks();
    const auto found = std::find_if(all.begin(), all.end(), [&](const Check& check) { return check.code == code; });
    if (found != all.end()) return *found;
    Check none;
    for (const auto& check : all) none.text += check.code + " ";
    none.code = "none of: " + none.text;
    return none;
  }
};

}  // namespace

TEST_CASE("Where everything is right, every line says so", "[migrate][doctor]") {
  World world;
  for (const auto& check : world.checks()) {
    INFO(check.code << ": " << check.text);
    if (check.area != "limits") CHECK(check.level == Level::ok);
  }
  CHECK(world.of("sign_in").text.find("the client secret") != std::string::npos);
}

TEST_CASE("What cannot be reached is named, with what to look at", "[migrate][doctor]") {
  World world;
  world.network.graph = Error::transport("connect", "connection refused");
  CHECK(world.of("unreachable").text.find("graph.microsoft.com") != std::string::npos);
  CHECK(world.of("unreachable").step.find("https_proxy") != std::string::npos);
  world.proxy = "HTTPS_PROXY";
  CHECK(world.of("unreachable").step.find("the proxy that HTTPS_PROXY names") != std::string::npos);
  world.network.graph = Error::transport("tls", "untrusted");
  CHECK(world.of("unreachable").step.find("--ca") != std::string::npos);
}

TEST_CASE("A clock is a warning from half a minute on, and a problem from five", "[migrate][doctor]") {
  const DateTime theirs = at("2026-08-01T12:00:00Z");
  const auto level = [&](std::int64_t ms) { return migrate::check_clock(DateTime{theirs.ms + ms}, theirs).level; };
  CHECK(level(29'999) == Level::ok);
  CHECK(level(-30'000) == Level::warning);
  CHECK(level(299'999) == Level::warning);
  CHECK(level(300'000) == Level::problem);
  CHECK(level(-300'000) == Level::problem);
  CHECK(migrate::check_clock(DateTime{theirs.ms + 40'000}, theirs).text.find("40 s ahead") != std::string::npos);
}

TEST_CASE("The worse of the two clocks that were seen counts", "[migrate][doctor]") {
  World world;
  const auto answer = [](int status, const char* date) {
    http::Response response{status, {}, ""};
    response.headers.add("Date", date);
    return response;
  };
  world.network.login = answer(200, "Fri, 01 Jan 2100 00:00:00 GMT");
  CHECK(world.of("clock_skew").level == Level::problem);
}

TEST_CASE("A sign-in that fails is told as it failed", "[migrate][doctor]") {
  World world;
  world.tokens.given = Error::argument("AADSTS7000215", "use the secret's value, not its id");
  const Check check = world.of("sign_in_failed");
  CHECK(check.level == Level::problem);
  CHECK(check.text.find("use the secret's value") != std::string::npos);
  CHECK(check.error->code == "AADSTS7000215");
}

TEST_CASE("Permissions that are missing are named; what works without is a warning", "[migrate][doctor]") {
  World world;
  world.tokens.given =
      token_with(R"("Teamwork.Migrate.All","Team.ReadBasic.All","Channel.ReadBasic.All","User.Read.All")");
  CHECK(world.of("missing_role").text.find("ChannelMessage.Read.All") != std::string::npos);
  world.tokens.given = token_with("");
  std::string lacks;
  for (const auto& check : world.checks()) lacks += check.code == "missing_role" ? check.text + "\n" : "";
  CHECK(lacks.find("Teamwork.Migrate.All") != std::string::npos);
  world.tokens.given = token_with("", R"("scp":"Chat.Read",)");
  CHECK(world.of("delegated_token").level == Level::problem);
}

TEST_CASE("A token of another tenant, application or cloud than the journal's is a problem", "[migrate][doctor]") {
  World world;
  SECTION("tenant") {
    world.journal.tenant = "99999999-2222-3333-4444-555555555555";
    CHECK(world.of("other_identity").text.find("tenant") != std::string::npos);
  }
  SECTION("a tenant that is named by its domain cannot be compared") {
    world.journal.tenant = "acme.example";
    CHECK(world.of("other_identity").code != "other_identity");
  }
  SECTION("application") {
    world.journal.client_id = "app-2";
    CHECK(world.of("other_identity").text.find("app-2") != std::string::npos);
  }
  SECTION("cloud") {
    world.cloud = auth::find_cloud("usgov").value();
    CHECK(world.of("other_cloud").level == Level::problem);
  }
}

TEST_CASE("A national cloud is warned of", "[migrate][doctor]") {
  World world;
  world.cloud = auth::find_cloud("china").value();
  world.tokens.given = std::string("opaque");
  CHECK(world.of("national_cloud").text.find("no startMigration") != std::string::npos);
}

TEST_CASE("Numbers of the service grow old after half a year", "[migrate][doctor]") {
  CHECK(migrate::check_age_of_limits("2026-08-01", at("2027-01-28T00:00:00Z")).code == "limits");
  CHECK(migrate::check_age_of_limits("2026-08-01", at("2027-01-29T00:00:00Z")).code == "limits_old");
  CHECK(migrate::check_age_of_limits("2026-08", at("2027-06-01T00:00:00Z")).code == "limits_old");
  CHECK(migrate::check_age_of_limits("2026", at("2027-01-10T00:00:00Z")).code == "limits");
  CHECK(migrate::check_age_of_limits("", at("2027-01-10T00:00:00Z")).code == "limits_undated");
}
