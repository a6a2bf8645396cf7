// teamferry test: a project's own tests, as a person who wrote them sees them.
#include <catch2/catch.hpp>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "tests/end_to_end/witness.h"

using namespace teamferry::test;
using Catch::Matchers::Contains;
using nlohmann::json;

namespace {

const std::string kScript = R"lua(local slack = require "scripts.slack"
local acme = slack:extend { name = "acme", args = { export = "export.zip" } }

function acme:place(room, ctx)
  if room.name and room.name:match "^tmp%-" then return nil, "temporary channel" end
  return slack.place(self, room, ctx)
end

function acme:content(message, ctx)
  return html.replace(slack.content(self, message, ctx), "ACME%-(%d+)", function(number)
    return html.link("https://tickets.acme.example/" .. number, "ACME-" .. number)
  end)
end

return acme
)lua";

const std::string kRecord = R"({ ts = "1503435956.000247", user = "U1", text = "see ACME-12, not `ACME-13`" })";

Outcome tests(const TemporaryFolder& folder, const std::string& text, std::vector<std::string> words = {}) {
  write_file(folder / "migrate.lua", kScript);
  std::filesystem::create_directories(folder / "tests");
  write_file(folder / "tests/acme_test.lua", "local acme = require \"migrate\"\n" + text);
  words.insert(words.begin(), "test");
  return run(words, {}, std::chrono::seconds(60), folder.path());
}

}  // namespace

TEST_CASE("The tests of SCRIPTING.md run in the project's folder, without the export", "[test]") {
  TemporaryFolder folder;
  std::filesystem::create_directory_symlink(TEAMFERRY_SOURCE_DIR "/examples/sample-export", folder / "sample");
  const Outcome outcome = tests(folder, R"(
test("a ticket number becomes a link, but not inside code", function(t)
  local r = t.map(acme, )" + kRecord + R"()
  t.same(r.html, '<p>see <a href="https://tickets.acme.example/12">ACME-12</a>, not <code>ACME-13</code></p>')
  t.clean(r)
end)
test("temporary channels stay behind", function(t)
  t.skipped(t.place(acme, { id = "C1", name = "tmp-x", list = "channels" }), "temporary channel")
end)
test("the sample keeps every visible word and every time", function(t)
  local plan = t.plan(acme, { export = "sample/" })
  t.every(plan, t.text_kept)
  t.every(plan, t.time_kept)
  t.every(plan, t.no_markers)
  t.same(plan.skipped["conversation: temporary channel"] > 0, true)
end)
)");
  INFO(outcome.out << outcome.err);
  CHECK(outcome.exit_code == 0);
  CHECK_THAT(outcome.out, Contains("passed  tests/acme_test.lua: 3 tests") && Contains("3 tests passed, 0 failed"));
  CHECK_THAT(outcome.out, !Contains("no test reached"));
}

TEST_CASE("A test that fails names its line, both values and the first difference", "[test]") {
  TemporaryFolder folder;
  const Outcome outcome = tests(folder,
                                R"(test("values", function(t)
  t.same({ a = { 1, 2 } }, { a = { 1, 3 } })
end)
test("a step that fails", function(t)
  t.map(acme, { ts = "1503435956.000247", text = "nobody" })
end)
test("a helper that is called wrong", function(t) html.escape(1) end)
test("nothing", function(t) end)
test("a loss", function(t) t.lost(t.map(acme, )" +
                                    kRecord + R"(), "poll") end)
)",
                                {"--json"});
  INFO(outcome.err);
  CHECK(outcome.exit_code == 3);
  CHECK_THAT(outcome.err, Contains("tests/acme_test.lua:3: got    { a = { 1, 2 } }") &&
                              Contains("wanted { a = { 1, 3 } }") && Contains("first at a[2]: got 2, wanted 3"));
  CHECK_THAT(outcome.err, Contains("tests/acme_test.lua:6: t.map: from is missing: the record has user = nil"));
  CHECK_THAT(outcome.err, Contains("tests/acme_test.lua:8: html.escape takes text, not a number"));
  CHECK_THAT(outcome.err, Contains("it checks nothing"));
  CHECK_THAT(outcome.err, Contains("no loss poll; it has none"));
  const json result = json::parse(outcome.last_line());
  CHECK(result.at("failed") == 5);
  CHECK(result.at("failures").at(0).at("name") == "values");
  CHECK(result.at("unreached").at(0) == "migrate.lua:4 acme.place");
}

