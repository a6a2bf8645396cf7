// Plain scripts: how they are started, what they are given, how they end.
#include <catch2/catch.hpp>
#include <csignal>
#include <nlohmann/json.hpp>

#include "tests/end_to_end/witness.h"

using namespace teamferry::test;
using Catch::Matchers::Contains;
using nlohmann::json;

namespace {

Outcome repl(const TemporaryFolder& folder, std::vector<std::string> words) {
  words.insert(words.begin(), "repl");
  return run(words, {}, std::chrono::seconds(60), folder.path());
}

Outcome repl_script(const TemporaryFolder& folder, const std::string& text, std::vector<std::string> words = {}) {
  write_file(folder / "script.lua", text);
  words.insert(words.begin(), "script.lua");
  return repl(folder, words);
}

}  // namespace

TEST_CASE("The minutes of the board become a team that is open to its members", "[repl]") {
  TemporaryFolder folder;
  Witness witness(folder.path(), {"--profile", "off"});
  std::vector<std::string> words{"repl",
                                 TEAMFERRY_SOURCE_DIR "/examples/minutes/minutes.lua",
                                 "--write",
                                 "--team",
                                 "Rowing club archive",
                                 "--secretary",
                                 "ada.park@tenant.example"};
  for (const auto& word : witness.target()) words.push_back(word);
  const Outcome outcome = run(words, witness.environment(), std::chrono::seconds(60), folder.path());
  INFO(outcome.err);
  REQUIRE(outcome.exit_code == 0);
  CHECK_THAT(outcome.out, Contains("Minutes of 11 March: the boathouse gets a new roof.") && Contains("  Agreed.") &&
                              Contains("Rowing club archive is open to its members"));
  const Content content = witness.content(true);
  REQUIRE(content.count("minutes") == 1);
  const auto& messages = content.at("minutes");
  REQUIRE(messages.size() == 2);
  CHECK(messages[0].time == "2019-03-11T18:30:00.000Z");
  CHECK(messages[0].parent.empty());
  CHECK(messages[1].time == "2019-03-12T07:05:00.000Z");
  CHECK(messages[1].parent == messages[0].time);
}

TEST_CASE("An expression prints its value", "[repl]") {
  TemporaryFolder folder;
  const Outcome sum = repl(folder, {"-e", "1 + 1"});
  CHECK(sum.exit_code == 0);
  CHECK(sum.out == "2\n");
  CHECK_THAT(repl(folder, {"-e", "graph.user 'ada.park@tenant.example'"}).out,
             Contains(R"(displayName        "Ada Park")"));
  const Outcome outcome = repl(folder, {"-e", "{ n = 2 }", "--json"});
  CHECK(json::parse(outcome.last_line()).at("value") == json{{"n", 2}});
  CHECK(json::parse(outcome.last_line()).at("state") == "done");
  const Outcome wrong = repl(folder, {"-e", "1 +"});
  CHECK(wrong.exit_code == 2);
  CHECK_THAT(wrong.err, Contains("-e:1:"));
}

TEST_CASE("A script reads its arguments from the command line", "[repl]") {
  TemporaryFolder folder;
  const std::string text =
      "local args = arg.read {\n  team = arg.text { required = true, doc = 'name of the new team' },\n"
      "  limit = arg.number { min = 1, default = 5 }, dry_run = arg.boolean,\n}\n"
      "print(args.team, args.limit, args.dry_run)";
  CHECK(repl_script(folder, text, {"--team", "Board archive", "--dry-run", "--limit=7"}).out ==
        "Board archive\t7\ttrue\n");
  CHECK(repl_script(folder, text, {"--team", "B", "--no-dry-run", "--quiet"}).out == "B\t5\tfalse\n");
  const auto refused = [&](std::vector<std::string> words) {
    const Outcome outcome = repl_script(folder, text, std::move(words));
    CHECK(outcome.exit_code == 2);
    CHECK(outcome.out.empty());
    return outcome.err;
  };
  CHECK_THAT(refused({}), Contains("script.lua:1: args.team is missing: name of the new team. Give --team"));
  CHECK_THAT(refused({"--team", "B", "--limit", "0"}), Contains("args.limit: 0 is below 1"));
  CHECK_THAT(refused({"--taem", "B"}), Contains("args.taem: unknown argument; did you mean --team?"));
  CHECK_THAT(refused({"--team"}), Contains("args.team: --team needs a value"));
  CHECK_THAT(refused({"--team", "B", "left"}), Contains("'left' stands alone"));

  const Outcome help = repl_script(folder, "graph.delete '/x'\n" + text, {"--help", "--write"});
  CHECK(help.exit_code == 0);  // nothing is asked of Graph
  const Outcome arguments = repl_script(folder, text, {"--help"});
  CHECK(arguments.exit_code == 0);
  CHECK_THAT(arguments.out, Contains("--write") && Contains("--team") && Contains("name of the new team (required)"));
  CHECK_THAT(repl_script(folder, "arg.read { log = arg.text }").err, Contains("--log is an option of teamferry"));
}

