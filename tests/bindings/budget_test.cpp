#include <catch2/catch.hpp>

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

TEST_CASE("A script that takes all memory is stopped", "[budget]") {
  Host::Options options;
  options.memory_bytes = std::size_t{32} << 20;
  Script script(std::move(options));
  CHECK_THAT(script.run("local t = {} while true do t[#t + 1] = ('x'):rep(1000) .. #t end"), Contains("32 MiB"));
}
