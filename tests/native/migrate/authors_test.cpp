#include "native/migrate/authors.h"

#include <catch2/catch.hpp>

#include "tests/native/migrate/plan_sample.h"

using namespace teamferry;
using namespace teamferry::migrate;

namespace {

MappedPerson called(std::string id, std::string name, std::string mail = "") {
  MappedPerson person;
  person.id = std::move(id);
  person.name = std::move(name);
  person.mail = std::move(mail);
  return person;
}

}  // namespace

TEST_CASE("A stranger is whom the conversation introduces, and listed people are nobody's to introduce", "[people]") {
  Sample sample;
  People people(sample.directory, sample.options.people);
  people.begin().value();
  people.add({called("U1", "Ada Park", "ada@acme.example")}).value();
  const Authors::Decide decide = [&](MappedPerson person) { return people.stranger(std::move(person)); };
  Authors here(people, decide), there(people, decide);
  const MappedPerson ada = called("U1", "Somebody"), hook = called("B1", "Hook"), other = called("B1", "Other");
  CHECK(here.author("U1", &ada).value()->author->shown() == "Ada Park");
  CHECK(here.find("B1") == nullptr);
  here.author("B1", &hook).value()->messages += 2;
  there.author("", &other).value()->messages += 1;
  CHECK(here.find("B1")->shown() == "Hook");
  CHECK(there.find("B1")->shown() == "Other");
  CHECK(here.author("B1", &other).value()->messages == 2);

  for (const auto* authors : {&there, &here}) {
    for (const auto& entry : authors->all()) people.count(*entry.author, entry.messages);
  }
  CHECK(people.find("B1")->shown() == "Other");
  CHECK(people.find("B1")->messages == 3);
  CHECK(people.find("U1")->messages == 0);
}

TEST_CASE("The directory is asked once for each address of a stranger", "[people]") {
  Sample sample;
  People people(sample.directory, sample.options.people);
  people.begin().value();
  const auto asked = sample.directory.asked.size();
  for (int i = 0; i < 3; ++i) {
    CHECK(people.stranger(stranger_of("bo@acme.example", nullptr)).value().user.displayName == "Bo Lind");
    CHECK_FALSE(people.stranger(stranger_of("no@acme.example", nullptr)).value().mapped());
    CHECK_FALSE(people.stranger(stranger_of("W1", nullptr)).value().mapped());
  }
  CHECK(sample.directory.asked.size() == asked + 2);
}
