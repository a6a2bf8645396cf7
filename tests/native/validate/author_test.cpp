#include "native/validate/author.h"

#include "tests/native/validate/findings.h"

using namespace teamferry::validate;

namespace {

AuthorFacts ada() {
  AuthorFacts facts;
  facts.user_id = kAda;
  facts.displayName = "Ada Park";
  facts.userIdentityType = "aadUser";
  return facts;
}

Lines found(const AuthorFacts& facts) {
  Findings findings;
  check_author(facts, findings);
  return lines(findings);
}

}  // namespace

TEST_CASE("R12 refuses who is nobody of the tenant", "[validate]") {
  auto facts = ada();
  facts.in_tenant = true;
  CHECK(found(facts) == Lines{});
  facts.in_tenant = false;
  CHECK(found(facts) == Lines{std::string("R12 error from.user.id: ") + kAda + " is nobody of this tenant"});
}

TEST_CASE("R13 refuses authors from elsewhere", "[validate]") {
  for (const char* type :
       {"federatedUser", "anonymousGuest", "personalMicrosoftAccountUser", "skypeUser", "phoneUser", "emailUser"}) {
    auto facts = ada();
    facts.userIdentityType = type;
    CHECK(found(facts) == Lines{std::string("R13 error from.user.userIdentityType: ") + type +
                                " is nobody of the tenant; such authors are not imported"});
  }
}

TEST_CASE("R14 warns of guests", "[validate]") {
  auto facts = ada();
  facts.guest = false;
  CHECK(found(facts) == Lines{});
  facts.guest = true;
  CHECK(found(facts) ==
        Lines{std::string("R14 warning from.user.id: ") + kAda + " is a guest; guests may be refused as authors"});
  CHECK(is_guest_name("ada_orbit.example#EXT#@acme.example"));
  CHECK_FALSE(is_guest_name("ext@acme.example"));
}

TEST_CASE("R15 wants aadUser and a name", "[validate]") {
  auto facts = ada();
  facts.userIdentityType = "";
  facts.displayName = "";
  CHECK(found(facts) == Lines{"R15 warning from.user.userIdentityType: it is missing",
                              "R15 warning from.user.displayName: it is missing"});
  facts = ada();
  facts.userIdentityType = "onPremiseAadUser";
  CHECK(found(facts) == Lines{"R15 warning from.user.userIdentityType: 'onPremiseAadUser' was never seen on import"});
}

TEST_CASE("R16 warns of authors that are no users", "[validate]") {
  auto facts = ada();
  facts.has_other_identity = true;
  CHECK(found(facts) == Lines{"R16 warning from: no import is known to take an application or a device as the author"});
  facts = ada();
  facts.kind_in_source = "bot";
  CHECK(found(facts) ==
        Lines{"R16 warning from.user.id: the author is a bot of the source, which is no user of its own"});
  facts.stands_for_others = true;
  CHECK(found(facts) == Lines{});
}

TEST_CASE("R17 warns of accounts that cannot use Teams", "[validate]") {
  auto facts = ada();
  facts.enabled = facts.licensed = true;
  CHECK(found(facts) == Lines{});
  facts.licensed = false;
  CHECK(found(facts) == Lines{std::string("R17 warning from.user.id: ") + kAda + " has no licence for Teams"});
  facts.enabled = false;
  CHECK(found(facts) == Lines{std::string("R17 warning from.user.id: the account of ") + kAda + " is disabled"});
}
