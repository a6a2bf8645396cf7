// teamferry people: who of an export is who in a tenant, kept in people.csv, and what a plan makes of that file.
#include <sqlite3.h>
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "tests/end_to_end/witness.h"

using namespace teamferry::test;
using Catch::Matchers::Contains;
using nlohmann::json;

namespace {

const std::string kSample = TEAMFERRY_SOURCE_DIR "/examples/sample-export";

// A tenant that knows Maude under her address, Tobin under another domain, and somebody called Pip.
const std::string kTenant =
    "person,name,mail\n"
    "1,Maude,maude@lanternkites.example\n"
    "2,Tobin,tobin@kites.example\n"
    "3,Pip,philippa@lanternkites.example\n";

class Folder : public TemporaryFolder {
 public:
  Outcome people(std::vector<std::string> words) const { return teamferry("people", std::move(words)); }
  Outcome plan(std::vector<std::string> words) const { return teamferry("plan", std::move(words)); }
  std::string csv() const { return read_file(*this / "people.csv"); }
  std::string row(const std::string& person) const {
    const std::string text = csv();
    const auto at = text.find("\n" + person + ",");
    return at == text.npos ? "" : text.substr(at + 1, text.find('\n', at + 1) - at - 1);
  }
  void change(const std::string& from, const std::string& to) const {
    std::string text = csv();
    const auto at = text.find(from);
    REQUIRE(at != text.npos);
    write_file(*this / "people.csv", text.replace(at, from.size(), to));
  }

 private:
  Outcome teamferry(const std::string& command, std::vector<std::string> words) const {
    words.insert(words.begin(), {command, "slack", "--export", kSample});
    return run(words, {}, std::chrono::seconds(120), path());
  }
};

void change_journal(const std::string& journal, const char* sql) {
  sqlite3* db = nullptr;
  REQUIRE(sqlite3_open(journal.c_str(), &db) == SQLITE_OK);
  CHECK(sqlite3_exec(db, sql, nullptr, nullptr, nullptr) == SQLITE_OK);
  CHECK(sqlite3_changes(db) == 1);
  sqlite3_close(db);
}

}  // namespace

TEST_CASE("Without a target everybody is drafted, with what they wrote", "[people]") {
  Folder folder;
  const Outcome drafted = folder.people({"--json"});
  INFO(drafted.err);
  REQUIRE(drafted.exit_code == 0);
  const auto result = json::parse(drafted.last_line());
  CHECK(result.at("people") == 15);
  CHECK(result.at("with_mail") == 9);
  CHECK(result.at("wrote") == 14);
  CHECK(folder.csv().starts_with("person,name,mail,kind,messages,decision,target\n"));
  CHECK(folder.row("U0MAUDE001") == "U0MAUDE001,Maude,maude@lanternkites.example,user,29,,");
  CHECK(folder.row("U0GONE0042") == "U0GONE0042,U0GONE0042,,user,0,,");  // mentioned, and not listed
  CHECK_THAT(drafted.err, Contains("U0WREN0010 (U0WREN0010), no mail address, 9 messages, mentioned 1"));
  CHECK_THAT(folder.people({"--domain", "a.example=b.example"}).err, Contains("name the tenant with --target"));
}

TEST_CASE("People are looked up in the tenant, and what was decided stays", "[people]") {
  Folder folder;
  write_file(folder / "tenant.csv", kTenant);
  const std::vector<std::string> online = {"--target",
                                           "emulator",
                                           "--emulator-users-from",
                                           "tenant.csv",
                                           "--journal",
                                           "j.db",
                                           "--domain",
                                           "lanternkites.example=kites.example",
                                           "--json"};
  const Outcome drafted = folder.people(online);
  INFO(drafted.err);
  REQUIRE(drafted.exit_code == 0);
  const auto first = json::parse(drafted.last_line());
  CHECK(first.at("matched") == 2);
  CHECK(first.at("by_domain") == 1);
  CHECK(first.at("filled_in") == 2);
  CHECK_THAT(folder.row("U0MAUDE001"), Contains(",map,maude@lanternkites.example"));
  CHECK_THAT(folder.row("U0TOBIN002"), Contains("tobin@lanternkites.example") && Contains(",map,tobin@kites.example"));
  CHECK_THAT(folder.row("U0PIP00004"), Contains(",,"));  // a name alone decides nothing, and is shown
  CHECK_THAT(drafted.err, Contains("the same name has philippa@lanternkites.example"));

  folder.change(folder.row("U0PIP00004"), "U0PIP00004,Pip,,user,39,map,philipa@lanternkites.example");
  folder.change(folder.row("U0TOBIN002"), "U0TOBIN002,Tobin,tobin@lanternkites.example,user,36,skip,left us");
  const Outcome again = folder.people(online);
  CHECK(again.exit_code == 3);
  CHECK_THAT(again.err,
             Contains("people.csv line 5: nobody in the tenant is philipa@lanternkites.example; did you mean "
                      "philippa@lanternkites.example?"));
  CHECK_THAT(folder.row("U0TOBIN002"), Contains(",skip,left us"));
  CHECK_THAT(folder.row("U0PIP00004"), Contains(",map,philipa@lanternkites.example"));
  const auto second = json::parse(again.last_line());
  CHECK(second.at("kept") == 3);
  CHECK(second.at("new") == 0);
  CHECK(second.at("findings").size() == 1);
}

