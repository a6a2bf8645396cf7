// teamferry new: the folder it makes works at once, and tells nothing of the customer in what is to be kept.
#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "tests/end_to_end/witness.h"

using namespace teamferry::test;
using Catch::Matchers::Contains;
using nlohmann::json;
namespace fs = std::filesystem;

namespace {

const std::string kSample = TEAMFERRY_SOURCE_DIR "/examples/sample-export";

Outcome teamferry_in(const std::string& folder, std::vector<std::string> words) {
  return run(words, {}, std::chrono::seconds(120), folder);
}

std::string all_text(const std::string& folder) {
  std::string text;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file()) text += entry.path().string().substr(folder.size()) + read_file(entry.path().string());
  }
  return text;
}

}  // namespace

TEST_CASE("A new project plans and passes its tests at once", "[new]") {
  TemporaryFolder folder;
  REQUIRE(std::system(("cd '" + kSample + "' && zip -qr '" + (folder / "export.zip") + "' .").c_str()) == 0);
  const Outcome made = teamferry_in(folder.path(), {"new", "acme", "--from", "slack", "--export", "export.zip"});
  INFO(made.out << made.err);
  REQUIRE(made.exit_code == 0);
  CHECK(made.err.empty());
  CHECK_THAT(made.out, Contains("acme/migrate.lua") && Contains("14 people of the export, 9 with a mail; 5 need") &&
                           Contains("next: cd acme && teamferry plan"));

  const Outcome planned = teamferry_in(folder / "acme", {"plan", "--json"});
  INFO(planned.err);
  REQUIRE(planned.exit_code == 0);
  CHECK(json::parse(planned.last_line()).at("planned").get<int>() > 200);
  CHECK_THAT(planned.err, Contains("people.csv, 14 rows"));
  const Outcome tested = teamferry_in(folder / "acme", {"test"});
  INFO(tested.err);
  CHECK(tested.exit_code == 0);
  CHECK_THAT(tested.out, Contains("2 tests passed, 0 failed"));

  SECTION("editors find stubs of what scripts call where its .luarc.json says") {
    const json settings = json::parse(read_file(folder / "acme/.luarc.json"));
    const std::string library = settings.at("workspace.library").at(0);
    CHECK_THAT(read_file(folder / "acme/" + library + "/html.lua"), Contains("function html.escape(text) end"));
  }
  SECTION("its sample tells nothing of the customer") {
    const std::string text = all_text(folder / "acme/sample") + all_text(folder / "acme/tests");
    for (const char* secret : {"Maude", "maude", "Greta", "Tobin", "lantern", "LANTERN", "webshop", "Fairweather"}) {
      INFO(secret);
      CHECK(text.find(secret) == std::string::npos);
    }
    CHECK_THAT(text, Contains("\"rich_text_list\"") && Contains("\"thread_ts\""));
  }
  SECTION("a second time nothing is written over") {
    const std::string before = read_file(folder / "acme/migrate.lua");
    const Outcome again = teamferry_in(folder.path(), {"new", "acme", "--from", "slack", "--export", "export.zip"});
    CHECK(again.exit_code == 2);
    CHECK_THAT(again.err, Contains("acme/migrate.lua is there already"));
    CHECK(read_file(folder / "acme/migrate.lua") == before);
  }
  SECTION("its tests see an edit") {
    std::string script = read_file(folder / "acme/migrate.lua");
    script.insert(script.find("return acme"), "function acme:content() return '<p>all the same</p>' end\n\n");
    write_file(folder / "acme/migrate.lua", script);
    const Outcome edited = teamferry_in(folder / "acme", {"test"});
    CHECK(edited.exit_code == 3);
    CHECK_THAT(edited.err, Contains("tests/approved/sample.json differs") && Contains("+   \"<p>all the same</p>"));
  }
}

TEST_CASE("A shipped script is written out to be changed, and is used from then on", "[new]") {
  TemporaryFolder folder;
  REQUIRE(teamferry_in(folder.path(), {"new", "--copy-script", "slack"}).exit_code == 0);
  CHECK(read_file(folder / "scripts/slack.lua") == read_file(TEAMFERRY_SOURCE_DIR "/scripts/slack.lua"));
  CHECK_THAT(teamferry_in(folder.path(), {"new", "--copy-script", "slack"}).err, Contains("is there already"));
  write_file(folder / "scripts/slack.lua", "error 'mine'");
  CHECK_THAT(teamferry_in(folder.path(), {"plan", "slack", "--export", kSample}).err,
             Contains("scripts/slack.lua:1: mine"));
  CHECK_THAT(teamferry_in(folder.path(), {"new", "--copy-script", "slak"}).err,
             Contains("no script 'slak' is shipped; did you mean slack?"));
}

TEST_CASE("What new needs and does not get, it asks for", "[new]") {
  TemporaryFolder folder;
  const auto refused = [&](std::vector<std::string> words) {
    words.insert(words.begin(), "new");
    const Outcome outcome = teamferry_in(folder.path(), words);
    CHECK(outcome.exit_code == 2);
    return outcome.err;
  };
  CHECK_THAT(refused({}), Contains("what is the project called?"));
  CHECK_THAT(refused({"acme"}), Contains("Give --from, one of: ") && Contains("slack"));
  CHECK_THAT(refused({"acme", "--from", "slack"}), Contains("Give --export PATH"));
  CHECK_THAT(refused({"acme", "--from", "slack", "--export", "none.zip"}),
             Contains("there is no file or folder none.zip"));
  CHECK_THAT(refused({"acme", "--from", "slak", "--export", kSample}), Contains("did you mean slack?"));
  CHECK_FALSE(fs::exists(folder / "acme"));
}
