// What becomes of rooms and threads by the arguments of a source, through the whole way.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "tests/end_to_end/witness.h"

using namespace teamferry::test;
using Catch::Matchers::Contains;
using nlohmann::json;

namespace {

const std::string kSample = TEAMFERRY_SOURCE_DIR "/examples/sample-export";

Outcome teamferry_in(const TemporaryFolder& folder, std::string command, std::vector<std::string> words) {
  words.insert(words.begin(), {std::move(command), "slack", "--export", kSample, "--emulator-profile", "off"});
  return run(words, {}, std::chrono::seconds(120), folder.path());
}

std::int64_t records(const std::string& journal) {
  return count(journal, "SELECT count(*) FROM message WHERE added = 0");
}

}  // namespace

TEST_CASE("A channel a month arrives whole, with its threads, and any number of workers plans it alike",
          "[structure]") {
  TemporaryFolder folder;
  REQUIRE(teamferry_in(folder, "plan", {"--journal", "whole.db"}).exit_code == 0);
  const std::vector<std::string> split = {"--split", "month", "--orphans", "placeholder"};
  const auto with = [&split](std::vector<std::string> more) {
    more.insert(more.end(), split.begin(), split.end());
    return more;
  };
  const Outcome sent =
      teamferry_in(folder, "run", with({"--journal", "one.db", "--workers", "1", "--complete", "--json"}));
  INFO(sent.err);
  REQUIRE(sent.exit_code == 0);
  CHECK(json::parse(sent.last_line()).at("state") == "completed");
  const std::string one = folder / "one.db";
  CHECK(records(one) == records(folder / "whole.db"));
  CHECK(count(one, "SELECT count(*) FROM conversation WHERE kind = 'channel'") >
        count(folder / "whole.db", "SELECT count(*) FROM conversation WHERE kind = 'channel'"));
  CHECK(count(one, "SELECT count(*) FROM conversation WHERE displayName GLOB '* 20[0-9][0-9]-[0-9][0-9]'") > 0);
  // A reply and its root are in one conversation, whose number stands in front of theirs.
  CHECK(count(one, "SELECT count(*) FROM message WHERE root <> 0 AND (root >> 32) <> (id >> 32)") == 0);
  CHECK(count(one, "SELECT count(*) FROM message WHERE root <> 0") > 20);

  REQUIRE(teamferry_in(folder, "plan", with({"--journal", "three.db", "--workers", "3"})).exit_code == 0);
  CHECK(count(folder / "three.db", "SELECT sum(time) FROM message") ==
        count(one, "SELECT sum(planned_time) FROM message"));
}
