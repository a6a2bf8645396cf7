#include "native/validate/message.h"

#include <catch2/catch.hpp>

#include "native/limits/limits.h"
#include "tests/support/limits_override.h"

using namespace teamferry;
using namespace teamferry::validate;

namespace {

DateTime at(const char* text) {
  return *DateTime::parse(text);
}

MessageFacts good() {
  MessageFacts facts;
  facts.createdDateTime = "2019-02-04T19:58:15.511Z";
  facts.context.now = at("2026-08-01T00:00:00Z");
  facts.context.floor = at("2019-01-01T00:00:00Z");
  facts.author.user_id = "8c0a1a67-50ce-4114-bb6c-da9c5dbcf6ca";
  facts.author.displayName = "Ada Park";
  facts.author.userIdentityType = "aadUser";
  facts.contentType = "html";
  facts.content = "<p>Hi</p>";
  facts.json_bytes = facts.json_units = 300;
  return facts;
}

// "rule severity message" of all findings.
std::vector<std::string> found(const MessageFacts& facts) {
  std::vector<std::string> lines;
  for (const auto& finding : check_message(facts)) {
    CHECK_FALSE(finding.cure.empty());
    lines.push_back(finding.rule + (finding.severity == Finding::Severity::error ? " error " : " warning ") +
                    finding.message);
  }
  return lines;
}

using Lines = std::vector<std::string>;

}  // namespace

TEST_CASE("A message that keeps every rule gives no finding", "[validate]") {
  CHECK(found(good()) == Lines{});
}

TEST_CASE("R1 asks for a moment with its offset, in the form that is sent", "[validate]") {
  auto facts = good();
  facts.createdDateTime = "";
  CHECK(found(facts) == Lines{"R1 error it is missing"});
  facts.createdDateTime = "2019-02-04T19:58:15";
  CHECK(found(facts) == Lines{"R1 error '2019-02-04T19:58:15' is not a moment with its offset"});
  facts.createdDateTime = "2019-02-04T20:58:15.511+01:00";
  CHECK(found(facts) == Lines{"R1 warning 2019-02-04T20:58:15.511+01:00 is not in UTC with three fraction digits"});
  CHECK(check_message(facts).front().cure == "Send 2019-02-04T19:58:15.511Z");
}

TEST_CASE("R2 refuses the future, and now is not the future", "[validate]") {
  auto facts = good();
  facts.context.now = at("2019-02-04T19:58:15.511Z");
  CHECK(found(facts) == Lines{});
  facts.context.now = at("2019-02-04T19:58:15.510Z");
  CHECK(found(facts) ==
        Lines{"R2 error 2019-02-04T19:58:15.511Z is in the future; it is 2019-02-04T19:58:15.510Z now"});
}

TEST_CASE("R3 warns of digits finer than a millisecond and shows the cut time", "[validate]") {
  auto facts = good();
  facts.createdDateTime = "2019-02-04T19:58:15.5119999Z";
  CHECK(found(facts) == Lines{"R3 warning 2019-02-04T19:58:15.5119999Z is finer than a millisecond"});
  CHECK(check_message(facts).front().cure == "Send 2019-02-04T19:58:15.511Z: cut, never rounded");
}

TEST_CASE("R5 refuses the conversation's own time and anything before it", "[validate]") {
  auto facts = good();
  facts.context.floor = at("2019-02-04T19:58:15.511Z");
  CHECK(found(facts).front().starts_with("R5 error 2019-02-04T19:58:15.511Z is not later than"));
  facts.context.floor = at("2019-02-04T19:58:15.510Z");
  CHECK(found(facts) == Lines{});
}

