#include <catch2/catch.hpp>

#include "native/migrate/diagnosis.h"

using namespace teamferry;
using namespace teamferry::migrate;

namespace {

JournalFacts facts(const std::string& state) {
  JournalFacts facts;
  facts.conversation.id = 3;
  facts.conversation.team = 1;
  facts.conversation.displayName = "general";
  facts.conversation.graph_id = "19:g@thread.tacv2";
  facts.conversation.state = state;
  facts.conversation.owner = facts.client_id = "app-1";
  facts.sent = 10;
  return facts;
}

ServiceFacts shows(MigrationMode mode) {
  ServiceFacts service;
  service.conversation.emplace();
  service.conversation->migrationMode = mode;
  return service;
}

ServiceFacts refuses(int status) {
  ServiceFacts service;
  service.error.emplace();
  service.error->kind = Error::Kind::service;
  service.error->status = status;
  return service;
}

Error refusal(int status, const std::string& message) {
  Error error;
  error.status = status;
  error.message = message;
  return error;
}

constexpr auto inProgress = MigrationMode::inProgress;
constexpr auto completed = MigrationMode::completed;

}  // namespace

TEST_CASE("Each standing of a conversation has its word, its level and its cure", "[migrate][doctor]") {
  struct Case {
    const char* name;
    std::function<void(JournalFacts&)> journal;
    const char* state;
    ServiceFacts service;
    const char* code;
    Level level;
    Remedy remedy;
  };
  const auto nothing = [](JournalFacts&) {};
  const auto asked = [](JournalFacts& f) { f.completion_asked = true; };
  const auto other = [](JournalFacts& f) { f.client_id = "app-2"; };
  const auto one = GENERATE_COPY(values<Case>({
      {"messages wait", [](JournalFacts& f) { f.planned = 2; }, "inProgress", shows(inProgress), "open", Level::ok,
       Remedy::none},
      {"all is sent", nothing, "inProgress", shows(inProgress), "ready_to_complete", Level::warning, Remedy::none},
      {"asked to complete", asked, "inProgress", shows(inProgress), "completion_unfinished", Level::problem,
       Remedy::complete},
      {"some failed", [](JournalFacts& f) { f.failed = 1; }, "inProgress", shows(inProgress), "open_with_failures",
       Level::warning, Remedy::none},
      {"some failed, asked to complete without them",
       [](JournalFacts& f) {
         f.failed = f.accepted = 1;
         f.completion_asked = true;
       },
       "inProgress", shows(inProgress), "completion_unfinished", Level::problem, Remedy::complete},
      {"completed here only", nothing, "completed", shows(inProgress), "open_there", Level::problem, Remedy::complete},
      {"completed there only", nothing, "inProgress", shows(completed), "completed_there", Level::warning,
       Remedy::note_completed},
      {"completed on both sides", nothing, "completed", shows(completed), "completed", Level::ok, Remedy::none},
      {"closed before its messages", [](JournalFacts& f) { f.planned = 2; }, "inProgress", shows(completed),
       "closed_with_messages", Level::problem, Remedy::note_completed},
      {"closed, and a message on its way",
       [](JournalFacts& f) { f.sending = 1; }, "completed", shows(completed), "closed_with_messages", Level::problem,
       Remedy::plan_again},
      {"some stayed behind, unsaid", [](JournalFacts& f) { f.blocked = 1; }, "completed", shows(completed),
       "completed_with_failures", Level::warning, Remedy::none},
      {"never in migration mode", nothing, "inProgress", shows(MigrationMode::none), "not_in_progress", Level::problem,
       Remedy::none},
      {"another app opened it", other, "inProgress", shows(inProgress), "other_application", Level::problem,
       Remedy::none},
      {"another app opened it, says the service",
       [](JournalFacts& f) {
         f.session.emplace();
         f.session->client_id = "app-1";
         f.session->refused = true;
       },
       "inProgress", shows(inProgress), "other_application", Level::problem, Remedy::none},
      {"another app completed it", other, "completed", shows(completed), "completed", Level::ok, Remedy::none},
      {"stuck", [](JournalFacts& f) { f.start_error = refusal(400, "400 BadRequest"); }, "completed", shows(completed),
       "wedged", Level::problem, Remedy::none},
      {"a start with too late a date",
       [](JournalFacts& f) { f.start_error = refusal(400, "must be older than the existing"); }, "completed",
       shows(completed), "completed", Level::ok, Remedy::none},
      {"switched, and not opened yet",
       [](JournalFacts& f) {
         f.conversation.road = "switched";
         f.planned = 2;
       },
       "created", shows(MigrationMode::none), "not_opened", Level::ok, Remedy::none},
      {"switched, and to be opened again",
       [](JournalFacts& f) {
         f.conversation.road = "switched";
         f.planned = 2;
       },
       "completed", shows(completed), "reopens", Level::ok, Remedy::none},
      {"state not shown", nothing, "inProgress", shows(MigrationMode::unknown), "state_hidden", Level::warning,
       Remedy::none},
      {"gone", nothing, "inProgress", refuses(404), "conversation_gone", Level::problem, Remedy::none},
      {"no right to look", nothing, "inProgress", refuses(403), "state_forbidden", Level::warning, Remedy::none},
      {"no answer", nothing, "inProgress", refuses(503), "state_unread", Level::warning, Remedy::none},
      {"not created", [](JournalFacts& f) { f.conversation.graph_id.clear(); }, "planned", {}, "not_created", Level::ok,
       Remedy::none},
      {"perhaps created",
       [](JournalFacts& f) {
         f.conversation.graph_id.clear();
         f.creation_unclear = true;
       },
       "planned", {}, "creation_unclear", Level::warning, Remedy::none},
  }));
  INFO(one.name);
  JournalFacts journal = facts(one.state);
  one.journal(journal);
  const auto checks = diagnose(journal, one.service);
  REQUIRE(checks.size() == 1);
  CHECK(checks[0].code == one.code);
  CHECK(checks[0].level == one.level);
  CHECK(checks[0].remedy == one.remedy);
  CHECK(checks[0].subject == "#general");
  CHECK(checks[0].conversation == 3);
  CHECK_FALSE(checks[0].text.empty());
  CHECK((checks[0].step.empty() == (checks[0].code == "completed")));
}

