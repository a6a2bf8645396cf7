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
constexpr unsigned kSeed = 20190204;

using Words = std::vector<std::string>;

Words operator+(Words a, const Words& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

Words migrate(const std::string& journal, const Words& target) {
  return Words{"run", "slack", "--export", kSample, "--journal", journal, "--complete", "--json"} + target;
}

Words outside(const Witness& witness) {
  return witness.target() + Words{"--fallback", witness.fallback(), "--pace", "off"};
}

// How long a migration takes when nobody disturbs it, and how long to find out that it is done.
struct Pace {
  std::chrono::milliseconds whole, again;
};

Pace undisturbed(const Words& arguments, const std::string& folder, const Environment& environment) {
  const auto timed = [&] {
    const auto start = std::chrono::steady_clock::now();
    const Outcome outcome = run(arguments, environment, std::chrono::seconds(300), folder);
    INFO(outcome.err);
    REQUIRE(outcome.exit_code == 0);
    return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - start);
  };
  const auto whole = timed();
  return {whole, timed()};
}

// Starts the migration, kills it after a random time, and again, 50 times or until it ended by itself; then lets
// it finish. A life is on the average long enough to get over the start and a fiftieth of the way, so that the
// kills are spread over the whole of it. Returns the object it printed at the end.
json through_kills(const Words& arguments, const std::string& folder, const Environment& environment, Pace pace) {
  std::mt19937 random(kSeed);
  std::uniform_int_distribution<long> life_ms(1, pace.again.count() + pace.whole.count() / (kKills / 2));
  int kills = 0;
  for (bool ended = false; kills < kKills && !ended;) {
    Process process(arguments, folder, environment);
    ended = process.wait_for(std::chrono::milliseconds(life_ms(random)));
    if (ended) {
      INFO(process.err());
      REQUIRE(process.wait() == 0);
      break;
    }
    process.signal(SIGKILL);
    process.wait();
    ++kills;
  }
  CHECK(kills > kKills / 5);  // how many depends on the machine; crash_test.cpp leaves nothing to chance
  Process last(arguments, folder, environment);
  const int code = last.wait();
  INFO(last.err());
  REQUIRE(code == 0);
  Outcome outcome;
  outcome.out = last.out();
  return json::parse(outcome.last_line());
}

void check_accounts(const json& result) {
  CHECK(result.at("failed") == 0);
  CHECK(result.at("records") == result.at("sent").get<int>() + result.at("skipped").get<int>());
}

}  // namespace

// Each answer of the emulator takes a while, so that kills fall between a request and its answer too.
TEST_CASE("Killed at up to 50 moments against an emulator of its own process, the content is the same", "[kill]") {
  const auto options =
      GENERATE(Words{"--ids", "epoch"}, Words{"--ids", "ingestion"}, Words{"--ids", "ingestion", "--read-lag", "5"});
  INFO(Catch::Detail::stringify(options));
  const Words slow = Words{"--profile", "off", "--latency", "25"};
  TemporaryFolder calm, wild;
  const Witness expected(calm.path(), slow + Words{"--ids", options[1]});
  const Pace pace = undisturbed(migrate(calm / "journal.db", outside(expected)), calm.path(), expected.environment());
  const Witness arrived(wild.path(), slow + options);
  const json result =
      through_kills(migrate(wild / "journal.db", outside(arrived)), wild.path(), arrived.environment(), pace);
  check_accounts(result);
  CHECK(arrived.content(true) == expected.content(true));
}

TEST_CASE("Killed at up to 50 moments together with the emulator inside it, the content is the same", "[kill]") {
  // By both roads: a private channel and a chat are created, opened, filled and given their members as well.
  const Words target{"--target",  "emulator", "--emulator-profile", "off",  "--emulator-latency", "25",
                     "--private", "private",  "--direct",           "group"};
  TemporaryFolder calm, wild;
  const Pace pace = undisturbed(migrate(calm / "journal.db", target), calm.path(), {});
  const json result = through_kills(migrate(wild / "journal.db", target), wild.path(), {}, pace);
  check_accounts(result);
  const Witness expected(calm.path(), {"--data", calm / "journal.db-emulator"});
  const Witness arrived(wild.path(), {"--data", wild / "journal.db-emulator"});
  const Content wanted = expected.content(true);
  CHECK(wanted.count("new-roof") + wanted.count("chat Ines, Tobin") == 2);
  CHECK(arrived.content(true) == wanted);
}
