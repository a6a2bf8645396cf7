// What the README shows and the examples hold is run as it stands.
#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "tests/end_to_end/witness.h"

using namespace teamferry::test;
using nlohmann::json;

namespace {

const std::string kRoot = TEAMFERRY_SOURCE_DIR;

std::string first_block(const std::string& page, const std::string& language) {
  const std::string fence = "```" + language + "\n";
  const auto begin = page.find(fence);
  REQUIRE(begin != std::string::npos);
  const auto end = page.find("```", begin + fence.size());
  return page.substr(begin + fence.size(), end - begin - fence.size());
}

}  // namespace

TEST_CASE("The README's first script plans a zipped export in its own folder", "[readme]") {
  TemporaryFolder folder;
  const std::string zip = "cd '" + kRoot + "/examples/sample-export' && zip -qr '" + (folder / "acme.zip") + "' .";
  REQUIRE(std::system(zip.c_str()) == 0);
  write_file(folder / "migrate.lua", first_block(read_file(kRoot + "/README.md"), "lua"));
  const Outcome outcome = run({"plan", "--json"}, {}, std::chrono::seconds(120), folder.path());
  INFO(outcome.err);
  REQUIRE(outcome.exit_code == 0);
  const json result = json::parse(outcome.last_line());
  CHECK(result.at("failed") == 0);
  CHECK(result.at("planned").get<int>() > 100);
  CHECK(result.at("skipped_by_reason").at("conversation: temporary channel").get<int>() > 0);

  const std::string page = read_file(kRoot + "/README.md");
  write_file(folder / "acme_test.lua", first_block(page.substr(page.find("`teamferry test`")), "lua"));
  const Outcome tested = run({"test"}, {}, std::chrono::seconds(60), folder.path());
  INFO(tested.err);
  CHECK(tested.exit_code == 0);
}

TEST_CASE("The example of a customer leaves temporary channels behind and links ticket numbers", "[readme]") {
  TemporaryFolder folder;
  const std::string journal = folder / "journal.db";
  const Outcome outcome = run(
      {"run", kRoot + "/examples/customer", "--journal", journal, "--emulator-profile", "off", "--complete", "--json"},
      {}, std::chrono::seconds(120), folder.path());
  INFO(outcome.err);
  REQUIRE(outcome.exit_code == 0);
  const json result = json::parse(outcome.last_line());
  CHECK(result.at("failed") == 0);
  CHECK(result.at("verified").at("ok") == true);
  CHECK(result.at("skipped_by_reason").count("conversation: temporary channel") == 1);
  CHECK(count(journal, "SELECT count(*) FROM body WHERE json LIKE '%https://tickets.lanternkites.example/%'") > 0);
}

TEST_CASE("The README's plain script and expression run as they stand", "[readme]") {
  TemporaryFolder folder;
  const std::string page = read_file(kRoot + "/README.md");
  std::string lines = first_block(page.substr(page.find("## A script without a source")), "sh");
  const std::string built = "build/teamferry";
  for (auto at = lines.find(built); at != lines.npos; at = lines.find(built, at + binary().size())) {
    lines.replace(at, built.size(), binary());
  }
  write_file(folder / "commands", "set -e\ncd '" + kRoot + "'\n" + lines);
  CHECK(std::system(("sh " + (folder / "commands") + " >" + (folder / "out") + " 2>&1").c_str()) == 0);
  const std::string out = read_file(folder / "out");
  CHECK(out.find("Rowing club is open to its members") != std::string::npos);
  CHECK(out.find("\"Ada Park\"") != std::string::npos);
}