TEST_CASE("R9 and R10 keep replies behind roots and the order of sending", "[validate]") {
  auto facts = good();
  facts.context.is_reply = true;
  facts.context.root_time = at("2019-02-04T19:58:15.511Z");
  CHECK(found(facts).front().starts_with("R9 warning the reply at 2019-02-04T19:58:15.511Z is not later"));
  CHECK(check_message(facts).front().cure == "Move it to 2019-02-04T19:58:15.512Z");
  facts.context.root_time = at("2019-02-04T19:58:15.510Z");
  facts.context.previous_time = facts.context.root_time;
  CHECK(found(facts) == Lines{});
  facts.context.previous_time = at("2019-02-04T20:00:00Z");
  CHECK(found(facts).front().starts_with("R10 error 2019-02-04T19:58:15.511Z would be sent after"));
}

TEST_CASE("R11 allows one level of replies, in channels", "[validate]") {
  auto facts = good();
  facts.context.is_reply = true;
  CHECK(found(facts) == Lines{});
  facts.context.root_is_reply = true;
  CHECK(found(facts) == Lines{"R11 error it answers a reply; threads have one level"});
  facts.context.in_chat = true;
  CHECK(found(facts) == Lines{"R11 error chats have no replies"});
}

TEST_CASE("R12 asks for a user's object id as the author", "[validate]") {
  CHECK(is_object_id("8C0A1A67-50ce-4114-bb6c-da9c5dbcf6ca"));
  for (const char* id : {"", "ada@orbit.example", "8c0a1a67-50ce-4114-bb6c-da9c5dbcf6c", "U061A1R2R",
                         "8c0a1a67x50ce-4114-bb6c-da9c5dbcf6ca", "00000000-0000-0000-0000-000000000000",
                         "{8c0a1a67-50ce-4114-bb6c-da9c5dbcf6}"}) {
    INFO(id);
    auto facts = good();
    facts.author.user_id = id;
    REQUIRE(found(facts).size() == 1);
    CHECK(found(facts).front().starts_with("R12 error "));
  }
}

TEST_CASE("R18 and R19 ask for a known type and a body", "[validate]") {
  auto facts = good();
  facts.contentType = "text";
  CHECK(found(facts) == Lines{});
  const MentionFacts mention{0, "Ada", 1, "user", "8c0a1a67-50ce-4114-bb6c-da9c5dbcf6ca", "Ada Park", "aadUser"};
  facts.mentions = {&mention, 1};
  CHECK(found(facts) == Lines{"R18 error a text cannot hold mentions, attachments or images"});
  facts.contentType = "markdown";
  CHECK(found(facts) == Lines{"R18 error 'markdown' is unknown"});
  facts = good();
  facts.content = "";
  CHECK(found(facts) == Lines{"R19 error it is empty"});
  facts.content = "&nbsp;";
  CHECK(found(facts) == Lines{});
}

TEST_CASE("R20 warns above the soft size and refuses above the hard one, by either measure", "[validate]") {
  auto facts = good();
  facts.json_bytes = limits::in_force().sizes.message_soft_bytes;
  CHECK(found(facts) == Lines{});
  facts.json_bytes = limits::in_force().sizes.message_soft_bytes + 1;
  CHECK(found(facts) == Lines{"R20 warning the message takes 25001 bytes, the limit is 25000"});
  facts.json_units = limits::in_force().sizes.message_hard_bytes + 1;
  CHECK(found(facts) == Lines{"R20 error the message takes 28001 UTF-16 units, the limit is 28000"});
  SECTION("which are data of the service") {
    const limits::Override larger(R"({"sizes": {"message_soft_bytes": 30000, "message_hard_bytes": 40000}})");
    CHECK(found(facts) == Lines{});
    facts.json_bytes = 40'001;
    CHECK(found(facts) == Lines{"R20 error the message takes 40001 bytes, the limit is 40000"});
  }
}

TEST_CASE("The text of body and subject is judged as what it is", "[validate]") {
  auto facts = good();
  facts.content = "<p onclick=\"x\">\x01</p>";
  CHECK(found(facts).size() == 2);
  facts.contentType = "text";
  CHECK(found(facts) == Lines{"R47 error it holds the control character U+0001"});
  facts = good();
  facts.subject = "a\x7F\x02";
  CHECK(check_message(facts).front().field == "subject");
  CHECK(has_error(check_message(facts)));
}
