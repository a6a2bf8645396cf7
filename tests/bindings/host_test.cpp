#include "bindings/host.h"

#include <catch2/catch.hpp>

#include "bindings/embedded.h"
#include "tests/bindings/lua_fixture.h"

using namespace teamferry::bindings;
using namespace teamferry::bindings::test;
using Catch::Matchers::Contains;

TEST_CASE("The binary holds the tool's Lua as it stands in the tree", "[host]") {
  bool slack = false, argparse = false;
  for (const Embedded& file : embedded_files()) {
    argparse = argparse || file.module == "argparse";
    slack = slack || file.module == "scripts.slack";
    if (file.module == "argparse") continue;
    INFO(file.path);
    std::ifstream in(TEAMFERRY_SOURCE_DIR "/" + std::string(file.path), std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    CHECK(file.text == text);
  }
  CHECK(slack);
  CHECK(argparse);
}

TEST_CASE("A script is named by a file, a folder or its own name", "[host]") {
  const Folder folder;
  folder.write("acme/migrate.lua", "return 1").write("one.lua", "return 2").write("empty/x", "");
  const auto project = Host::find_script(folder / "acme");
  REQUIRE(project);
  CHECK(project->project == folder / "acme");
  CHECK(project->file == "migrate.lua");
  const auto file = Host::find_script(folder / "one.lua");
  REQUIRE(file);
  CHECK(file->project == folder.path());
  const auto name = Host::find_script("slack");
  REQUIRE(name);
  CHECK(name->module == "slack");
  CHECK_THAT(Host::find_script(folder / "none.lua").error().message, Contains("none.lua"));
  CHECK_THAT(Host::find_script(folder / "empty").error().message, Contains("has no migrate.lua"));
}

TEST_CASE("A shipped script is found by its short name, and a wrong one is corrected", "[host]") {
  Script script;
  CHECK_THAT(script.load({".", "", "slack"}), Contains("source slack"));
  CHECK_THAT(script.load({".", "", "slak"}), Contains("no script 'slak'; did you mean slack?"));
}

TEST_CASE("What was loaded is known by path and hash", "[host]") {
  const Folder project;
  project.write("main.lua", "return require 'rules'").write("rules.lua", "return 1");
  Host::Options options;
  options.project = project.path();
  Script script(std::move(options));
  script.load({project.path(), "main.lua", ""});
  REQUIRE(script.host->loaded().size() == 2);
  CHECK_THAT(script.host->loaded()[1].path, Contains("rules.lua"));
  // sha256("return 1")
  CHECK(script.host->loaded()[1].sha256 == "486d9affb60dbb0063b03d8e23a6ccf6364ce203dc3a9f56f20e750eb41ecade");
}

TEST_CASE("An error names the line of the script that it comes from, once", "[host]") {
  Script script;
  CHECK_THAT(script.run("\nerror 'x'"), Contains("test.lua:2: x"));
  CHECK(script.run("error('x', 0)") == "error: x");
  CHECK_THAT(script.run("\n\nlocal x = time.parse 'nonsense' return x"), Contains("test.lua:3: time.parse"));
  CHECK_THAT(script.run("return time.parse 'nonsense'"), Contains("error: time.parse"));  // a tail call leaves no line
  CHECK_THAT(script.run("error()"), Contains("error without a message"));
  CHECK_THAT(script.run("error({})"), Contains("an error that is not a text"));
}