TEST_CASE("A plan names the lines of people.csv that say nothing or too much", "[people]") {
  Folder folder;
  REQUIRE(folder.people({}).exit_code == 0);
  SECTION("a decision that is none ends it before anything is opened") {
    folder.change("maude@lanternkites.example,user,29,,", "maude@lanternkites.example,user,29,mapp,");
    const Outcome planned = folder.plan({});
    CHECK(planned.exit_code == 2);
    CHECK_THAT(planned.err,
               Contains("people.csv line 2: decision 'mapp' is not one of map, fallback, skip; did you mean map?"));
  }
  SECTION("a person who is not there, a double one, and a target who is not there are named, with the nearest") {
    folder.change("U0MAUDE001,", "U0MAUDE01,");
    folder.change("tobin@lanternkites.example,user,36,,",
                  "tobin@lanternkites.example,user,36,map,inez@lanternkites.example");
    folder.change("ines@lanternkites.example,user,19,,",
                  "ines@lanternkites.example,user,19,map,ines@lanternkites.example");
    write_file(folder / "people.csv", folder.csv() + "U0PIP00004,Pip,,user,1,skip,\n");
    const Outcome planned = folder.plan({});
    INFO(planned.err);
    CHECK(planned.exit_code == 0);
    CHECK_THAT(planned.err,
               Contains("people.csv line 2: the export has no person U0MAUDE01; did you mean U0MAUDE001?") &&
                   Contains("people.csv line 3: nobody in the tenant is inez@lanternkites.example; did you mean "
                            "ines@lanternkites.example?") &&
                   Contains("people.csv line 17: U0PIP00004 stands in line 5 already"));
  }
  SECTION("whom nobody lists is mentioned as the one that a row names") {
    write_file(folder / "tenant.csv", kTenant);
    folder.change("U0GONE0042,U0GONE0042,,user,0,,", "U0GONE0042,Wanda,,user,0,map,maude@lanternkites.example");
    const Outcome planned = folder.plan({"--emulator-users-from", "tenant.csv", "--journal", "j.db"});
    INFO(planned.err);
    REQUIRE(planned.exit_code == 0);
    CHECK(count(folder / "j.db", "SELECT count(*) FROM loss WHERE kind = 'mention_unknown' AND detail LIKE '%GONE%'") ==
          0);
    CHECK(count(folder / "j.db", "SELECT count(*) FROM person WHERE id = 'U0GONE0042' AND decision = 'map'") == 1);
  }
}

TEST_CASE("Somebody who has left the tenant since the plan stops a run before anything is opened", "[people]") {
  Folder folder;
  write_file(folder / "tenant.csv", kTenant);
  const Witness witness(folder.path(), {"--users-from", folder / "tenant.csv", "--profile", "off"});
  const auto words = [&](std::vector<std::string> more) {
    const auto target = witness.target();
    more.insert(more.end(), target.begin(), target.end());
    more.insert(more.end(), {"--export", kSample, "--journal", folder / "j.db", "--fallback", witness.fallback()});
    return run(more, witness.environment(), std::chrono::seconds(120), folder.path());
  };
  const Outcome planned = words({"plan", "slack"});
  INFO(planned.err);
  REQUIRE(planned.exit_code == 0);
  change_journal(folder / "j.db",
                 "UPDATE person SET graph_id = '11111111-2222-4333-8444-555555555555' WHERE id = 'U0MAUDE001'");
  const Outcome stopped = words({"run", "slack"});
  CHECK(stopped.exit_code == 4);
  CHECK_THAT(stopped.err,
             Contains("no longer in the tenant: Maude (maude@lanternkites.example)") && Contains("Nothing was opened"));
  CHECK(count(folder / "j.db", "SELECT count(*) FROM team WHERE state <> 'planned'") == 0);
  REQUIRE(words({"plan", "slack"}).exit_code == 0);
  const Outcome sent = words({"run", "slack"});
  INFO(sent.err);
  CHECK(sent.exit_code == 0);
}
