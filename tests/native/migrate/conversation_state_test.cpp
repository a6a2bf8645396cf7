// The tables of GRAPH 1.2 and 1.3, row by row, as another pair of eyes copied them.
#include <catch2/catch.hpp>

#include <set>

#include "native/migrate/conversation_state.h"

using namespace teamferry;
using namespace teamferry::migrate;

namespace {

constexpr auto none = MigrationMode::none;
constexpr auto inProgress = MigrationMode::inProgress;
constexpr auto completed = MigrationMode::completed;
constexpr auto unknown = MigrationMode::unknown;

struct Claim {
  ConversationState from;
  Act act;
  Answer answer;
  ConversationState after;
};

struct TeamClaim {
  TeamState from;
  TeamAct act;
  Answer answer;
  TeamState after;
};

DateTime at(const char* text) {
  return DateTime::parse(text).value();
}

}  // namespace

TEST_CASE("A conversation goes from state to state as the table says, and no other way", "[migrate][state]") {
  const auto [from, act, answer, after] = GENERATE(values<Claim>({
      {{none, Owner::unknown}, Act::start, Answer::legal, {inProgress, Owner::ours}},
      {{none, Owner::unknown}, Act::import_message, Answer::illegal, {none, Owner::unknown}},
      {{none, Owner::unknown}, Act::complete, Answer::illegal, {none, Owner::unknown}},
      {{inProgress, Owner::ours}, Act::start, Answer::illegal, {inProgress, Owner::ours}},
      {{inProgress, Owner::another}, Act::start, Answer::illegal, {inProgress, Owner::another}},
      {{inProgress, Owner::ours}, Act::import_message, Answer::legal, {inProgress, Owner::ours}},
      {{inProgress, Owner::another}, Act::import_message, Answer::illegal, {inProgress, Owner::another}},
      {{inProgress, Owner::unknown}, Act::import_message, Answer::unsure, {inProgress, Owner::unknown}},
      {{inProgress, Owner::ours}, Act::complete, Answer::legal, {completed, Owner::ours}},
      {{inProgress, Owner::another}, Act::complete, Answer::illegal, {inProgress, Owner::another}},
      {{inProgress, Owner::unknown}, Act::complete, Answer::unsure, {completed, Owner::unknown}},
      {{completed, Owner::ours}, Act::start, Answer::legal, {inProgress, Owner::ours}},
      {{completed, Owner::another}, Act::start, Answer::legal, {inProgress, Owner::ours}},
      {{completed, Owner::ours}, Act::import_message, Answer::illegal, {completed, Owner::ours}},
      {{completed, Owner::ours}, Act::complete, Answer::illegal, {completed, Owner::ours}},
      {{completed, Owner::ours, true}, Act::start, Answer::illegal, {completed, Owner::ours, true}},
      {{completed, Owner::ours, true}, Act::import_message, Answer::illegal, {completed, Owner::ours, true}},
      {{completed, Owner::ours, true}, Act::complete, Answer::illegal, {completed, Owner::ours, true}},
      {{unknown, Owner::ours}, Act::start, Answer::unsure, {inProgress, Owner::ours}},
      {{unknown, Owner::ours}, Act::import_message, Answer::unsure, {unknown, Owner::ours}},
      {{unknown, Owner::another}, Act::import_message, Answer::illegal, {unknown, Owner::another}},
      {{unknown, Owner::ours}, Act::complete, Answer::unsure, {completed, Owner::ours}},
      {{unknown, Owner::another}, Act::complete, Answer::illegal, {unknown, Owner::another}},
  }));
  const Verdict verdict = judge(from, act);
  INFO(graph::to_string(from.mode) << " " << to_string(from.owner) << " " << to_string(act) << ": " << verdict.name);
  CHECK(verdict.answer == answer);
  CHECK(verdict.after == after);
}

