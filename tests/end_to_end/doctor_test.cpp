// teamferry doctor as a person calls it.
#include <sqlite3.h>
#include <sys/stat.h>
#include <catch2/catch.hpp>

#include <nlohmann/json.hpp>

#include "tests/end_to_end/witness.h"

using namespace teamferry::test;
using nlohmann::json;

namespace {

const std::string kSample = TEAMFERRY_SOURCE_DIR "/examples/sample-export";

Outcome call(const TemporaryFolder& folder, std::vector<std::string> arguments, const Environment& environment = {}) {
  return run(arguments, environment, std::chrono::seconds(120), folder.path());
}

// Sends the sample in a rehearsal.
void send(const TemporaryFolder& folder, bool complete) {
  std::vector<std::string> arguments{
      "run", "slack", "--export", kSample, "--journal", folder / "j.db", "--emulator-profile", "off", "--quiet"};
  if (complete) arguments.emplace_back("--complete");
  const Outcome outcome = call(folder, arguments);
  INFO(outcome.err);
  REQUIRE(outcome.exit_code == 0);
}

Outcome doctor(const TemporaryFolder& folder, std::vector<std::string> more = {}) {
  std::vector<std::string> arguments{"doctor", "--journal", folder / "j.db"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return call(folder, arguments);
}

void write_journal(const std::string& path, const char* sql) {
  sqlite3* db = nullptr;
  REQUIRE(sqlite3_open(path.c_str(), &db) == SQLITE_OK);
  REQUIRE(sqlite3_exec(db, sql, nullptr, nullptr, nullptr) == SQLITE_OK);
  sqlite3_close(db);
}

std::vector<std::string> texts(const std::string& path, const char* sql) {
  sqlite3* db = nullptr;
  std::vector<std::string> all;
  REQUIRE(sqlite3_open(path.c_str(), &db) == SQLITE_OK);
  const auto collect = [](void* into, int, char** values, char**) {
    static_cast<std::vector<std::string>*>(into)->emplace_back(values[0] ? values[0] : "");
    return 0;
  };
  REQUIRE(sqlite3_exec(db, sql, collect, &all, nullptr) == SQLITE_OK);
  sqlite3_close(db);
  return all;
}

std::map<std::string, int> codes(const json& result) {
  std::map<std::string, int> counted;
  for (const auto& check : result.at("checks")) ++counted[check.at("code").get<std::string>()];
  return counted;
}

}  // namespace

TEST_CASE("Without a journal, doctor looks at what surrounds one", "[doctor]") {
  TemporaryFolder folder;
  const Outcome outcome = call(folder, {"doctor", "--json"});
  INFO(outcome.err);
  CHECK(outcome.exit_code == 0);
  const json result = json::parse(outcome.last_line());
  auto counted = codes(result);
  for (const char* code : {"clock", "sign_in", "roles", "cloud"}) CHECK(counted[code] == 1);
  CHECK(counted["reachable"] == 2);
  CHECK(call(folder, {"doctor", "--fix"}).exit_code == 2);
  CHECK(call(folder, {"doctor", "--journal", "nowhere.db"}).exit_code == 2);
}

TEST_CASE("Doctor names the next step of a sent migration, and has nothing to say of a completed one", "[doctor]") {
  TemporaryFolder folder;
  send(folder, false);
  const Outcome sent = doctor(folder);
  INFO(sent.out << sent.err);
  CHECK(sent.exit_code == 0);
  CHECK(sent.out.find("warning  #General has all its messages and is not completed") != std::string::npos);
  CHECK(sent.out.find("         next: teamferry complete\n") != std::string::npos);
  CHECK(call(folder, {"complete", "--journal", folder / "j.db"}).exit_code == 0);
  const json result = json::parse(doctor(folder, {"--json"}).last_line());
  CHECK(result.at("state") == "healthy");
  CHECK(result.at("problems") == 0);
  CHECK(codes(result)["completed"] == 5);
}

TEST_CASE("--fix says what it will do, does it, and writes it down", "[doctor]") {
  TemporaryFolder folder;
  send(folder, true);
  write_journal(folder / "j.db", "UPDATE conversation SET state = 'inProgress' WHERE displayName = 'General'");
  CHECK(codes(json::parse(doctor(folder, {"--json"}).last_line()))["completed_there"] == 1);
  const Outcome fixed = doctor(folder, {"--fix"});
  INFO(fixed.out << fixed.err);
  CHECK(fixed.exit_code == 0);
  const auto will = fixed.out.find("fix      #General: will note in the journal that the service has completed it");
  const auto did = fixed.out.find("fix      #General: noted");
  REQUIRE(will != std::string::npos);
  REQUIRE(did != std::string::npos);
  CHECK(will < did);
  CHECK(count(folder / "j.db", "SELECT count(*) FROM finding WHERE kind = 'doctor'") == 1);
  const json after = json::parse(doctor(folder, {"--fix", "--json"}).last_line());
  CHECK(after.at("state") == "healthy");
  CHECK(after.at("cures").empty());
}

TEST_CASE("A journal that cannot be read is a finding among the others", "[doctor]") {
  TemporaryFolder folder;
  write_file(folder / "j.db", "this is no journal");
  const Outcome outcome = doctor(folder, {"--json"});
  INFO(outcome.err);
  CHECK(outcome.exit_code == 3);
  auto counted = codes(json::parse(outcome.last_line()));
  CHECK(counted["journal_corrupt"] == 1);
  CHECK(counted["sign_in"] == 1);
}

TEST_CASE("A wrong secret and a wrong clock end with the code of the sign-in", "[doctor]") {
  TemporaryFolder folder;
  SECTION("secret") {
    Witness witness(folder.path(), {});
    Environment environment = witness.environment();
    environment["AZURE_CLIENT_SECRET"] = "not-the-secret";
    std::vector<std::string> arguments{"doctor", "--json"};
    for (const auto& argument : witness.target()) arguments.push_back(argument);
    const Outcome outcome = call(folder, arguments, environment);
    INFO(outcome.err);
    CHECK(outcome.exit_code == 5);
    CHECK(codes(json::parse(outcome.last_line()))["sign_in_failed"] == 1);
    CHECK((outcome.out + outcome.err).find("not-the-secret") == std::string::npos);
  }
  SECTION("clock") {
    write_file(folder / "faults.json", R"({"rules": [{"name": "clock", "fault": "clock-skew", "ms": 400000}]})");
    const Outcome outcome = call(folder, {"doctor", "--emulator-faults", folder / "faults.json", "--json"});
    INFO(outcome.err);
    CHECK(outcome.exit_code == 5);
    CHECK(codes(json::parse(outcome.last_line()))["clock_skew"] == 1);
  }
}

TEST_CASE("A bundle has no secret, no message, no name and no mail address in it", "[doctor]") {
  TemporaryFolder folder;
  Witness witness(folder.path(), {"--profile", "off"});
  const Environment environment = witness.environment();
  const auto at_witness = [&](std::vector<std::string> arguments) {
    for (const auto& argument : witness.target()) arguments.push_back(argument);
    arguments.insert(arguments.end(), {"--journal", folder / "j.db", "--log", folder / "requests.log"});
    return call(folder, arguments, environment);
  };
  const Outcome ran =
      at_witness({"run", "slack", "--export", kSample, "--fallback", witness.fallback(), "--pace", "off"});
  INFO(ran.out << ran.err);
  REQUIRE(ran.exit_code == 0);
  write_journal(
      folder / "j.db",
      "UPDATE message SET state = 4, reason = '400 BadRequest: ''we meet behind the old mill'' by "
      "tilde@lanternkites.example (request-id r-17)' WHERE id = (SELECT max(id) FROM message WHERE state = 2)");
  const std::string path = folder / "bundle.json";
  const Outcome outcome = at_witness({"doctor", "--bundle", path});
  INFO(outcome.out << outcome.err);
  REQUIRE(outcome.exit_code == 0);
  const std::string bundle = read_file(path);
  struct stat about {};
  REQUIRE(::stat(path.c_str(), &about) == 0);
  CHECK((about.st_mode & 0777) == 0600);
  const json parsed = json::parse(bundle);
  CHECK(parsed.at("log").at("lines").size() > 50);
  CHECK(parsed.at("journal").at("failures").at(0).at("reason") == "400 BadRequest: '…' by <mail> (request-id r-17)");

  CHECK(bundle.find(environment.at("AZURE_CLIENT_SECRET")) == std::string::npos);
  CHECK(bundle.find("behind the old mill") == std::string::npos);
  CHECK(bundle.find("lanternkites.example") == std::string::npos);
  CHECK(bundle.find(folder.path()) == std::string::npos);
  int looked = 0;
  for (const char* sql : {"SELECT name FROM person", "SELECT graph_name FROM person", "SELECT mail FROM person",
                          "SELECT displayName FROM conversation WHERE kind = 'channel'",
                          "SELECT json_extract(json, '$.body.content') FROM body"}) {
    for (const auto& text : texts(folder / "j.db", sql)) {
      if (text.size() < 6) continue;
      ++looked;
      INFO(text);
      CHECK(bundle.find(text.substr(0, 60)) == std::string::npos);
    }
  }
  CHECK(looked > 200);

  SECTION("and is never written over a file") {
    const Outcome again = at_witness({"doctor", "--bundle", folder / "j.db"});
    CHECK(again.exit_code == 2);
    CHECK(again.err.find("will not overwrite") != std::string::npos);
  }
}
