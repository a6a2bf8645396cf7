#include "bindings/target.h"

#include <catch2/catch.hpp>
#include <filesystem>

#include "native/http/curl_loop.h"
#include "tests/bindings/lua_fixture.h"

using namespace teamferry;
using namespace teamferry::bindings;
using namespace teamferry::bindings::test;
using Catch::Matchers::Contains;

TEST_CASE("The log has a line a request, for its owner alone and without secrets", "[target]") {
  const Folder folder;
  Target::Options options;
  options.name = "emulator";
  options.log = folder / "requests.log";
  auto target = Target::open(options);
  REQUIRE(target);
  const auto answers = (*target)->loop().run((*target)->client().find_users({"ada.park@tenant.example"}));
  REQUIRE(answers.front());
  std::ifstream file(options.log);
  const std::string log{std::istreambuf_iterator<char>(file), {}};
  CHECK_THAT(log, Contains(" 200 ") && Contains("ms, attempt 1, client-request-id "));
  CHECK(log.find("Bearer") == std::string::npos);
  CHECK(log.find("ada.park") == std::string::npos);
  CHECK(log.find((*target)->emulator()->apps().front().client_secret) == std::string::npos);
  CHECK((std::filesystem::status(options.log).permissions() & std::filesystem::perms::group_all) ==
        std::filesystem::perms::none);
}

TEST_CASE("A log that cannot be written is refused before anything is sent", "[target]") {
  Target::Options options;
  options.name = "emulator";
  options.log = "no/such/folder/requests.log";
  const auto target = Target::open(options);
  REQUIRE(!target);
  CHECK_THAT(target.error().message, Contains("--log: cannot write no/such/folder/requests.log: No such file"));
}