TEST_CASE("Every transition has a name, a rule, a sentence and a next step; the illegal ones a code",
          "[migrate][state]") {
  std::set<std::string_view> names;
  for (const auto mode : {none, inProgress, completed, unknown}) {
    for (const auto owner : {Owner::ours, Owner::another, Owner::unknown}) {
      for (const bool wedged : {false, true}) {
        for (const auto act : {Act::start, Act::import_message, Act::complete}) {
          const Verdict verdict = judge(ConversationState{mode, owner, wedged}, act);
          INFO(graph::to_string(mode) << " " << to_string(owner) << " " << wedged << " " << to_string(act));
          CHECK_FALSE(verdict.name.empty());
          CHECK_FALSE(verdict.rule.empty());
          CHECK_FALSE(verdict.why.empty());
          CHECK_FALSE(verdict.step.empty());
          CHECK(verdict.illegal() == !verdict.code.empty());
          names.insert(verdict.name);
        }
      }
    }
  }
  CHECK(names.size() == 21);
  const std::set<TeamPhase> phases{TeamPhase::open, TeamPhase::general_early, TeamPhase::closing, TeamPhase::completed};
  for (const auto phase : phases) {
    for (const int channels : {0, 2}) {
      for (const auto act : {TeamAct::create_channel, TeamAct::complete_channel, TeamAct::complete_general,
                             TeamAct::complete_team, TeamAct::add_member}) {
        const TeamVerdict verdict = judge(TeamState{phase, channels}, act);
        INFO(to_string(phase) << " " << channels << " " << to_string(act));
        CHECK_FALSE(verdict.name.empty());
        CHECK_FALSE(verdict.rule.empty());
        CHECK_FALSE(verdict.why.empty());
        CHECK_FALSE(verdict.step.empty());
        CHECK(verdict.illegal() == !verdict.code.empty());
      }
    }
  }
}

TEST_CASE("A refusal reads as a sentence about the conversation, with what to do", "[migrate][state]") {
  const Error error = judge(ConversationState{completed, Owner::ours}, Act::import_message).error("#general");
  CHECK(error.code == "not_in_progress");
  CHECK(error.kind == Error::Kind::state);
  CHECK(error.message ==
        "#general takes no imports: its migrationMode is completed; plan what is missing into a new journal and a new "
        "team, or leave it behind");
}

TEST_CASE("Whose session it is follows from the client ids; one that is not noted is nobody's", "[migrate][state]") {
  CHECK(seen_state(inProgress, "app-1", "app-1").owner == Owner::ours);
  CHECK(seen_state(inProgress, "app-2", "app-1").owner == Owner::another);
  CHECK(seen_state(inProgress, "", "app-1").owner == Owner::unknown);
  CHECK(seen_state(inProgress, "app-1", "").owner == Owner::unknown);
}

TEST_CASE("A start needs an older date, a minute's rest, and a cloud that has it", "[migrate][state]") {
  const ConversationState done{completed, Owner::ours};
  Start start;
  start.now = at("2026-08-01T12:00:00Z");
  start.createdDateTime = at("2024-03-01T00:00:00Z");
  start.conversationCreationDateTime = at("2024-02-29T23:59:59.999Z");
  CHECK(judge(done, start).legal());
  SECTION("an equal date is refused, and so is a newer one") {
    start.conversationCreationDateTime = at("2024-03-01T00:00:00Z");
    CHECK(judge(done, start).code == "date_not_older");
    start.conversationCreationDateTime = at("2024-03-01T00:00:00.001Z");
    CHECK(judge(done, start).code == "date_not_older");
    start.conversationCreationDateTime.reset();
    CHECK(judge(done, start).legal());
  }
  SECTION("the beginning of time is refused") {
    start.conversationCreationDateTime = at("0001-01-01T00:00:00Z");
    CHECK(judge(done, start).code == "bad_date");
  }
  SECTION("fired behind its completion it is refused") {
    start.completed_at = at("2026-08-01T11:59:00.001Z");
    CHECK(judge(done, start).code == "too_soon");
    start.completed_at = at("2026-08-01T11:59:00Z");
    CHECK(judge(done, start).legal());
  }
  SECTION("in a national cloud there is none") {
    start.cloud = "china";
    CHECK(judge(done, start).code == "no_start_in_cloud");
  }
  SECTION("and no argument makes an illegal one legal") {
    CHECK(judge(ConversationState{inProgress, Owner::ours}, start).code == "already_in_progress");
  }
}

