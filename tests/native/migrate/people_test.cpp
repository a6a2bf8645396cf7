#include "native/migrate/people.h"

#include <catch2/catch.hpp>

#include "tests/native/migrate/plan_sample.h"

using namespace teamferry;
using namespace teamferry::migrate;
using Catch::Matchers::Contains;
using Decision = Author::Decision;

namespace {

MappedPerson person(std::string id, std::string mail = "", std::string target = "") {
  MappedPerson p;
  p.id = p.name = std::move(id);
  p.mail = std::move(mail);
  p.target = std::move(target);
  return p;
}

struct Fixture {
  ListDirectory directory;
  PeopleOptions options;
  Fixture() {
    directory.user("ada@acme.example", 'a', "Ada Park");
    directory.user("bo@acme.example", 'b', "Bo Lind");
    directory.user("archive@acme.example", 'c', "Archive");
    options.fallback = "archive@acme.example";
  }
  Author decided(const MappedPerson& who) {
    People people(directory, options);
    people.begin().value();
    people.add({who}).value();
    return *people.find(who.id);
  }
};

}  // namespace

TEST_CASE("A person is who people.csv says, else who the script says, else who has the mail", "[people]") {
  Fixture f;
  SECTION("mail") {
    const auto author = f.decided(person("U1", "ada@acme.example"));
    CHECK(author.decision == Decision::map);
    CHECK(author.user.displayName == "Ada Park");
    CHECK(author.from == R"({"user":{"id":"aaaaaaaa-0000-4000-8000-aaaaaaaaaaaa","displayName":"Ada Park",)"
                         R"("userIdentityType":"aadUser"}})");
  }
  SECTION("the script before the mail") {
    CHECK(f.decided(person("U1", "ada@acme.example", "bo@acme.example")).user.displayName == "Bo Lind");
  }
  SECTION("people.csv before the script") {
    f.options.rows = {{"U1", "map", "ada@acme.example"}};
    CHECK(f.decided(person("U1", "", "bo@acme.example")).user.displayName == "Ada Park");
  }
  SECTION("people.csv maps by the mail when it names nobody") {
    f.options.rows = {{"U1", "map", ""}};
    CHECK(f.decided(person("U1", "bo@acme.example")).user.displayName == "Bo Lind");
  }
  SECTION("people.csv sends somebody known to the fallback") {
    f.options.rows = {{"U1", "fallback", ""}};
    const auto author = f.decided(person("U1", "ada@acme.example"));
    CHECK(author.decision == Decision::fallback);
    CHECK(author.user.displayName == "Archive");
  }
  SECTION("people.csv skips") {
    f.options.rows = {{"U1", "skip", "asked to be left out"}};
    CHECK(f.decided(person("U1", "ada@acme.example")).decided_by == "asked to be left out");
  }
  SECTION("an undecided row changes nothing") {
    f.options.rows = {{"U1", "", ""}};
    CHECK(f.decided(person("U1", "ada@acme.example")).decision == Decision::map);
  }
  SECTION("the script skips") {
    auto bot = person("B1");
    bot.skip_reason = "integration";
    CHECK(f.decided(bot).decision == Decision::skip);
    f.options.rows = {{"B1", "fallback", ""}};
    CHECK(f.decided(bot).decision == Decision::fallback);
  }
  SECTION("nobody") {
    CHECK(f.decided(person("U9", "zoe@gone.example")).decision == Decision::fallback);
  }
}

TEST_CASE("A decision that finds nobody goes to the fallback; that of a script is a warning", "[people]") {
  Fixture f;
  f.options.rows = {{"U1", "map", "nobody@acme.example"}};
  People people(f.directory, f.options);
  people.begin().value();
  people.add({person("U1", "ada@acme.example"), person("U2", "", "lost@acme.example"), person("U3", "x@gone.example")})
      .value();
  CHECK(people.find("U1")->decision == Decision::fallback);
  REQUIRE(people.warnings().size() == 1);  // people.csv's are said with their lines by whoever has read it
  CHECK_THAT(people.warnings()[0], Contains("the script") && Contains("lost@acme.example"));
}

