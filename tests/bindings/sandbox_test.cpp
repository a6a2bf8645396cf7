#include <catch2/catch.hpp>

#include "tests/bindings/lua_fixture.h"

using namespace teamferry::bindings;
using namespace teamferry::bindings::test;
using Catch::Matchers::Contains;

TEST_CASE("What a script must not reach is not there", "[sandbox]") {
  const std::string name =
      GENERATE("io", "os", "debug", "package", "ffi", "jit", "dofile", "loadfile", "setfenv", "getfenv", "newproxy",
               "module", "gcinfo", "lpeg", "string.dump", "json.get_null", "time.host", "arg.host");
  Script script;
  CHECK(script.run("return (pcall(function() return " + name + " end))") == "false");
}

TEST_CASE("What a script may use is there", "[sandbox]") {
  const std::string name =
      GENERATE("string", "table", "math", "bit", "coroutine", "pairs", "ipairs", "select", "tonumber", "tostring",
               "type", "pcall", "xpcall", "error", "assert", "require", "next", "unpack", "print", "each", "source",
               "arg", "time", "html", "mrkdwn", "markdown", "emoji", "text", "json", "log", "archive", "validate");
  Script script;
  CHECK(script.run("return " + name + " ~= nil") == "true");
}

TEST_CASE("Files of the tool that scripts have no business with are refused", "[sandbox]") {
  const std::string name = GENERATE("stdlib.run", "stdlib.cli.init", "bindings.mapper", "teamferry.host",
                                    "teamferry.native", "lpeg", "argparse", "bindings.sandbox");
  Script script;
  CHECK_THAT(script.run("return require '" + name + "'"), Contains("error: "));
}

TEST_CASE("A name that does not exist is answered with the one that was meant", "[sandbox]") {
  Script script;
  CHECK_THAT(script.run("\nreturn htlm.escape 'x'"), Contains("test.lua:2: there is no htlm; did you mean html?"));
  CHECK_THAT(script.run("return html.escpae 'x'"), Contains("html has no escpae; did you mean escape?"));
  CHECK_THAT(script.run("return io.open 'x'"), Contains("there is no io in scripts"));
  CHECK_THAT(script.run("require 'scripts.slak'"), Contains("no script 'scripts.slak'; did you mean scripts.slack?"));
}

TEST_CASE("A global cannot be assigned, and the error asks for local", "[sandbox]") {
  Script script;
  CHECK_THAT(script.run("count = 1"), Contains("test.lua:1: count is not declared; write local count"));
  CHECK_THAT(script.run("html = nil"), Contains("html is a module and cannot be replaced"));
  CHECK_THAT(script.run("string = {}"), Contains("cannot be replaced"));
  CHECK_THAT(script.run("rawset(_G, 'x', 1)"), Contains("cannot be changed"));
}

TEST_CASE("Modules cannot be changed, by whatever means", "[sandbox]") {
  const std::string attempt =
      GENERATE("html.escape = 1", "string.format = 1", "rawset(html, 'escape', 1)", "table.insert(html, 1)",
               "setmetatable(html, {})", "getmetatable('').__index = {}", "table.concat = nil", "json.null = 1");
  Script script;
  CHECK(script.run("return (pcall(function() " + attempt + " end))") == "false");
  CHECK(script.run("return html.escape '<'") == "&lt;");
  CHECK(script.run("return ('%d'):format(3)") == "3");
}

TEST_CASE("A chunk made of text runs in the same sandbox, and bytecode is refused", "[sandbox]") {
  Script script;
  CHECK(script.run("return load('return 1 + 1')()") == "2");
  CHECK(script.run("return (pcall(load 'return io'))") == "false");
  CHECK(script.run("return (load('\\27LJ\\2\\2', 'x'))") == "nil");
  CHECK(script.run("return (load('return 1', 'x', 'b'))") == "nil");
}

TEST_CASE("A script is found in the project, then on the path, then among those shipped", "[sandbox]") {
  const Folder project, path;
  path.write("acme.lua", "return 'from the path'").write("both.lua", "return 'wrong'");
  path.write("birch/migrate.lua", "return 'a project'");
  project.write("both.lua", "return 'from the project'").write("scripts/slack.lua", "return 'hidden'");
  project.write("main.lua",
                "return table.concat({ require 'acme', require 'both', require 'birch', "
                "require 'scripts.slack' }, ', ')");
  Host::Options options;
  options.project = project.path();
  options.path = {path.path()};
  Script script(std::move(options));
  CHECK(script.load({project.path(), "main.lua", ""}) == "from the path, from the project, a project, hidden");
}

TEST_CASE("Scripts that require each other are told so", "[sandbox]") {
  const Folder project;
  project.write("a.lua", "return require 'b'").write("b.lua", "return require 'a'").write("main.lua", "require 'a'");
  Host::Options options;
  options.project = project.path();
  Script script(std::move(options));
  CHECK_THAT(script.load({project.path(), "main.lua", ""}), Contains("a requires b requires a; one of them must not"));
}

TEST_CASE("A name with a path in it is no name of a script", "[sandbox]") {
  const std::string name = GENERATE("../secret", "/etc/passwd", ".hidden", "a..b", "", "a/b", "x\\0y");
  Script script;
  CHECK_THAT(script.run("return require '" + name + "'"), Contains("error: "));
}

TEST_CASE("print and log tell file and line, and one line of code is heard 20 times", "[sandbox]") {
  Script script;
  script.run("print('a', 1)\nfor i = 1, 100 do log.info('%d', i) end");
  REQUIRE(script.lines.size() == 21);
  CHECK(script.lines[0] == "test.lua:1: a\t1");
  CHECK_THAT(script.lines[20], Contains("the last time from this line"));
}

TEST_CASE("A step cannot ask Graph, nor wait, and is told what to do instead", "[sandbox]") {
  Script script;
  CHECK_THAT(script.run("\nreturn graph.user 'x'"),
             Contains("test.lua:2: graph cannot be asked in a step: a plan must come out the same everywhere. "
                      "Use people.csv, or an arg.table"));
  CHECK_THAT(script.run("return parallel({}, 1, print)"), Contains("parallel is for plain scripts"));
  CHECK_THAT(script.run("progress(1, 2)"), Contains("progress is for plain scripts"));
  CHECK_THAT(script.run("arg.read { x = arg.text }"), Contains("arg.read is for plain scripts"));
}