TEST_CASE("Who sees an open conversation depends on how it was opened", "[migrate][doctor]") {
  JournalFacts journal = facts("inProgress");
  CHECK(diagnose(journal, shows(inProgress))[0].text.find("nobody sees it") != std::string::npos);
  journal.session.emplace();
  journal.session->client_id = "app-1";
  journal.session->call = "startMigration";
  CHECK(diagnose(journal, shows(inProgress))[0].text.find("banner") != std::string::npos);
}

TEST_CASE("Messages in doubt are a line of their own, and are read where that is possible", "[migrate][doctor]") {
  JournalFacts journal = facts("completed");
  journal.doubt = journal.accepted = 2;
  const auto checks = diagnose(journal, shows(completed));
  REQUIRE(checks.size() == 2);
  CHECK(checks[1].code == "doubt");
  CHECK(checks[1].remedy == Remedy::read_doubts);
  CHECK(diagnose(journal, refuses(403))[1].remedy == Remedy::none);
}

TEST_CASE("Each standing of a team has its word, its level and its cure", "[migrate][doctor]") {
  TeamFacts facts;
  facts.team.displayName = "Orbit";
  facts.team.graph_id = "t1";
  facts.team.state = "created";
  facts.general = inProgress;
  facts.channels_seen = true;
  const auto says = [&facts](const char* code, Level level, Remedy remedy = Remedy::none) {
    const Check check = diagnose(facts);
    INFO(check.text);
    CHECK(check.code == code);
    CHECK(check.level == level);
    CHECK(check.remedy == remedy);
  };
  SECTION("open") {
    says("open", Level::ok);
  }
  SECTION("General was completed early") {
    facts.general = completed;
    facts.open_channels = 2;
    says("general_early", Level::problem);
  }
  SECTION("every channel is completed, the team is not") {
    facts.general = completed;
    says("ready_to_complete", Level::warning);
    facts.completion_asked = true;
    says("ready_to_complete", Level::warning, Remedy::complete);
  }
  SECTION("completed") {
    facts.team.state = "completed";
    says("completed", Level::ok);
  }
  SECTION("channels of others") {
    facts.strangers = {"'stray'"};
    says("unknown_channels", Level::problem);
  }
  SECTION("gone") {
    facts.channels_seen = false;
    facts.error = refusal(404, "No team found");
    says("team_gone", Level::problem);
  }
  SECTION("no right to look") {
    facts.channels_seen = false;
    facts.error = refusal(403, "no");
    says("state_forbidden", Level::warning);
  }
  SECTION("no answer") {
    facts.channels_seen = false;
    facts.error = refusal(503, "busy");
    says("state_unread", Level::warning);
  }
  SECTION("not created, or perhaps") {
    facts.team.graph_id.clear();
    facts.team.state = "planned";
    says("not_created", Level::ok);
    facts.team.state = "creating";
    says("creation_unclear", Level::warning);
  }
}
