// Every input has a bad twin: each gets an error or a parked record that names file and record, and nothing
// else is lost.
#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "tests/support/process.h"

using namespace teamferry::test;
using nlohmann::json;

namespace {

const std::string kUsers =
    R"([{"id":"U1","name":"ann","profile":{"real_name":"Ann Lee","email":"ann@orbit.example"}}])";
const std::string kChannels = R"([{"id":"C1","name":"general","created":1500000000,"members":["U1"]},
                                  {"id":"C2","name":"empty","created":1500000000,"members":["U1"]}])";

std::string message(const std::string& ts, const std::string& text) {
  return R"({"type":"message","user":"U1","ts":")" + ts + R"(","text":")" + text + "\"}";
}

// An export of three good messages, to which a test adds what is broken.
void write_export(const std::string& folder) {
  write_file(folder + "/users.json", kUsers);
  write_file(folder + "/channels.json", kChannels);
  write_file(folder + "/general/2017-08-22.json", "[" + message("1503435956.000247", "one") + "," +
                                                      message("1503435957.000100", "two") + "," +
                                                      message("1503435958.000100", "three") + "]");
}

struct Planned {
  Outcome outcome;
  json result;
};

Planned plan(const std::string& folder, const std::string& what) {
  Planned planned;
  planned.outcome = run({"plan", "slack", "--export", what, "--journal", folder + "/journal.db", "--json"}, {},
                        std::chrono::seconds(120), folder);
  if (!planned.outcome.last_line().empty()) planned.result = json::parse(planned.outcome.last_line());
  return planned;
}

// Plans the folder `export` below `folder` and checks that one record failed and `kept` did not.
void check_one_parked(const std::string& folder, int kept, const std::string& named) {
  const Planned planned = plan(folder, folder + "/export");
  INFO(planned.outcome.err << planned.outcome.out);
  CHECK(planned.outcome.exit_code == 3);
  REQUIRE(planned.result.is_object());
  CHECK(planned.result.at("failed") == 1);
  CHECK(planned.result.at("planned") == kept);
  CHECK(planned.outcome.err.find(named) != std::string::npos);
}

}  // namespace

TEST_CASE("A sound export with an empty channel plans without a failure", "[broken]") {
  TemporaryFolder folder;
  write_export(folder / "export");
  const Planned planned = plan(folder.path(), folder / "export");
  INFO(planned.outcome.err);
  CHECK(planned.outcome.exit_code == 0);
  CHECK(planned.result.at("planned") == 3);
  CHECK(planned.result.at("failed") == 0);
}

TEST_CASE("A day file that is a web page is parked by its name", "[broken]") {
  TemporaryFolder folder;
  write_export(folder / "export");
  write_file(folder / "export/general/2017-08-23.json", "<!DOCTYPE html><html><body>Sign in</body></html>");
  check_one_parked(folder.path(), 3, "general/2017-08-23.json");
}

TEST_CASE("A message without a time is parked by file and record", "[broken]") {
  TemporaryFolder folder;
  write_export(folder / "export");
  write_file(folder / "export/general/2017-08-23.json",
             "[" + message("1503522356.000100", "good") + R"(,{"type":"message","user":"U1","text":"no time"}])");
  check_one_parked(folder.path(), 4, "general/2017-08-23.json record 2");
}

TEST_CASE("Invalid UTF-8 and a lone surrogate are repaired, as a loss, and their neighbours kept", "[broken]") {
  TemporaryFolder folder;
  write_export(folder / "export");
  write_file(folder / "export/general/2017-08-23.json", "[" + message("1503522356.000100", "good") + "," +
                                                            message("1503522357.000100", "bad \xff\xfe byte") + "," +
                                                            message("1503522358.000100", "lone \\ud83d half") + "]");
  const Planned planned = plan(folder.path(), folder / "export");
  INFO(planned.outcome.err);
  CHECK(planned.outcome.exit_code == 0);
  CHECK(planned.result.at("planned") == 6);
  CHECK(planned.result.at("losses").at("text_repaired") == 2);
}

TEST_CASE("A record cut off at the end of its file costs that record alone", "[broken]") {
  TemporaryFolder folder;
  write_export(folder / "export");
  write_file(folder / "export/general/2017-08-23.json",
             "[" + message("1503522356.000100", "good") + R"(,{"type":"message","user":"U1","ts":"15035)");
  check_one_parked(folder.path(), 4, "general/2017-08-23.json record 2");
}

TEST_CASE("The same message in two day files is one record and one skipped duplicate", "[broken]") {
  TemporaryFolder folder;
  write_export(folder / "export");
  write_file(folder / "export/general/2017-08-23.json", "[" + message("1503435958.000100", "three") + "]");
  const Planned planned = plan(folder.path(), folder / "export");
  INFO(planned.outcome.err);
  CHECK(planned.outcome.exit_code == 0);
  CHECK(planned.result.at("planned") == 3);
  CHECK(planned.result.at("skipped") == 1);
}

TEST_CASE("A truncated zip, a missing file and text are refused with the file's name", "[broken]") {
  TemporaryFolder folder;
  const std::string zip = folder / "acme.zip";
  SECTION("truncated") {
    write_file(zip, std::string("PK\x03\x04", 4) + std::string(5000, 'x'));
  }
  SECTION("missing") {}
  SECTION("empty") {
    write_file(zip, "");
  }
  SECTION("text") {
    write_file(zip, "this is not a zip");
  }
  const Planned planned = plan(folder.path(), zip);
  CHECK(planned.outcome.exit_code == 2);
  CHECK(planned.outcome.err.find("acme.zip") != std::string::npos);
}
