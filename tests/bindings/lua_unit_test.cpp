// Runs tests/stdlib and tests/scripts inside the host, each test of a file as a section of its own.
#include <catch2/catch.hpp>
#include <cstdlib>
#include <set>

#include "tests/bindings/lua_fixture.h"

using namespace teamferry::bindings;
using namespace teamferry::bindings::test;
namespace fs = std::filesystem;

namespace {

const std::string kRoot = TEAMFERRY_SOURCE_DIR;

std::vector<std::string> test_files() {
  std::set<std::string> files;
  for (const char* folder : {"/tests/stdlib", "/tests/scripts"}) {
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(kRoot + folder, error)) {
      if (entry.path().string().ends_with("_test.lua")) files.insert(fs::relative(entry.path(), kRoot).string());
    }
  }
  return {files.begin(), files.end()};
}

std::string fixtures() {
  if (const char* set = std::getenv("TEAMFERRY_FIXTURES")) return set;
  const std::string beside = kRoot + "/../shared/fixtures";
  return fs::is_directory(beside) ? beside : "";
}

std::string text_of(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

TEST_CASE("The tests of stdlib and scripts hold inside the host", "[lua]") {
  const std::string file = GENERATE(from_range(test_files()));
  Host::Options options;
  options.project = kRoot;
  options.commands = true;  // tests read their fixtures
  options.budget.reading = std::chrono::minutes(5);
  Script script(std::move(options));
  lua_State* L = script.host->state();
  const StackGuard guard(L);
  REQUIRE(script.host->require("bindings.testing"));
  lua_getfield(L, -1, "run");
  push_text(L, text_of(kRoot + "/" + file));
  push_text(L, file);
  push_text(L, fixtures());
  push_text(L, kRoot);
  const auto ran = script.host->call(4, 1);
  INFO(file);
  if (!ran) FAIL(ran.error().message);
  const int results = lua_gettop(L);
  const int count = static_cast<int>(lua_objlen(L, results));
  CHECK(count > 0);
  for (int i = 1; i <= count; ++i) {
    lua_rawgeti(L, results, i);
    const std::string name = text_field(L, -1, "name");
    const std::string problem = text_field(L, -1, "problem");
    const std::string skipped = text_field(L, -1, "skipped");
    lua_pop(L, 1);
    INFO(name << "\n" << problem);
    if (!skipped.empty()) WARN(file << ": skipped: " << name << " (" << skipped << ")");
    CHECK(problem.empty());
  }
}
