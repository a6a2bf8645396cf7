#include "native/validate/floor.h"

#include <nlohmann/json.hpp>

#include "tests/native/validate/findings.h"

using namespace teamferry;
using namespace teamferry::validate;
using Action = StartDecision::Action;
using Json = nlohmann::json;

namespace {

// A chat of 2024 that is to take messages since March 2019.
StartFacts fresh() {
  StartFacts facts;
  facts.createdDateTime = at("2024-05-01T10:00:00Z");
  facts.oldest = at("2019-03-15T08:00:00Z");
  return facts;
}

// "send 2019-02-01T00:00:00.000Z": a decision without its reason.
std::string decided(const StartFacts& facts) {
  const auto decision = decide_start(facts);
  CHECK_FALSE(decision.reason.empty());
  switch (decision.action) {
    case Action::none:
      return "none";
    case Action::omit:
      return "omit";
    case Action::impossible:
      return "impossible";
    case Action::send:
      // Whatever is sent must pass the check of what is sent.
      CHECK(check_start_json({{"conversationCreationDateTime", decision.value.to_string()}}, facts).empty());
      return "send " + decision.value.to_string();
  }
  return {};
}

Lines start(const Json& body, const StartFacts& facts) {
  return lines(check_start_json(body, facts));
}

}  // namespace

TEST_CASE("R6 lets the team begin before the channel and the channel before its messages", "[times]") {
  const auto found = [](auto team, auto channel, auto message) {
    Findings findings;
    check_birth(team, channel, message, findings);
    return lines(findings);
  };
  using Time = std::optional<DateTime>;
  CHECK(found(Time{{10}}, Time{{10}}, Time{{11}}) == Lines{});
  CHECK(found(Time{}, Time{}, Time{{11}}) == Lines{});
  CHECK(found(Time{{11}}, Time{{10}}, Time{{12}}) ==
        Lines{"R6 error createdDateTime: 1970-01-01T00:00:00.010Z is before the team's own 1970-01-01T00:00:00.011Z"});
  CHECK(found(Time{{10}}, Time{{11}}, Time{{11}}) ==
        Lines{"R6 error createdDateTime: 1970-01-01T00:00:00.011Z is not before the oldest message at "
              "1970-01-01T00:00:00.011Z"});
  CHECK(found(Time{{12}}, Time{}, Time{{11}}).size() == 1);
}

TEST_CASE("R7 sends a floor well below the oldest message, older than the present one", "[times]") {
  auto facts = fresh();
  CHECK(decided(facts) == "send 2019-02-01T00:00:00.000Z");
  facts.createdDateTime = std::nullopt;
  CHECK(decided(facts) == "send 2019-02-01T00:00:00.000Z");
  SECTION("a conversation that is old enough but was never started gets a still older value") {
    facts.createdDateTime = at("2018-01-01T00:00:00Z");
    CHECK(decided(facts) == "send 2017-12-31T23:59:59.000Z");
  }
  SECTION("one that begins between the floor and the messages moves down to the floor") {
    facts.createdDateTime = at("2019-03-01T00:00:00Z");
    CHECK(decided(facts) == "send 2019-02-01T00:00:00.000Z");
  }
  SECTION("one that begins with the oldest message moves down") {
    facts.createdDateTime = facts.oldest;
    CHECK(decided(facts) == "send 2019-02-01T00:00:00.000Z");
  }
}

TEST_CASE("R8 starts again without a value when the floor is low enough", "[times]") {
  auto facts = fresh();
  facts.started_before = true;
  CHECK(decided(facts) == "send 2019-02-01T00:00:00.000Z");
  facts.createdDateTime = at("2019-02-01T00:00:00Z");
  CHECK(decided(facts) == "omit");
  facts.oldest = at("2019-02-01T00:00:00.001Z");
  CHECK(decided(facts) == "omit");
  facts.oldest = at("2019-02-01T00:00:00.000Z");
  CHECK(decided(facts) == "send 2019-01-01T00:00:00.000Z");
}

TEST_CASE("R7: what is in progress is not started, and cannot go lower", "[times]") {
  auto facts = fresh();
  facts.in_progress = true;
  CHECK(decided(facts) == "impossible");
  CHECK(decide_start(facts).reason.find("complete it first") != std::string::npos);
  facts.createdDateTime = at("2019-03-15T07:59:59.999Z");
  CHECK(decided(facts) == "none");
  facts.createdDateTime = std::nullopt;
  CHECK(decided(facts) == "none");
  facts.oldest = std::nullopt;
  CHECK(decided(facts) == "none");
}

TEST_CASE("R7 does not go below the year 1", "[times]") {
  auto facts = fresh();
  facts.oldest = at("0001-01-05T00:00:00Z");
  CHECK(decided(facts) == "send 0001-01-02T00:00:00.000Z");
  facts.oldest = at("0001-01-01T00:00:00.001Z");
  CHECK(decided(facts) == "impossible");
  facts.oldest = at("0001-01-01T00:00:00.500Z");
  CHECK(decided(facts) == "send 0001-01-01T00:00:00.499Z");
  facts.createdDateTime = at("0001-01-01T00:00:00.001Z");
  CHECK(decided(facts) == "omit");
}

TEST_CASE("R7 judges the body of a start", "[times]") {
  auto facts = fresh();
  CHECK(start({{"conversationCreationDateTime", "2019-02-01T00:00:00.000Z"}}, facts) == Lines{});
  CHECK(start({{"conversationCreationDateTime", "2024-05-01T10:00:00Z"}}, facts) ==
        Lines{"R7 error conversationCreationDateTime: 2024-05-01T10:00:00.000Z is not older than the present "
              "2024-05-01T10:00:00.000Z",
              "R5 error conversationCreationDateTime: 2024-05-01T10:00:00.000Z is not before the oldest message at "
              "2019-03-15T08:00:00.000Z"});
  for (const char* bad : {"0001-01-01T00:00:00Z", "2019-01-01", "yesterday"}) {
    CHECK(start({{"conversationCreationDateTime", bad}}, facts)
              .front()
              .starts_with(std::string("R7 error conversationCreationDateTime: '") + bad));
  }
  CHECK(start(nullptr, facts).front().starts_with("R7 error conversationCreationDateTime: it is missing, and 2024"));
  CHECK(start({{"conversationCreatedDateTime", "2019-01-01T00:00:00Z"}}, facts).front() ==
        "shape error conversationCreatedDateTime: the service knows no such field");
  facts.in_progress = true;
  CHECK(start(nullptr, facts).front().starts_with("R7 error migrationMode"));
}

TEST_CASE("R8 warns of a value that a restart does not need", "[times]") {
  auto facts = fresh();
  facts.started_before = true;
  facts.createdDateTime = at("2019-02-01T00:00:00Z");
  CHECK(
      start({{"conversationCreationDateTime", "2019-01-01T00:00:00Z"}}, facts) ==
      Lines{"R8 warning conversationCreationDateTime: the conversation begins early enough, and every value makes the "
            "next start need an older one"});
  CHECK(start(nullptr, facts) == Lines{});
}