TEST_CASE("Only a start that is refused without a reason shows that a conversation is stuck", "[migrate][state]") {
  Error refusal;
  refusal.kind = Error::Kind::service;
  refusal.status = 400;
  const ConversationState done{completed, Owner::ours};
  CHECK(wedged_by(done, refusal, completed));
  CHECK_FALSE(wedged_by(done, refusal, inProgress));
  CHECK_FALSE(wedged_by({inProgress, Owner::ours}, refusal, inProgress));
  refusal.message = "'ConversationCreationDateTime' must be older than the existing 'CreatedDateTime'";
  CHECK_FALSE(wedged_by(done, refusal, completed));
  refusal.message.clear();
  refusal.status = 503;
  CHECK_FALSE(wedged_by(done, refusal, completed));
}

TEST_CASE("Another application's session is known by the service's words", "[migrate][state]") {
  Error refusal;
  CHECK_FALSE(another_owns(refusal));
  refusal.message = "Request Initiator does not match the import session intiator.";
  CHECK(another_owns(refusal));
  refusal.message = "Only 1 application is allowed to operate within an import session";
  CHECK(another_owns(refusal));
}

TEST_CASE("A team is completed channel by channel, General last, and no other way", "[migrate][state]") {
  const auto [from, act, answer, after] = GENERATE(values<TeamClaim>({
      {{TeamPhase::open, 0}, TeamAct::create_channel, Answer::legal, {TeamPhase::open, 1}},
      {{TeamPhase::open, 2}, TeamAct::create_channel, Answer::legal, {TeamPhase::open, 3}},
      {{TeamPhase::open, 2}, TeamAct::complete_channel, Answer::legal, {TeamPhase::open, 1}},
      {{TeamPhase::open, 2}, TeamAct::complete_general, Answer::illegal, {TeamPhase::open, 2}},
      {{TeamPhase::open, 2}, TeamAct::complete_team, Answer::illegal, {TeamPhase::open, 2}},
      {{TeamPhase::open, 0}, TeamAct::complete_general, Answer::legal, {TeamPhase::closing, 0}},
      {{TeamPhase::open, 0}, TeamAct::complete_team, Answer::illegal, {TeamPhase::open, 0}},
      {{TeamPhase::open, 0}, TeamAct::add_member, Answer::illegal, {TeamPhase::open, 0}},
      {{TeamPhase::general_early, 1}, TeamAct::create_channel, Answer::illegal, {TeamPhase::general_early, 1}},
      {{TeamPhase::general_early, 1}, TeamAct::complete_channel, Answer::legal, {TeamPhase::closing, 0}},
      {{TeamPhase::general_early, 2}, TeamAct::complete_channel, Answer::legal, {TeamPhase::general_early, 1}},
      {{TeamPhase::general_early, 1}, TeamAct::complete_team, Answer::illegal, {TeamPhase::general_early, 1}},
      {{TeamPhase::closing, 0}, TeamAct::create_channel, Answer::illegal, {TeamPhase::closing, 0}},
      {{TeamPhase::closing, 0}, TeamAct::complete_team, Answer::legal, {TeamPhase::completed, 0}},
      {{TeamPhase::closing, 0}, TeamAct::add_member, Answer::illegal, {TeamPhase::closing, 0}},
      {{TeamPhase::completed, 0}, TeamAct::create_channel, Answer::illegal, {TeamPhase::completed, 0}},
      {{TeamPhase::completed, 0}, TeamAct::complete_team, Answer::illegal, {TeamPhase::completed, 0}},
      {{TeamPhase::completed, 0}, TeamAct::add_member, Answer::legal, {TeamPhase::completed, 0}},
      {{TeamPhase::completed, 1}, TeamAct::complete_channel, Answer::legal, {TeamPhase::completed, 0}},
  }));
  const TeamVerdict verdict = judge(from, act);
  INFO(to_string(from.phase) << " " << from.open_channels << " " << to_string(act) << ": " << verdict.name);
  CHECK(verdict.answer == answer);
  CHECK(verdict.after == after);
}

TEST_CASE("Where a team stands follows from its channels", "[migrate][state]") {
  CHECK(team_state(false, inProgress, 2) == TeamState{TeamPhase::open, 2});
  CHECK(team_state(false, inProgress, 0) == TeamState{TeamPhase::open, 0});
  CHECK(team_state(false, completed, 2) == TeamState{TeamPhase::general_early, 2});
  CHECK(team_state(false, completed, 0) == TeamState{TeamPhase::closing, 0});
  CHECK(team_state(true, completed, 0) == TeamState{TeamPhase::completed, 0});
}
