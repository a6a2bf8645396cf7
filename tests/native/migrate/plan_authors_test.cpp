#include "native/migrate/plan_authors.h"

#include <catch2/catch.hpp>

#include "tests/native/migrate/plan_sample.h"

using namespace teamferry;
using namespace teamferry::migrate;
using Lines = std::vector<std::string>;

namespace {

struct Fixture {
  ListDirectory directory;
  PeopleOptions options;
  std::vector<MappedPerson> listed;

  void author(const std::string& id, char digit, const std::string& name, const std::string& kind = "user") {
    directory.user(id + "@acme.example", digit, name);
    MappedPerson person;
    person.id = person.name = id;
    person.mail = id + "@acme.example";
    person.kind = kind;
    listed.push_back(person);
  }
  DirectoryUser& user(const std::string& id) { return directory.users.at(id + "@acme.example"); }
  // Each has written two messages, unless they are `silent`.
  Lines doubts(const std::string& silent = "") {
    People people(directory, options);
    people.begin().value();
    people.add(listed).value();
    for (const auto& person : listed) people.author(person.id, nullptr).value()->messages = person.id == silent ? 0 : 2;
    return doubtful_authors(people);
  }
};

}  // namespace

TEST_CASE("Members with an account and a name are no doubt", "[plan]") {
  Fixture f;
  f.author("ada", 'a', "Ada Park");
  CHECK(f.doubts().empty());
  f.user("ada").guest = false;
  f.user("ada").enabled = true;
  CHECK(f.doubts().empty());
}

TEST_CASE("R14, R17: guests and disabled accounts are named, once a rule, if they wrote anything", "[plan]") {
  Fixture f;
  f.author("ada", 'a', "Ada Park");
  f.author("bo", 'b', "Bo Lind");
  f.author("cy", 'c', "Cy Moss");
  f.user("ada").guest = true;
  f.user("bo").guest = true;
  f.user("cy").enabled = false;
  const auto doubts = f.doubts("bo");
  REQUIRE(doubts.size() == 2);
  CHECK(doubts[0].starts_with("guests of the tenant as authors, who may be refused (R14): 2 messages of Ada Park. "));
  CHECK(doubts[1].starts_with("authors whose account is disabled, who may be refused (R17): 2 messages of Cy Moss. "));
}

TEST_CASE("R16: a bot whose mail somebody has is a doubt, and none where a person decided", "[plan]") {
  Fixture f;
  f.author("deploy", 'd', "Deploy", "bot");
  CHECK(f.doubts() == Lines{"authors who are no people in the source (R16): 2 messages of Deploy. Let a service user "
                            "post for it, with a line that names it"});
  f.directory.user("bots@acme.example", 'b', "Bots");
  f.options.rows = {{"deploy", "map", "bots@acme.example"}};
  CHECK(f.doubts().empty());
}

TEST_CASE("Many doubtful authors are counted and the first are named", "[plan]") {
  Fixture f;
  for (char digit = 'a'; digit <= 'f'; ++digit) {
    f.author(std::string(3, digit), digit, std::string("User ") + digit);
    f.user(std::string(3, digit)).guest = true;
  }
  const auto doubts = f.doubts();
  REQUIRE(doubts.size() == 1);
  CHECK(doubts[0].find("12 messages of User a, User b, User c, User d, User e and 1 others") != std::string::npos);
}
