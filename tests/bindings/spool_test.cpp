#include "bindings/spool.h"

#include <sys/resource.h>

#include <catch2/catch.hpp>
#include <csignal>

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
      CHECK(message.introduces->name == "Ann");
      CHECK(message.content == "<p>hi</p>");
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

TEST_CASE("A spool says that its disk is full, and where it lies", "[spool]") {
  auto spool = Spool::create();
  REQUIRE(spool);
  rlimit before{};
  getrlimit(RLIMIT_FSIZE, &before);
  const rlimit small{4096, before.rlim_max};
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  setrlimit(RLIMIT_FSIZE, &small);
  const std::string content(3000, 'x');
  MappedMessage message;
  message.content = content;
  for (int i = 0; i < 8; ++i) (*spool)->add("one", message);
  const auto read = (*spool)->each("one", [](const MappedMessage&) { return true; });
  setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, handler);
  REQUIRE(!read);
  CHECK_THAT(read.error().message, Catch::Matchers::Contains("cannot be written: File too large"));

  const auto nowhere = Spool::create("no/such/folder");
  REQUIRE(!nowhere);
  CHECK_THAT(nowhere.error().message,
             Catch::Matchers::Contains("no/such/folder") && Catch::Matchers::Contains("No such file or directory"));
}
