#include "bindings/spool.h"

#include <catch2/catch.hpp>

using namespace teamferry;
using namespace teamferry::bindings;
using migrate::MappedMessage;

TEST_CASE("A spool gives back each conversation's messages whole and in order", "[spool]") {
  auto spool = Spool::create();
  REQUIRE(spool);
  const std::vector<migrate::Loss> losses{{"poll", "3 options"}, {"card", ""}};
  MappedMessage full;
  full.record = "a.csv record 1";
  full.key = "k";
  full.createdDateTime = DateTime{5};
  full.from = "U1";
  full.introduces.emplace();
  full.introduces->name = "Ann";
  full.content = "<p>hi</p>";
  full.losses = &losses;
  full.added = true;
  MappedMessage skipped;
  skipped.outcome = MappedMessage::Outcome::skipped;
  skipped.reason = "event";
  (*spool)->add("one", full);
  (*spool)->add("", skipped);
  (*spool)->add("one", skipped);

  int seen = 0;
  REQUIRE((*spool)->each("one", [&](const MappedMessage& message) {
    if (seen++ == 0) {
      CHECK(message.record == full.record);
      CHECK(message.createdDateTime == full.createdDateTime);
      CHECK(!message.lastEditedDateTime);
      CHECK(message.introduces->name == "Ann");
      CHECK(!message.introduces->listed);
      CHECK(message.content == "<p>hi</p>");
      CHECK(message.contentType == "html");
      CHECK(message.losses->size() == 2);
      CHECK(message.losses->at(0).detail == "3 options");
      CHECK(message.added);
    } else {
      CHECK(message.reason == "event");
      CHECK(message.losses->empty());
    }
    return true;
  }));
  CHECK(seen == 2);
  CHECK((*spool)->has(""));
  CHECK(!(*spool)->has("two"));
  seen = 0;
  REQUIRE((*spool)->each("one", [&](const MappedMessage&) { return ++seen < 1; }));
  CHECK(seen == 1);
}
