// A call into C that does not end cannot be stopped, only survived.
#include <catch2/catch.hpp>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "tests/support/process.h"

using namespace teamferry::test;
using nlohmann::json;

namespace {

// Of a pattern with so many ways to match, string.find tries each.
std::string script(const std::string& pattern) {
  return R"lua(
local acme = source.new { name = "acme", summary = "A log", api = 1 }
function acme:conversations(ctx, emit) emit { id = "log" } end
function acme:messages(room, ctx, emit) emit(ctx.export:records()) end
function acme:message(row, ctx)
  pcall(string.find, row.text, )lua" +
         pattern + R"lua()
  return { id = row.id, createdDateTime = "2019-02-04T12:00:00.000Z", from = "U1", body = { content = row.text } }
end
return acme)lua";
}

}  // namespace

TEST_CASE("A record that hangs is noted; the next plan fails it and goes on, and a changed script tries it again",
          "[hang]") {
  TemporaryFolder folder;
  const std::string bomb = R"lua(("a?"):rep(50) .. ("a"):rep(50))lua";
  write_file(folder / "migrate.lua", script(bomb));
  write_file(folder / "log.jsonl", "{\"id\":\"1\",\"text\":\"one\"}\n{\"id\":\"2\",\"text\":\"" + std::string(50, 'a') +
                                       "\"}\n{\"id\":\"3\",\"text\":\"three\"}\n");
  const auto plan = [&] {
    return run({"plan", folder / "migrate.lua", "--export", folder / "log.jsonl", "--journal", folder / "j.db",
                "--workers", "1", "--json"},
               {}, std::chrono::seconds(120), folder.path());
  };

  const Outcome hung = plan();
  CHECK(hung.exit_code == 2);
  CHECK(hung.err.find("log.jsonl record 2: the script hangs inside one call") != std::string::npos);
  CHECK(hung.err.find("It is noted: plan again") != std::string::npos);
  CHECK(json::parse(hung.last_line()).at("errors").at(0).at("code") == "script_hangs");

  const Outcome parked = plan();
  CHECK(parked.exit_code == 3);
  CHECK(json::parse(parked.last_line()).at("failed") == 1);
  CHECK(json::parse(parked.last_line()).at("planned") == 2);
  CHECK((parked.err + parked.out).find("hung in it, so it was not tried again") != std::string::npos);

  write_file(folder / "migrate.lua", script(R"lua("aaa")lua"));
  const Outcome mended = plan();
  CHECK(mended.exit_code == 0);
  CHECK(json::parse(mended.last_line()).at("planned") == 3);
  CHECK_FALSE(std::filesystem::exists(folder / "j.db.hung"));
}
