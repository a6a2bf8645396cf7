#include <catch2/catch.hpp>

#include "bindings/lua_mapper.h"
#include "tests/bindings/lua_fixture.h"

using namespace teamferry::bindings;
using namespace teamferry::bindings::test;
using Catch::Matchers::Contains;

namespace {

Host::Options quick() {
  Host::Options options;
  options.budget.reading = std::chrono::milliseconds(50);
  options.budget.record = std::chrono::milliseconds(50);
  return options;
}

}  // namespace

TEST_CASE("A loop that does not end is stopped, and the state goes on", "[budget]") {
  Script script(quick());
  CHECK_THAT(script.run("while true do end"), Contains("of processor time"));
  CHECK(script.run("return 1") == "1");
}

TEST_CASE("A pcall cannot outlive the budget", "[budget]") {
  Script script(quick());
  CHECK_THAT(script.run("while true do pcall(function() while true do end end) end"), Contains("of processor time"));
  CHECK_THAT(script.run("local f = coroutine.wrap(function() while true do end end) while true do pcall(f) end"),
             Contains("of processor time"));
}

TEST_CASE("A loop is named by its line, and once", "[budget]") {
  Script script(quick());
  const auto problem = script.run("\nwhile true do end");
  CHECK_THAT(problem, Contains("test.lua:2: took more than 50 ms of processor time"));
  CHECK(problem.find("test.lua:2", problem.find("test.lua:2") + 1) == std::string::npos);
}

TEST_CASE("Somebody who wants to stop does not wait for the budget", "[budget]") {
  const std::atomic<bool> stop{true};
  Host::Options options;
  options.budget.stop = &stop;
  Script script(std::move(options));
  CHECK_THAT(script.run("while true do end"), Contains("interrupted"));
}

TEST_CASE("Whatever a record does to its cell, the next one has room and time", "[budget]") {
  const Folder project, folder;
  folder.write("m.json", R"([{"do":"loop"},{"do":"memory"},{"do":"stack"},{"do":"hide"},{"do":"nothing"}])");
  project.write("s.lua", R"lua(
local s = source.new { name = "s", summary = "s", api = 1 }
local act = {}
act["loop"] = function() coroutine.wrap(function() while true do end end)() end
function act.memory() local t = {} while true do t[#t + 1] = ("x"):rep(1e6) .. #t end end
function act.stack() local function f() return 1 + f() end return f() end
function act.hide() error(setmetatable({}, { __tostring = function() error "x" end })) end
function s:conversations(ctx, emit) emit { id = "C1" } end
function s:messages(room, ctx, emit) emit(ctx.export:records "m.json") end
function s:message(m, ctx)
  if act[m["do"]] then act[m["do"]]() end
  return { createdDateTime = time.unix(1503435956), from = "U1", body = { content = m["do"] } }
end
return s)lua");
  LuaMapper::Options options;
  options.script = {project.path(), "s.lua", ""};
  options.args = {{"export", folder.path()}};
  options.host.memory_bytes = std::size_t{64} << 20;
  auto mapper = LuaMapper::open(std::move(options));
  REQUIRE(mapper);
  std::vector<teamferry::migrate::MappedPlace> places;
  REQUIRE((*mapper)->conversations([&](const auto& place) { return places.push_back(place), true; }));
  std::vector<std::string> seen;
  REQUIRE((*mapper)->messages(places.at(0), true, [&](const teamferry::migrate::MappedMessage& m) {
    return seen.emplace_back(m.reason.empty() ? m.content : m.reason), true;
  }));
  REQUIRE(seen.size() == 5);
  CHECK_THAT(seen[0], Contains("of processor time"));
  CHECK_THAT(seen[1], Contains("this record needs more than 32 MiB of memory"));
  CHECK_THAT(seen[2], Contains("stack"));
  CHECK_THAT(seen[3], Contains("a value that cannot be shown"));
  CHECK(seen[4] == "<p>nothing</p>");
}

TEST_CASE("A step that makes records without end uses up its reading", "[budget]") {
  const Folder project, folder;
  folder.write("m.json", "[]");
  project.write("s.lua", R"lua(
local s = source.new { name = "s", summary = "s", api = 1 }
function s:conversations(ctx, emit) emit { id = "C1" } end
function s:messages(room, ctx, emit) while true do emit { } end end
function s:message(m, ctx) return nil, "made" end
return s)lua");
  LuaMapper::Options options;
  options.script = {project.path(), "s.lua", ""};
  options.args = {{"export", folder.path()}};
  options.host.budget.reading = std::chrono::milliseconds(100);
  auto mapper = LuaMapper::open(std::move(options));
  REQUIRE(mapper);
  std::vector<teamferry::migrate::MappedPlace> places;
  REQUIRE((*mapper)->conversations([&](const auto& place) { return places.push_back(place), true; }));
  std::string last;
  REQUIRE((*mapper)->messages(places.at(0), true,
                              [&](const teamferry::migrate::MappedMessage& m) { return last = m.reason, true; }));
  CHECK_THAT(last, Contains("of processor time"));  // of the reading, or of the record that was under way
}

TEST_CASE("A script that takes all memory is stopped", "[budget]") {
  Host::Options options;
  options.memory_bytes = std::size_t{32} << 20;
  Script script(std::move(options));
  CHECK_THAT(script.run("local t = {} while true do t[#t + 1] = ('x'):rep(1000) .. #t end"), Contains("32 MiB"));
}
