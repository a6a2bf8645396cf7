#include "native/validate/chat.h"

#include "tests/native/validate/findings.h"

using namespace teamferry::validate;

namespace {

Lines created(std::string_view chatType, std::vector<std::string_view> members, std::string_view topic = {}) {
  ChatFacts facts;
  facts.chatType = chatType;
  facts.members = members;
  facts.topic = topic;
  Findings findings;
  check_new_chat(facts, findings);
  return lines(findings);
}

}  // namespace

TEST_CASE("R42 wants two in a chat of two, and everybody in a group", "[validate]") {
  CHECK(created("oneOnOne", {kAda, kBo}) == Lines{});
  CHECK(created("group", {kAda, kBo}, "Orbit core") == Lines{});
  CHECK(created("oneOnOne", {kAda}) ==
        Lines{"R42 error members: it has 1 different members, a chat of two has exactly 2"});
  CHECK(created("oneOnOne", {"ADA@orbit.example", "ada@orbit.example"}) ==
        Lines{"R42 error members: somebody is in it twice",
              "R42 error members: it has 1 different members, a chat of two has exactly 2"});
  CHECK(created("group", {kAda}) == Lines{"R42 error members: it has 1 different members, a group has at least 2"});
  std::vector<std::string> names;
  for (int i = 0; i < 21; ++i) names.push_back(std::to_string(i));
  CHECK(created("group", {names.begin(), names.end() - 1}) == Lines{});
  CHECK(created("group", {names.begin(), names.end()}) ==
        Lines{"R42 warning members: 21 members at once may be refused"});
}

TEST_CASE("R42 gives groups a topic of 250 characters", "[validate]") {
  CHECK(created("group", {kAda, kBo}, std::string(250, 'x')) == Lines{});
  CHECK(created("group", {kAda, kBo}, std::string(251, 'x')) ==
        Lines{"R42 error topic: it has 251 characters, the limit is 250"});
  CHECK(created("oneOnOne", {kAda, kBo}, "Us") == Lines{"R42 error topic: a chat of two has no topic"});
}

TEST_CASE("R43 fills no meetings and no chats of other tenants", "[validate]") {
  const auto target = [](std::string_view type, std::string_view id, std::string_view tenant) {
    Findings findings;
    ChatFacts facts;
    facts.chatType = type;
    facts.id = id;
    facts.tenantId = tenant;
    facts.our_tenant = "2432b57b-0abd-43db-aa7b-16eadd115d34";
    check_target_chat(facts, findings);
    return lines(findings);
  };
  CHECK(target("group", "19:1c5b@thread.v2", "2432B57B-0abd-43db-aa7b-16eadd115d34") == Lines{});
  CHECK(target("oneOnOne", "19:a_b@unq.gbl.spaces", "") == Lines{});
  CHECK(target("meeting", "", "") == Lines{"R43 error chatType: the chat of a meeting takes no import"});
  CHECK(target("group", "19:meeting_x@thread.v2", "") ==
        Lines{"R43 error chatType: the chat of a meeting takes no import"});
  CHECK(target("", "", "") == Lines{"R43 error chatType: it is missing"});
  CHECK(target("group", "", "dcd219dd-bc68-4b9b-bf0b-4a33a796be35") ==
        Lines{"R43 error tenantId: the chat belongs to the tenant dcd219dd-bc68-4b9b-bf0b-4a33a796be35"});
  CHECK(created("meeting", {kAda, kBo}) == Lines{"R43 error chatType: the chat of a meeting takes no import"});
}

TEST_CASE("R44 keeps one app for a conversation", "[validate]") {
  Findings findings;
  check_session("", kAda, findings);
  check_session("8C0A1A67-50ce-4114-bb6c-da9c5dbcf6ca", kAda, findings);
  CHECK(findings.empty());
  check_session(kBo, kAda, findings);
  CHECK(lines(findings) ==
        Lines{std::string("R44 error migrationMode: the app ") + kBo + " has started it, this one is " + kAda});
}
