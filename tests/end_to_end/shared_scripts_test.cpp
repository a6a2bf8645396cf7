// examples/shared: customers on one base, and rules that serve any source.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "tests/end_to_end/witness.h"

using namespace teamferry::test;
using nlohmann::json;

namespace {

const std::string kShared = TEAMFERRY_SOURCE_DIR "/examples/shared";

struct Planned {
  json result;
  std::string journal;
  std::int64_t links(const std::string& address) const {
    return count(journal, "SELECT count(*) FROM body WHERE json LIKE '%" + address + "%'");
  }
};

Planned plan(const TemporaryFolder& folder, const std::string& project, std::vector<std::string> more = {}) {
  Planned planned;
  planned.journal = folder / "journal.db";
  std::vector<std::string> words = {"plan", project, "--journal", planned.journal, "--json"};
  words.insert(words.end(), more.begin(), more.end());
  const Outcome outcome = run(words, {{"TEAMFERRY_PATH", kShared}}, std::chrono::seconds(120), folder.path());
  INFO(outcome.err);
  REQUIRE(outcome.exit_code == 0);
  planned.result = json::parse(outcome.last_line());
  return planned;
}

}  // namespace

TEST_CASE("Two customers share a base: each has its rules, and the second its own besides", "[shared]") {
  const TemporaryFolder one, other;
  const Planned kites = plan(one, kShared + "/kites"), tides = plan(other, kShared + "/tides");
  for (const auto* planned : {&kites, &tides}) {
    CHECK(planned->result.at("skipped_by_reason").count("conversation: temporary channel") == 1);
  }
  CHECK(kites.links("https://tickets.house.example/") > 0);
  CHECK(kites.result.at("skipped_by_reason").count("bot") == 0);
  CHECK(tides.links("https://lowtide.example/t/") > 0);
  CHECK(tides.links("https://tickets.house.example/") == 0);
  CHECK(tides.result.at("skipped_by_reason").at("bot") > 0);
  CHECK(tides.result.at("conversations") == kites.result.at("conversations").get<int>() - 1);
}

TEST_CASE("A rule serves Slack and Mattermost alike", "[shared]") {
  const TemporaryFolder one, other;
  const Planned slack =
      plan(one, kShared + "/any_source", {"--export", TEAMFERRY_SOURCE_DIR "/examples/sample-export"});
  CHECK(slack.links("https://tickets.house.example/12") > 0);

  std::string log = read_file(TEAMFERRY_SOURCE_DIR "/examples/sources/mattermost/import.jsonl");
  const std::string said = "The plan for July";
  REQUIRE(log.find(said) != log.npos);
  write_file(other / "import.jsonl", log.replace(log.find(said), said.size(), "KITE-12, the plan for July"));
  std::string rules = read_file(kShared + "/any_source/migrate.lua");
  rules.replace(rules.rfind("scripts.slack"), 13, "scripts.mattermost");
  write_file(other / "migrate.lua", rules);
  const Planned mattermost = plan(other, other / "migrate.lua", {"--export", other / "import.jsonl"});
  CHECK(mattermost.links("https://tickets.house.example/12") == 1);
}
