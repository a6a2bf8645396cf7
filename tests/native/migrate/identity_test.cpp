#include "native/migrate/identity.h"

#include <catch2/catch.hpp>

#include "native/journal/journal.h"

using namespace teamferry;
using migrate::check_identity;
using migrate::Identity;

TEST_CASE("A journal belongs to the tenant, application and target that came first", "[migrate][identity]") {
  const auto journal = journal::Journal::open(":memory:").value();
  REQUIRE(check_identity(*journal, {"tenant-1", "app-1", "emulator"}));
  CHECK(check_identity(*journal, {"tenant-1", "app-1", "emulator"}));
  const Identity other = GENERATE(Identity{"tenant-2", "app-1", "emulator"}, Identity{"tenant-1", "app-2", "emulator"},
                                  Identity{"tenant-1", "app-1", "https://graph.example"});
  const auto refused = check_identity(*journal, other);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == "other_identity");
  CHECK(journal->meta("client_id") == "app-1");
}

TEST_CASE("An identity that is refused writes nothing into the journal", "[migrate][identity]") {
  const auto journal = journal::Journal::open(":memory:").value();
  REQUIRE(journal->set_meta("client_id", "app-1"));
  REQUIRE_FALSE(check_identity(*journal, {"tenant-1", "app-2", "emulator"}));
  CHECK_FALSE(journal->meta("tenant"));
  CHECK_FALSE(journal->meta("target"));
}

TEST_CASE("What is not known of an identity is neither compared nor written", "[migrate][identity]") {
  const auto journal = journal::Journal::open(":memory:").value();
  REQUIRE(check_identity(*journal, {"tenant-1", "", "emulator"}));
  CHECK_FALSE(journal->meta("client_id"));
  REQUIRE(check_identity(*journal, {"tenant-1", "app-1", ""}));
  CHECK(journal->meta("client_id") == "app-1");
  CHECK(journal->meta("target") == "emulator");
}
