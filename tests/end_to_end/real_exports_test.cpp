// Real exports that nobody here wrote, from the export to the emulator and back by an independent witness.
#include <catch2/catch.hpp>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "tests/end_to_end/witness.h"

using namespace teamferry::test;
using nlohmann::json;

namespace {

std::string fixtures() {
  const char* set = std::getenv("TEAMFERRY_FIXTURES");
  return set ? set : TEAMFERRY_SOURCE_DIR "/../shared/fixtures";
}

bool have_fixtures() {
  if (std::filesystem::is_directory(fixtures() + "/slack")) return true;
  WARN("skipped: no real exports at " << fixtures() << "; set TEAMFERRY_FIXTURES");
  return false;
}

}  // namespace

TEST_CASE("A real Slack export arrives whole: author, millisecond, parent and body of every message", "[fixtures]") {
  if (!have_fixtures()) {
    SUCCEED("no fixtures here");
    return;
  }
  const std::string name =
      GENERATE("houstondatavis-2016", "bcneng-2020", "r-contributors-2020-2026", "forge2-2026", "olake-slackdump-2026");
  INFO(name);
  TemporaryFolder folder;
  const std::string journal = folder / "journal.db";
  const Outcome outcome = run({"run", "slack", "--export", fixtures() + "/slack/" + name, "--journal", journal,
                               "--target", "emulator", "--emulator-profile", "off", "--complete", "--json"},
                              {}, std::chrono::seconds(600), folder.path());
  INFO(outcome.err);
  REQUIRE(outcome.exit_code == 0);
  const json result = json::parse(outcome.last_line());
  const auto number = [&](const char* key) { return result.at(key).get<std::int64_t>(); };
  CHECK(number("failed") == 0);
  CHECK(number("records") == number("sent") + number("skipped") + number("failed"));
  CHECK(number("sent") > 0);

  const Content sent = sent_content(journal);
  std::int64_t messages = 0;
  for (const auto& [channel, seen] : sent) messages += static_cast<std::int64_t>(seen.size());
  CHECK(messages == number("messages"));
  CHECK(count(journal, "SELECT count(*) FROM message WHERE state <> 2 AND state <> 3") == 0);

  const Witness witness(folder.path(), {"--data", journal + "-emulator"});
  const Content arrived = witness.content(true);
  REQUIRE(arrived.size() == sent.size());
  for (const auto& [channel, seen] : sent) {
    INFO(channel);
    REQUIRE(arrived.count(channel) == 1);
    CHECK(arrived.at(channel) == seen);
  }
}

TEST_CASE("A folder that is no Slack export is refused in words that say what it is", "[fixtures]") {
  if (!have_fixtures()) {
    SUCCEED("no fixtures here");
    return;
  }
  const auto [name, words] = GENERATE(table<std::string, std::string>({
      {"zulip-fixtures", "there is a zip inside, test_unicode_slack_importer.zip"},
      {"mattermost-server-fixtures", "this is not a Slack export"},
      {"olake-slackdump-bad-download", "this is not a Slack export"},
  }));
  INFO(name);
  TemporaryFolder folder;
  const Outcome outcome = run({"plan", "slack", "--export", fixtures() + "/slack/" + name, "--json"}, {},
                              std::chrono::seconds(60), folder.path());
  INFO(outcome.err);
  CHECK(outcome.exit_code == 2);
  CHECK(outcome.err.find(words) != std::string::npos);
}
