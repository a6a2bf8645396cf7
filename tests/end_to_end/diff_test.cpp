// teamferry diff: what a changed script changes against the plan in the journal.
#include <catch2/catch.hpp>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "tests/end_to_end/witness.h"

using namespace teamferry::test;
using Catch::Matchers::Contains;
using nlohmann::json;

namespace {

void write_script(const TemporaryFolder& folder, const std::string& steps) {
  write_file(folder / "migrate.lua",
             "local slack = require 'scripts.slack'\n"
             "local acme = slack:extend { name = 'acme', args = { export = '" TEAMFERRY_SOURCE_DIR
             "/examples/sample-export' } }\n" +
                 steps + "return acme\n");
}

const std::string kChange = R"lua(
function acme:place(room, ctx)
  if room.name and room.name:match "^tmp%-" then return nil, "temporary channel" end
  return slack.place(self, room, ctx)
end
function acme:content(message, ctx)
  return html.replace(slack.content(self, message, ctx), "KITE%-(%d+)", function(number)
    return html.link("https://tickets.example/" .. number, "KITE-" .. number)
  end)
end
)lua";

json diff(const TemporaryFolder& folder) {
  const Outcome outcome = run({"diff", "--json"}, {}, std::chrono::seconds(60), folder.path());
  INFO(outcome.err);
  REQUIRE(outcome.exit_code == 0);
  return json::parse(outcome.last_line());
}

}  // namespace

TEST_CASE("diff counts what a changed script changes, shows samples, and leaves the journal alone", "[diff]") {
  TemporaryFolder folder;
  write_script(folder, "");
  const Outcome early = run({"diff"}, {}, std::chrono::seconds(60), folder.path());
  CHECK(early.exit_code == 2);
  CHECK_THAT(early.err, Contains("there is no journal acme-rehearsal.db; plan first"));
  REQUIRE(run({"plan"}, {}, std::chrono::seconds(60), folder.path()).exit_code == 0);
  const std::string journal = read_file(folder / "acme-rehearsal.db");
  CHECK(diff(folder).at("changes").empty());

  write_script(folder, kChange);
  const Outcome outcome = run({"diff", "--samples", "1"}, {}, std::chrono::seconds(60), folder.path());
  CHECK(outcome.exit_code == 0);
  CHECK_THAT(outcome.out,
             Contains("319 records: 11 changed (body 11), 34 now skipped (conversation: temporary channel 34), 0 new "
                      "findings") &&
                 Contains("  - <p>Us. We ask for the country, and Jersey counts as GB in my list. I made KITE-12") &&
                 Contains("I made <a href=\"https://tickets.example/12\">KITE-12</a> for it."));
  CHECK(read_file(folder / "acme-rehearsal.db") == journal);

  // What was sent stays in Teams; diff says how much of the change that is.
  write_script(folder, "");
  REQUIRE(run({"run", "--emulator-profile", "off"}, {}, std::chrono::seconds(60), folder.path()).exit_code == 0);
  write_script(folder, kChange);
  const json found = diff(folder);
  CHECK(found.at("changes").at("body") == 11);
  CHECK(found.at("sent") == 45);
  CHECK(found.at("changes").size() == 2);
  CHECK(run({"status"}, {}, std::chrono::seconds(60), folder.path()).exit_code == 0);
}

TEST_CASE("At the prompt .diff compares what is edited with the plan", "[diff][prompt]") {
  TemporaryFolder folder;
  write_script(folder, "");
  const std::string command = "cd '" + folder.path() + "' && printf '.diff\\n' | '" + binary() + "' repl . > ";
  CHECK(std::system((command + "early").c_str()) != 0);
  CHECK_THAT(read_file(folder / "early"), Contains("there is no journal acme-rehearsal.db; plan first"));
  REQUIRE(run({"plan"}, {}, std::chrono::seconds(60), folder.path()).exit_code == 0);
  write_script(folder, kChange);
  CHECK(std::system((command + "late").c_str()) == 0);
  CHECK_THAT(read_file(folder / "late"),
             Contains("319 records: 11 changed (body 11), 34 now skipped") && Contains(".diff 4 shows the next"));
}

TEST_CASE("Before there is a plan, .diff compares with the script as it was before the first .reload",
          "[diff][prompt]") {
  TemporaryFolder folder;
  write_script(folder, kChange);
  std::filesystem::rename(folder / "migrate.lua", folder / "new.lua");
  write_script(folder, "");
  write_file(folder / "editor", "cp new.lua \"$2\"\n");
  const std::string command = "cd '" + folder.path() +
                              "' && printf '.edit\n.reload\n.diff\n.diff 4\n' | EDITOR='sh editor' '" + binary() +
                              "' repl . > out";
  CHECK(std::system(command.c_str()) == 0);
  CHECK_THAT(read_file(folder / "out"),
             Contains("against the script as it was before the first .reload; there is no plan yet") &&
                 Contains("319 records: 11 changed (body 11), 34 now skipped (conversation: temporary channel 34)"));
}