TEST_CASE("Whom only people.csv names can be mentioned, and counts as in the export once somebody was", "[people]") {
  Fixture f;
  f.options.rows = {
      {"U7", "map", "ada@acme.example", "Ada"}, {"U8", "fallback", ""}, {"U1", "map", "ada@acme.example"}};
  People people(f.directory, f.options);
  people.begin().value();
  people.add({person("U1")}).value();
  people.add_decided().value();
  CHECK(people.find("U8") == nullptr);
  const Author& mapped = people.all().back();
  CHECK(mapped.person.id == "U7");
  CHECK_FALSE(people.is_in_export(mapped));
  CHECK(people.find("U7")->mapped());
  CHECK(people.find("U7")->shown() == "Ada");
  CHECK(people.is_in_export(mapped));
  CHECK(people.is_in_export(people.all().front()));
}

TEST_CASE("A look at many people tells how far it is", "[people]") {
  Fixture f;
  People people(f.directory, f.options);
  people.begin().value();
  std::vector<MappedPerson> many;
  for (int i = 0; i < 2500; ++i) many.push_back(person("U" + std::to_string(i), std::to_string(i) + "@acme.example"));
  std::vector<std::pair<std::size_t, std::size_t>> told;
  people.add(std::move(many), [&](std::size_t done, std::size_t all) { told.emplace_back(done, all); }).value();
  CHECK(told == std::vector<std::pair<std::size_t, std::size_t>>{{1000, 2500}, {2000, 2500}});
}

TEST_CASE("Listed people are looked up together, strangers when they appear", "[people]") {
  Fixture f;
  People people(f.directory, f.options);
  people.begin().value();
  people.add({person("U1", "ada@acme.example"), person("U2", "bo@acme.example"), person("U3")}).value();
  CHECK(f.directory.asked.size() == 2);  // the fallback, the list
  CHECK(people.author("bo@acme.example", nullptr).value()->user.displayName == "Bo Lind");
  CHECK(people.author("W1", nullptr).value()->decision == Decision::fallback);
  const auto hook = person("B1/Deploys");
  CHECK(people.author("B1/Deploys", &hook).value()->shown() == "B1/Deploys");
  CHECK(f.directory.asked.size() == 3);  // only the one that looks like a mail address
  CHECK(people.author("W1", nullptr).value() == people.author("W1", nullptr).value());
}

TEST_CASE("Without a fallback those who are missing are listed, most messages first", "[people]") {
  Fixture f;
  f.options.fallback.clear();
  People people(f.directory, f.options);
  people.begin().value();
  for (int i = 0; i < 25; ++i) people.author("X" + std::to_string(i), nullptr).value()->messages = 1 + (i == 7);
  people.author("silent", nullptr).value();
  people.author("ada@acme.example", nullptr).value()->messages = 5;
  const auto missing = people.missing();
  REQUIRE(missing);
  CHECK(missing->code == "people_missing");
  CHECK_THAT(missing->message, Contains("25 authors") && Contains("and 5 more") && Contains("--fallback"));
  CHECK_THAT(missing->message, !Contains("silent") && !Contains("ada@"));
  CHECK(missing->message.find("X7 ") < missing->message.find("X0 "));
}

TEST_CASE("A fallback that the tenant does not know is an error", "[people]") {
  Fixture f;
  f.options.fallback = "typo@acme.example";
  People people(f.directory, f.options);
  CHECK(people.begin().error().code == "fallback_unknown");
}

TEST_CASE("A decision that does not exist is an error that names the row", "[people]") {
  Fixture f;
  f.options.rows = {{"U1", "ignore", ""}};
  People people(f.directory, f.options);
  CHECK_THAT(people.begin().error().message, Contains("U1") && Contains("ignore"));
}

TEST_CASE("A rehearsal makes users for people with a mail address, and for the fallback", "[people]") {
  Fixture f;
  std::vector<std::string> made;
  f.options.fallback = "migrated@acme.example";
  f.options.provision = [&](const MappedPerson& p) -> Result<DirectoryUser> {
    made.push_back(p.mail);
    return DirectoryUser{"dddddddd-0000-4000-8000-dddddddddddd", p.name, p.mail, p.mail};
  };
  People people(f.directory, f.options);
  people.begin().value();
  people.add({person("U1", "ada@acme.example"), person("U3", "cy@gone.example"), person("B1")}).value();
  CHECK(made == std::vector<std::string>{"migrated@acme.example", "cy@gone.example"});
  CHECK(people.find("U3")->decision == Decision::map);
  CHECK(people.find("B1")->decision == Decision::fallback);
}
