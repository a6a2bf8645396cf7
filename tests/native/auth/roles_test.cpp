#include "native/auth/roles.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "tests/native/auth/tokens.h"

using namespace teamferry;
using namespace teamferry::auth;

namespace {

using nlohmann::json;

std::string token_of(const std::vector<std::string>& roles) {
  return token_with({{"appid", "app-1"}, {"app_displayname", "Ferry"}, {"roles", roles}});
}

Result<std::vector<std::string>> check(const std::string& token, std::vector<Work> works) {
  return check_roles(token, works);
}

bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

const std::vector<std::string> kFull = {"Teamwork.Migrate.All",
                                        "Chat.Create",
                                        "Chat.Read.All",
                                        "ChatMember.ReadWrite.All",
                                        "User.Read.All",
                                        "Channel.ReadBasic.All",
                                        "Team.ReadBasic.All",
                                        "TeamMember.ReadWrite.All",
                                        "Files.ReadWrite.All",
                                        "ChannelMessage.Read.All",
                                        "ChannelMember.ReadWrite.All"};

}  // namespace

TEST_CASE("Every row of the table names a primitive whose permission is known", "[roles]") {
  for (const auto& want : wants()) {
    INFO(want.primitive);
    CHECK(std::count_if(permissions().begin(), permissions().end(),
                        [&](const Permission& p) { return p.primitive == want.primitive && !p.any_of.empty(); }) == 1);
    CHECK_FALSE(want.purpose.empty());
    CHECK_FALSE(command_of(want.work).empty());
  }
}

TEST_CASE("The permissions that an administrator is asked for are enough for everything but deleting a team",
          "[roles]") {
  std::vector<Work> all;
  for (const auto& want : wants()) {
    if (want.work != Work::remove_team) all.push_back(want.work);
  }
  const auto checked = check(token_of(kFull), all);
  REQUIRE(checked.ok());
  CHECK(checked.value().empty());
  CHECK(check(token_of(kFull), {Work::remove_team}).error().code == "missing_role");
}

TEST_CASE("A permission that is missing is named with its command, its purpose and the next step", "[roles]") {
  const auto checked = check(token_of({"Channel.ReadBasic.All", "Team.ReadBasic.All"}), {Work::create, Work::import});
  REQUIRE_FALSE(checked.ok());
  const Error& error = checked.error();
  CHECK(error.code == "missing_role");
  CHECK(error.kind == Error::Kind::service);
  CHECK_FALSE(error.retryable());
  CHECK(holds(error.message, "'Ferry' (app-1)"));
  CHECK(holds(error.message, "run cannot do without: Teamwork.Migrate.All, to create teams"));
  CHECK(holds(error.message, "import messages"));
  CHECK(holds(error.message, "admin consent"));
  CHECK_FALSE(holds(error.message, "Channel.ReadBasic.All"));
}

TEST_CASE("Importing alone needs one permission, and says what it goes without", "[roles]") {
  const auto checked = check(token_of({"Teamwork.Migrate.All"}), {Work::import});
  REQUIRE(checked.ok());
  REQUIRE(checked.value().size() == 2);
  CHECK(holds(checked.value()[1], "run will go without"));
  CHECK(holds(checked.value()[1], "ChannelMessage.Read.All, to find out whether a message arrived"));
}

TEST_CASE("What one command recommends and another requires is required, once", "[roles]") {
  const auto claims = read_claims(token_of({"Teamwork.Migrate.All", "Channel.ReadBasic.All"}));
  const std::vector<Work> works = {Work::import, Work::verify};
  const auto gaps = missing_roles(*claims, works);
  REQUIRE(gaps.size() == 1);
  CHECK(gaps[0].need == Need::required);
  CHECK(gaps[0].commands == std::vector<std::string_view>{"run", "verify"});
  const auto refused = check(token_of({"Teamwork.Migrate.All", "Channel.ReadBasic.All"}), works);
  CHECK(holds(refused.error().message, "run and verify cannot do without: ChannelMessage.Read.All"));
}

TEST_CASE("An existing channel is not touched without the right to read its messages", "[roles]") {
  const auto checked = check(token_of({"Teamwork.Migrate.All", "Channel.ReadBasic.All"}),
                             {Work::import, Work::import_existing, Work::tell_apart});
  CHECK(checked.error().code == "missing_role");
  CHECK(holds(checked.error().message, "ChannelMessage.Read.All"));
}

TEST_CASE("A greater permission opens what a smaller one does", "[roles]") {
  CHECK(check(token_of({"Group.ReadWrite.All"}), {Work::members, Work::doctor}).value().size() == 2);
  CHECK(check(token_of({"TeamMember.ReadWriteNonOwnerRole.All"}), {Work::members}).value().size() == 1);
}

TEST_CASE("Adding members is not part of the migration's own permission", "[roles]") {
  const auto checked = check(token_of({"Teamwork.Migrate.All"}), {Work::members});
  REQUIRE_FALSE(checked.ok());
  CHECK(holds(checked.error().message,
              "TeamMember.ReadWriteNonOwnerRole.All (or TeamMember.ReadWrite.All, Group.ReadWrite.All)"));
}

TEST_CASE("A token without roles is older than the consent, or there was none", "[roles]") {
  for (const auto& token : {token_of({}), token_with({{"appid", "app-1"}})}) {
    const auto checked = check(token, {Work::create, Work::import});
    REQUIRE_FALSE(checked.ok());
    CHECK(checked.error().code == "no_roles");
    CHECK(holds(checked.error().message, "nothing was consented to, or the token is older than the consent"));
    CHECK(holds(checked.error().message,
                "run cannot do without Teamwork.Migrate.All, Team.ReadBasic.All and Channel.ReadBasic.All"));
  }
}

TEST_CASE("A person's token is refused whatever it may do", "[roles]") {
  const auto checked = check(token_with({{"scp", "User.Read"}, {"roles", {"Teamwork.Migrate.All"}}}), {Work::import});
  CHECK(checked.error().code == "delegated_token");
}

TEST_CASE("A token that cannot be read is no reason to stop", "[roles]") {
  const auto checked = check("opaque", {Work::create, Work::import, Work::verify, Work::complete});
  REQUIRE(checked.ok());
  CHECK(checked.value().empty());
}
