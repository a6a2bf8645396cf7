// The named bad days: whatever the service does, the migration arrives whole, if need be at the next start.
#include <catch2/catch.hpp>
#include <chrono>
#include <nlohmann/json.hpp>

#include "tests/end_to_end/witness.h"

using namespace teamferry::test;
using nlohmann::json;

namespace {

const std::string kSample = TEAMFERRY_SOURCE_DIR "/examples/sample-export";

std::vector<std::string> rehearsal(const std::string& journal, const std::vector<std::string>& more) {
  std::vector<std::string> words = {"run", "slack", "--export", kSample, "--journal", journal, "--complete", "--json"};
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

Content content_of(const TemporaryFolder& folder) {
  return Witness(folder.path(), {"--data", folder / "journal.db-emulator"}).content(true);
}

}  // namespace

TEST_CASE("Through every scenario a rehearsal ends with the content of a quiet day", "[scenario]") {
  const std::string scenario = GENERATE("busy-friday", "stuck-session", "new-tenant", "flaky-proxy");
  INFO(scenario);
  TemporaryFolder calm, wild;
  const Outcome quiet =
      run(rehearsal(calm / "journal.db", {"--emulator-profile", "off"}), {}, std::chrono::seconds(120), calm.path());
  REQUIRE(quiet.exit_code == 0);
  const auto words = rehearsal(
      wild / "journal.db", {"--emulator-scenario", scenario, "--emulator-speed", "60", "--emulator-seed-number", "7"});
  // A start may end with a word on what an admin has to do, here: to wait for the roles. The next one goes on.
  Outcome outcome;
  for (int start = 0; start < 4; ++start) {
    outcome = run(words, {}, std::chrono::seconds(240), wild.path());
    if (outcome.exit_code == 0) break;
  }
  INFO(outcome.err);
  REQUIRE(outcome.exit_code == 0);
  CHECK(outcome.err.find(" of the emulator's time") != std::string::npos);
  const json result = json::parse(outcome.last_line());
  CHECK(result.at("failed") == 0);
  CHECK(result.at("records") == result.at("sent").get<int>() + result.at("skipped").get<int>());
  CHECK(content_of(wild) == content_of(calm));
}