TEST_CASE("parallel asks for many at once and gives the answers in order", "[repl]") {
  TemporaryFolder folder;
  const Outcome outcome = repl_script(folder, R"(
    local mails = { "chen.wei@tenant.example", "nobody@tenant.example", "ada.park@tenant.example" }
    for i, r in ipairs(parallel(mails, 2, graph.user)) do
      progress(i, #mails, "people")
      print(r[1] and r[1].displayName or r[2].code)
    end)");
  INFO(outcome.err);
  CHECK(outcome.exit_code == 0);
  CHECK(outcome.out == "Chen Wei\nnot_found\nAda Park\n");
  CHECK_THAT(repl_script(folder, "progress('half')").err,
             Contains("script.lua:1: progress: argument 1 (done): expected a number, got string"));
}

TEST_CASE("Standard input may hold the script", "[repl]") {
  TemporaryFolder folder;
  write_file(folder / "piped.lua", "print 'from the pipe'");
  const std::string command = "cd " + folder.path() + " && " + binary() + " repl - < piped.lua > out.txt";
  CHECK(std::system(command.c_str()) == 0);
  CHECK(read_file(folder / "out.txt") == "from the pipe\n");
}

TEST_CASE("Without --write a script only reads", "[repl]") {
  TemporaryFolder folder;
  const std::string text =
      "\nassert(graph.create_team { displayName = 'x', createdDateTime = '2019-01-01T00:00:00.000Z' })";
  const Outcome refused = repl_script(folder, text, {"--json"});
  CHECK(refused.exit_code == 4);
  CHECK_THAT(refused.err, Contains("script.lua:2: graph.create_team changes something"));
  CHECK(json::parse(refused.last_line()).at("errors").at(0).at("code") == "read_only");
  CHECK(repl_script(folder, text, {"--write"}).exit_code == 0);
}

TEST_CASE("An uncaught error names file and line and has a code of its own", "[repl]") {
  TemporaryFolder folder;
  const Outcome text = repl_script(folder, "\nlocal t\nprint(t.x)");
  CHECK(text.exit_code == 2);
  CHECK_THAT(text.err, Contains("script.lua:3: attempt to index local 't'"));
  const Outcome refusal = repl_script(folder, "\nassert(graph.team 'nope')");
  CHECK(refusal.exit_code == 5);
  CHECK_THAT(refusal.err, Contains("script.lua:2: 404 NotFound"));
  CHECK(repl(folder, {"-e", "graph.team 'nope'"}).exit_code == 5);
  CHECK(repl(folder, {"none.lua"}).exit_code == 2);
}

TEST_CASE("A rehearsal with a journal's name keeps its state for the next command", "[repl]") {
  TemporaryFolder folder;
  const std::vector<std::string> kept{"--journal", "acme.db", "--write"};
  REQUIRE(repl_script(
              folder,
              "assert(graph.create_team { displayName = 'Kept', createdDateTime = '2019-01-01T00:00:00.000Z' })", kept)
              .exit_code == 0);
  CHECK(
      repl(folder, {"-e", "graph.items \"/teams?$filter=displayName eq 'Kept'\"().displayName", "--journal", "acme.db"})
          .out == "\"Kept\"\n");
}

TEST_CASE("Ctrl-C ends a script that computes and one that waits", "[repl]") {
  for (const char* text : {"print 'ready' while true do pcall(function() while true do end end) end",
                           "print 'ready' local u, err = graph.get '/users' print(err.code)"}) {
    TemporaryFolder folder;
    write_file(folder / "script.lua", text);
    Process process({"repl", "script.lua", "--emulator-latency", "60000"}, folder.path());
    REQUIRE(process.first_line() == "ready");
    process.signal(SIGINT);
    CHECK(process.wait() == 130);
  }
}
