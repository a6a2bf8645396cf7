#include "native/migrate/preflight.h"

#include <catch2/catch.hpp>

#include "tests/native/auth/tokens.h"
#include "world.h"

using namespace teamferry;
using auth::Work;
using fake::kAda;
using fake::kStart;

namespace {

class OneToken : public auth::TokenSource {
 public:
  explicit OneToken(Result<std::string> token) : token_(std::move(token)) {}
  Task<Result<std::string>> token() override { co_return token_; }
  Task<Result<std::string>> renew(std::string) override { co_return token_; }
  std::optional<std::chrono::milliseconds> clock_ahead() const override { return ahead; }
  std::optional<std::chrono::milliseconds> ahead;

 private:
  Result<std::string> token_;
};

OneToken with_roles(const std::vector<std::string>& roles) {
  return OneToken(auth::token_with({{"appid", "app-1"}, {"roles", roles}}));
}

struct Planned : fake::World {
  Planned() {
    message(channel("one"), kStart, kAda, "text");
    plan();
  }
  Result<std::vector<std::string>> preflight(OneToken tokens, std::vector<std::string> commands) {
    VirtualLoop loop;
    return loop.run(migrate::preflight(*journal, tokens, std::move(commands)));
  }
};

const std::vector<std::string> kEnough = {"Teamwork.Migrate.All", "Team.ReadBasic.All", "Channel.ReadBasic.All",
                                          "ChannelMessage.Read.All"};

}  // namespace

TEST_CASE("Only a run that has something to create needs the permissions of creating", "[migrate][preflight]") {
  Planned world;
  CHECK(migrate::works_of(*world.journal, {"run"}) == std::vector<Work>{Work::import, Work::create});
  CHECK(world.preflight(with_roles({"Teamwork.Migrate.All"}), {"run"}).error().code == "missing_role");
  world.create_targets();
  CHECK(migrate::works_of(*world.journal, {"run"}) == std::vector<Work>{Work::import});
  CHECK(world.preflight(with_roles({"Teamwork.Migrate.All"}), {"run"}).value().size() == 2);
}

TEST_CASE("A run that completes is asked at its start for what completion and verification need",
          "[migrate][preflight]") {
  Planned world;
  world.create_targets();
  const auto refused = world.preflight(with_roles({"Teamwork.Migrate.All"}), {"run", "complete", "verify"});
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().message.find("Channel.ReadBasic.All") != std::string::npos);
  CHECK(refused.error().message.find("ChannelMessage.Read.All") != std::string::npos);
  const auto allowed = world.preflight(with_roles(kEnough), {"run", "complete", "verify"});
  REQUIRE(allowed.ok());
  CHECK(allowed.value().empty());
}

TEST_CASE("A sign-in that fails for now is left to the command, any other failure is the answer",
          "[migrate][preflight]") {
  Planned world;
  CHECK(world.preflight(OneToken(Error::transport("connect", "no")), {"run"}).ok());
  CHECK(world.preflight(OneToken(Error::state("token_expired", "old")), {"run"}).error().code == "token_expired");
  CHECK(world.preflight(OneToken(std::string("opaque")), {"run", "complete", "verify"}).value().empty());
}

TEST_CASE("A clock that is off by more than five minutes is told", "[migrate][preflight]") {
  Planned world;
  auto tokens = with_roles(kEnough);
  tokens.ahead = std::chrono::minutes(5);
  CHECK(world.preflight(tokens, {"run"}).value().empty());
  tokens.ahead = std::chrono::minutes(-7);
  const auto notes = world.preflight(tokens, {"run"});
  REQUIRE(notes.value().size() == 1);
  CHECK(notes.value()[0].find("clock is 7 minutes behind the sign-in's") != std::string::npos);
}

TEST_CASE("Where others write too a run asks for the role to read, unless doubt is accepted", "[migrate][preflight]") {
  Planned world;
  world.create_targets();
  auto writer = world.journal->begin_plan().value();
  auto lived = world.journal->conversations().front();
  lived.existing = true;
  REQUIRE(writer->put_conversation(lived));
  REQUIRE(writer->finish());
  VirtualLoop loop;
  auto tokens = with_roles({"Teamwork.Migrate.All", "Channel.ReadBasic.All"});
  const auto refused = loop.run(migrate::preflight(*world.journal, tokens, {"run"}));
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().code == "missing_role");
  CHECK_THAT(refused.error().message, Catch::Contains("ChannelMessage.Read.All") && Catch::Contains("--accept-doubt"));
  CHECK(loop.run(migrate::preflight(*world.journal, tokens, {"run"}, true)).ok());
  auto neither = with_roles({"Channel.ReadBasic.All"});
  CHECK_THAT(loop.run(migrate::preflight(*world.journal, neither, {"run"})).error().message,
             !Catch::Contains("--accept-doubt"));
}
