// What assess says before anybody has credentials: the same figures as the plan, and no trace.
#include <catch2/catch.hpp>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "tests/end_to_end/witness.h"

using namespace teamferry::test;
using nlohmann::json;

namespace {

const std::string kSample = TEAMFERRY_SOURCE_DIR "/examples/sample-export";

}  // namespace

TEST_CASE("An assessment has the figures of the plan and leaves nothing behind", "[assess]") {
  TemporaryFolder folder;
  TemporaryFolder temporary;
  const auto assessed =
      run({"assess", kSample, "--json"}, {{"TMPDIR", temporary.path()}}, std::chrono::seconds(120), folder.path());
  INFO(assessed.err);
  REQUIRE(assessed.exit_code == 0);
  CHECK(std::filesystem::is_empty(folder.path()));
  CHECK(std::filesystem::is_empty(temporary.path()));
  const json found = json::parse(assessed.last_line());

  const auto planned =
      run({"plan", "slack", "--export", kSample, "--json"}, {}, std::chrono::seconds(120), folder.path());
  REQUIRE(planned.exit_code == 0);
  const json plan = json::parse(planned.last_line());
  CHECK(found.at("records") == plan.at("records"));
  CHECK(found.at("messages") == plan.at("planned"));
  CHECK(found.at("skipped") == plan.at("skipped"));
  CHECK(found.at("conversations").size() == plan.at("conversations"));
  std::map<std::string, int> losses;
  for (const auto& loss : found.at("losses")) losses[loss.at("kind")] = loss.at("count");
  CHECK(json(losses) == plan.at("losses"));
  CHECK(found.at("forecast").at(0).at("import_seconds") == plan.at("forecast_seconds"));
  CHECK(found.at("constructs").size() > 10);
  int gone = 0, changes = 0;
  for (const auto& fate : found.at("fates")) {
    CHECK(fate.at("kept").get<int>() + fate.at("approximated").get<int>() + fate.at("lost").get<int>() ==
          fate.at("found"));
    if (fate.at("construct") == "event") gone = fate.at("lost");
  }
  CHECK(gone > 0);
  for (const auto& [kind, count] : losses) changes += kind == "member_missing" ? 0 : count;
  CHECK(found.at("changes") == changes);
}

TEST_CASE("The page of an assessment is written where --html says", "[assess]") {
  TemporaryFolder folder;
  const auto written = run({"assess", kSample, "--html", "out.html"}, {}, std::chrono::seconds(120), folder.path());
  REQUIRE(written.exit_code == 0);
  CHECK(read_file(folder / "out.html").find("#workshop") != std::string::npos);
  const auto refused = run({"assess", kSample, "--html", "no/out.html"}, {}, std::chrono::seconds(120), folder.path());
  CHECK(refused.exit_code == 2);
  CHECK(refused.err.find("no/out.html cannot be written") != std::string::npos);
}

TEST_CASE("An assessment in a project's folder maps as the project does", "[assess]") {
  TemporaryFolder folder;
  write_file(folder / "migrate.lua",
             "local slack = require 'scripts.slack'\n"
             "local p = slack:extend { name = 'p', args = { team = 'P' } }\n"
             "function p:message() return nil, 'nothing today' end\nreturn p\n");
  const auto assessed = run({"assess", kSample, "--json"}, {}, std::chrono::seconds(120), folder.path());
  INFO(assessed.err);
  REQUIRE(assessed.exit_code == 0);
  const json found = json::parse(assessed.last_line());
  CHECK(found.at("messages") == 0);
  CHECK(found.at("script") == "p");
  CHECK(found.at("skipped_by_reason").at(0).at("reason") == "nothing today");
}

TEST_CASE("An export alone is read by the script that knows it, and a wrong script is told so", "[assess]") {
  TemporaryFolder folder;
  const std::string sources = TEAMFERRY_SOURCE_DIR "/examples/sources/";
  const auto [sample, script] = GENERATE(table<std::string, std::string>({
      {"discord", "discord"},
      {"discord_html", "discord"},
      {"google_chat", "google_chat"},
      {"google_chat_api", "google_chat"},
      {"hipchat", "hipchat"},
      {"mattermost", "mattermost"},
      {"rocketchat", "rocketchat"},
      {"rocketchat_mongodump", "rocketchat"},
      {"teams", "teams"},
      {"telegram", "telegram"},
      {"whatsapp", "whatsapp"},
      {"zulip", "zulip"},
      {"csv/log.csv", "csv"},
  }));
  CAPTURE(sample);
  const auto assessed = run({"assess", sources + sample, "--json"}, {}, std::chrono::seconds(120), folder.path());
  INFO(assessed.err);
  const json found = json::parse(assessed.last_line());
  CHECK(found.value("script", "") == script);
  if (sample != "discord") return;
  const auto wrong =
      run({"plan", "telegram", "--export", sources + sample}, {}, std::chrono::seconds(120), folder.path());
  CHECK(wrong.exit_code == 2);
  CHECK(wrong.err.find("is an export that discord reads, not telegram. For example: teamferry plan discord --export") !=
        std::string::npos);
}

TEST_CASE("What no script recognises is refused with what it is", "[assess]") {
  TemporaryFolder folder;
  std::filesystem::create_directory(folder / "photos");
  write_file(folder / "photos/cat.txt", "miaow");
  const auto refused = run({"assess", folder / "photos"}, {}, std::chrono::seconds(120), folder.path());
  CHECK(refused.exit_code == 2);
  CHECK(refused.err.find("not a Slack export") != std::string::npos);
  const auto missing = run({"assess", "slack"}, {}, std::chrono::seconds(120), folder.path());
  CHECK(missing.exit_code == 2);
  CHECK(missing.err.find("--export") != std::string::npos);
}