TEST_CASE("An approval is read as a diff and taken over when it is right", "[test]") {
  TemporaryFolder folder;
  const auto approve = [](const std::string& words) {
    return "test('approved', function(t) t.approve('hello', t.map(acme, { ts = '1503435956.000247', user = 'U1', "
           "text = '" +
           words + "' }).graph.body) end)\n";
  };
  const Outcome first = tests(folder, approve("hi"));
  CHECK(first.exit_code == 3);
  CHECK_THAT(first.err,
             Contains("tests/approved/hello.json is not there yet") && Contains("+   \"content\": \"<p>hi</p>\""));
  CHECK_FALSE(std::filesystem::exists(folder / "tests/approved/hello.json"));
  CHECK(tests(folder, approve("hi"), {"--approve"}).exit_code == 0);
  CHECK(json::parse(read_file(folder / "tests/approved/hello.json")).at("content") == "<p>hi</p>");
  CHECK(tests(folder, approve("hi")).exit_code == 0);

  const Outcome changed = tests(folder, approve("ho"));
  CHECK(changed.exit_code == 3);
  CHECK_THAT(changed.err, Contains("-   \"content\": \"<p>hi</p>\"") && Contains("+   \"content\": \"<p>ho</p>\""));
  CHECK(tests(folder, approve("ho"), {"--update"}).exit_code == 0);
  CHECK(tests(folder, approve("ho")).exit_code == 0);
}

TEST_CASE("Tests run as a plan does: no files, no network, a budget", "[test]") {
  TemporaryFolder folder;
  const Outcome outcome = tests(folder, R"(test("io", function(t) io.open("x") end)
test("graph", function(t) graph.get "/me" end)
test("require", function(t) require "teamferry.host" end)
test("a record has its budget", function(t)
  local slow = acme:extend { name = "slow" }
  function slow:content() while true do end end
  t.map(slow, )" + kRecord + R"()
end)
test("the next test is not affected", function(t) t.same(1, 1) end)
)");
  INFO(outcome.out << outcome.err);
  CHECK(outcome.exit_code == 3);
  CHECK_THAT(outcome.err, Contains("there is no io in scripts") && Contains("graph cannot be asked in a step"));
  CHECK_THAT(outcome.err, Contains("no script 'teamferry.host'"));
  CHECK_THAT(outcome.err, Contains("took more than 250 ms of processor time"));
  CHECK_THAT(outcome.out, Contains("1 test passed, 4 failed"));
}

TEST_CASE("Where there is nothing to test, or no Lua, the sentence says what to do", "[test]") {
  TemporaryFolder folder;
  const Outcome none = run({"test"}, {}, std::chrono::seconds(60), folder.path());
  CHECK(none.exit_code == 2);
  CHECK_THAT(none.err, Contains("holds no *_test.lua"));
  CHECK_THAT(tests(folder, "test('x' function() end)").err, Contains("tests/acme_test.lua:2:"));
  CHECK_THAT(tests(folder, "").err, Contains("tests/acme_test.lua holds no test"));
  CHECK_THAT(tests(folder, "test('x', function(t) t.smae(1, 1) end)").err,
             Contains("there is no t.smae; did you mean same?"));
  const Outcome file =
      tests(folder, "test('one', function(t) t.same(1, 1) end)", {"tests/acme_test.lua", "--junit", "j.xml"});
  CHECK(file.exit_code == 0);
  CHECK_THAT(read_file(folder / "j.xml"), Contains("<testcase classname=\"tests/acme_test.lua\" name=\"one\"/>"));
}
