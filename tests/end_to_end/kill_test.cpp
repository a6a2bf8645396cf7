// kill -9 at random moments of one migration, resumed each time: the service ends up as if nothing had happened.
#include <signal.h>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <random>

#include "tests/end_to_end/witness.h"

using namespace teamferry::test;
using nlohmann::json;

namespace {

const std::string kSample = TEAMFERRY_SOURCE_DIR "/examples/sample-export";
constexpr int kKills = 50;

std::vector<std::string> operator+(std::vector<std::string> a, const std::vector<std::string>& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

std::vector<std::string> migrate(const std::string& journal, const std::vector<std::string>& target) {
  return std::vector<std::string>{"run", "slack", "--export", kSample, "--journal", journal, "--complete", "--json"} +
         target;
}

// Starts the migration, kills it after a random time, and again, until `kills` kills have hit a running
// process; then lets it finish. Returns the object it printed at the end.
json through_kills(const std::vector<std::string>& arguments, const std::string& folder, const Environment& environment,
                   int kills, unsigned seed) {
  std::mt19937 random(seed);
  // Short lives first, so that the start is hit too; the range covers a whole undisturbed run.
  std::uniform_int_distribution<int> life_ms(20, 600);
  for (int killed = 0; killed < kills; ++killed) {
    Process process(arguments, folder, environment);
    if (process.wait_for(std::chrono::milliseconds(life_ms(random)))) {
      INFO(process.err());
      REQUIRE(process.wait() == 0);  // it ended by itself before the kill: it must have ended well
    }
    process.signal(SIGKILL);
    process.wait();
  }
  Process last(arguments, folder, environment);
  const int code = last.wait();
  INFO(last.err());
  REQUIRE(code == 0);
  Outcome outcome;
  outcome.out = last.out();
  return json::parse(outcome.last_line());
}

Content undisturbed(const std::vector<std::string>& emulator_options) {
  TemporaryFolder folder;
  const Witness witness(folder.path(), std::vector<std::string>{"--profile", "off"} + emulator_options);
  const Outcome outcome = run(migrate(folder / "journal.db", witness.target()) +
                                  std::vector<std::string>{"--fallback", witness.fallback(), "--pace", "off"},
                              witness.environment(), std::chrono::seconds(120), folder.path());
  INFO(outcome.err);
  REQUIRE(outcome.exit_code == 0);
  return witness.content(true);
}

}  // namespace

TEST_CASE("Killed at 50 moments against an emulator of its own process, the content is the same", "[kill]") {
  const auto options =
      GENERATE(std::vector<std::string>{"--ids", "epoch"}, std::vector<std::string>{"--ids", "ingestion"},
               std::vector<std::string>{"--ids", "ingestion", "--read-lag", "5"});
  INFO(Catch::Detail::stringify(options));
  const Content expected = undisturbed(options);
  TemporaryFolder folder;
  // Each answer takes 10 ms, so that kills fall between a request and its answer too.
  const Witness witness(folder.path(), std::vector<std::string>{"--profile", "off", "--latency", "10"} + options);
  const json result = through_kills(migrate(folder / "journal.db", witness.target()) +
                                        std::vector<std::string>{"--fallback", witness.fallback(), "--pace", "off"},
                                    folder.path(), witness.environment(), kKills, 20190204);
  CHECK(result.at("failed") == 0);
  CHECK(result.at("records") == result.at("sent").get<int>() + result.at("skipped").get<int>());
  CHECK(witness.content(true) == expected);
}

TEST_CASE("Killed at 50 moments together with the emulator inside it, the content is the same", "[kill]") {
  TemporaryFolder calm, wild;
  const std::vector<std::string> target{"--target", "emulator",           "--emulator-profile",
                                        "off",      "--emulator-latency", "10"};
  const Outcome outcome = run(migrate(calm / "journal.db", target), {}, std::chrono::seconds(120), calm.path());
  INFO(outcome.err);
  REQUIRE(outcome.exit_code == 0);
  const json result = through_kills(migrate(wild / "journal.db", target), wild.path(), {}, kKills, 20190205);
  CHECK(result.at("failed") == 0);
  const Witness expected(calm.path(), {"--data", calm / "journal.db-emulator"});
  const Witness arrived(wild.path(), {"--data", wild / "journal.db-emulator"});
  CHECK(arrived.content(true) == expected.content(true));
}
