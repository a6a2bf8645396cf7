#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "tests/native/migrate/plan_sample.h"

using namespace teamferry;
using namespace teamferry::migrate;
using Catch::Matchers::Contains;
using journal::State;
using nlohmann::json;
using Counts = std::map<std::string, std::int64_t>;

TEST_CASE("A message is planned in its final form", "[plan]") {
  Sample s;
  s.mapper.room("C1", "plans").messages = {{"k1", 511, "U1", "<p>hi <at person=\"U2\">Bo</at></p>"}};
  const auto summary = s.planned();
  const auto row = s.row("C1", "k1");
  CHECK(row.state == State::planned);
  CHECK(row.record == "plans.json record 1");
  const auto body = json::parse(journal::full_body(row.body, row.time));
  CHECK(body["createdDateTime"] == "2019-02-04T12:00:00.511Z");
  CHECK(body["from"]["user"]["displayName"] == "Ada Park");
  CHECK(body["body"]["content"] == "<p>hi <at id=\"0\">Bo</at></p>");
  CHECK(body["mentions"][0]["mentioned"]["user"]["displayName"] == "Bo Lind");
  CHECK(summary.records == 1);
  CHECK(summary.planned == 1);
  CHECK(summary.conversations == 1);
  CHECK(s.journal->totals().losses_by_kind.empty());
  CHECK(s.journal->plan_finished());
}

TEST_CASE("Somebody nobody is goes out under the fallback user with a line that names them", "[plan]") {
  Sample s;
  s.mapper.room("C1", "plans").messages = {{"k1", 1, "U3", "<p>hi <at person=\"U3\"></at></p>"}};
  s.mapper.persons[2].name = "Cy <Moss>";
  const auto summary = s.planned();
  const auto body = json::parse(s.row("C1", "k1").body);
  CHECK(body["from"]["user"]["displayName"] == "Archive");
  CHECK(body["body"]["content"] == "<p><strong>Cy &lt;Moss&gt;</strong></p><p>hi @Cy &lt;Moss&gt;</p>");
  CHECK(s.journal->totals().losses_by_kind == Counts{{"author_fallback", 1}, {"mention_unknown", 1}});
  CHECK(summary.people_fallback == 1);
  CHECK(s.journal->people().back().decision == "fallback");
}

TEST_CASE("Without a fallback user the plan ends with who is missing", "[plan]") {
  Sample s;
  s.options.people.fallback.clear();
  auto& room = s.mapper.room("C1");
  room.messages = {{"k1", 1, "U1"}};
  CHECK(s.try_plan().ok());  // Cy wrote nothing
  room.messages.push_back({"k2", 2, "U3"});
  const auto result = s.try_plan();
  REQUIRE_FALSE(result);
  CHECK(result.error().code == "people_missing");
  CHECK_THAT(result.error().message, Contains("Cy Moss"));
  CHECK_FALSE(s.journal->plan_finished());
}

TEST_CASE("Every record ends as planned, skipped with its reason, or failed", "[plan]") {
  Sample s;
  s.options.people.rows = {{"U2", "skip", "asked for it"}};
  auto& room = s.mapper.room("C1", "plans");
  Said pin{"pin", 5000};
  pin.added = true;
  Said timeless{"t"};
  timeless.timeless = true;
  room.messages = {{"first", 1000},
                   {"last", 8999},
                   {"bo", 2000, "U2"},
                   skipped("join", "join or leave"),
                   parked("bad", "migrate.lua:14: attempt to index a nil value"),
                   {"first", 1000},
                   pin,
                   timeless,
                   {"nobody", 3000, ""},
                   reply("r", 3000, "bad")};
  const auto summary = s.planned();
  CHECK(summary.records == 9);
  CHECK(summary.planned == 2);
  CHECK(summary.skipped == 3);
  CHECK(summary.failed == 4);
  CHECK(summary.added == 1);
  CHECK(summary.messages == 3);
  CHECK(s.journal->totals().skipped_by_reason ==
        Counts{{"author: asked for it", 1}, {"duplicate", 1}, {"join or leave", 1}});
  CHECK(s.journal->totals().failed_by_reason ==
        Counts{{"R1 createdDateTime", 1}, {"from is missing", 1}, {"migrate.lua:14", 1}, {"root failed", 1}});
  CHECK(s.row("C1", "r").state == State::blocked);
  const auto totals = s.journal->totals();
  CHECK(totals.records() == 9);
  CHECK(totals.exported == Counts{{"added", 1}, {"records", 9}});
}

TEST_CASE("Losses of a mapping are noted with its message", "[plan]") {
  Sample s;
  Said said{"k1", 1};
  said.losses = {{"card", "a poll"}, {"card", "another"}};
  Said again = said;
  s.mapper.room("C1").messages = {said, again, {"k2", 1}, reply("k3", 2, "gone")};
  const auto summary = s.planned();
  CHECK(s.journal->totals().losses_by_kind == Counts{{"card", 2}, {"orphan", 1}, {"time_moved", 2}});
}

TEST_CASE("Two different messages with one key are a finding", "[plan]") {
  Sample s;
  s.mapper.room("C1").messages = {{"k1", 1, "U1", "<p>a</p>"}, {"k1", 2, "U1", "<p>b</p>"}};
  s.planned();
  REQUIRE(s.journal->findings(9).size() == 1);
  CHECK_THAT(s.journal->findings(9)[0], Contains("C1.json record 2") && Contains("C1.json record 1"));
}

TEST_CASE("Records without a key get one from what they are, the same every time", "[plan]") {
  Sample s;
  s.mapper.room("C1").messages = {{"", 1, "U1", "a"}, {"", 1, "U1", "a"}, {"", 1, "U2", "a"}};
  CHECK(s.planned().planned == 3);
  std::vector<std::string> keys;
  s.journal->each_message(1, [&](const journal::MessageRow& row) { return keys.push_back(row.key), true; });
  std::sort(keys.begin(), keys.end());
  CHECK(std::adjacent_find(keys.begin(), keys.end()) == keys.end());
  CHECK(s.planned().forgotten == 0);
}

TEST_CASE("A message that breaks a rule fails with the rule and the cure", "[plan]") {
  Sample s;
  s.mapper.room("C1").messages = {{"big", 1, "U1", "<p>" + std::string(40'000, 'x') + "</p>"},
                                  {"empty", 2, "U1", ""},
                                  {"script", 3, "U1", "<p>x</p><script>alert(1)</script>"},
                                  {"fine", 4}};
  const auto summary = s.planned();
  CHECK(summary.failed == 3);
  CHECK_THAT(s.row("C1", "big").reason, Contains("R20 ") && Contains("Shorten"));
  CHECK_THAT(s.row("C1", "empty").reason, Contains("R19 "));
  CHECK_THAT(s.row("C1", "script").reason, Contains("R46 "));
}

TEST_CASE("Characters that Teams does not take are repaired, as a loss", "[plan]") {
  Sample s;
  s.mapper.room("C1").messages = {{"k1", 1, "U1", "<p>bell\x07 and stray \xff byte</p>"}};
  const auto summary = s.planned();
  CHECK(summary.failed == 0);
  CHECK(s.journal->totals().losses_by_kind.at("text_repaired") == 1);
  CHECK(json::parse(s.row("C1", "k1").body)["body"]["content"] == "<p>bell and stray \uFFFD byte</p>");
}

TEST_CASE("What the file was all there was leaves a message that can be sent", "[plan]") {
  Sample s;
  s.mapper.room("C1").messages = {{"k1", 1, "U1", "<attachment file=\"F1\"></attachment>"}};
  CHECK(s.planned().failed == 0);
  CHECK(json::parse(s.row("C1", "k1").body)["body"]["content"] == "&nbsp;");
}

TEST_CASE("Somebody whom only a message names becomes a person", "[plan]") {
  Sample s;
  Said hook{"k1", 1, "B1/Deploys"};
  hook.introduces = MappedPerson{};
  hook.introduces->id = "B1/Deploys";
  hook.introduces->name = "Deploys";
  s.mapper.room("C1").messages = {hook, {"k2", 2, "bo@acme.example"}};
  const auto summary = s.planned();
  CHECK(summary.people_fallback == 1);
  CHECK(summary.people_mapped == 1);
  CHECK_THAT(s.row("C1", "k1").body, Contains("<strong>Deploys</strong>"));
}

TEST_CASE("A room that is not migrated has its records counted with its reason", "[plan]") {
  Sample s;
  auto skipped_room = [&](const std::string& id) -> Room& {
    auto& room = s.mapper.room(id);
    room.messages = {{"k1", 1}, {"k2", 2}};
    return room;
  };
  skipped_room("D1").place.skip_reason = "direct messages";
  skipped_room("D2").place.chatType = "oneOnOne";
  skipped_room("E1").place.error = "migrate.lua:3: no name";
  skipped_room("Y1");
  skipped_room("C1");
  const auto summary = s.planned();
  CHECK(summary.conversations == 2);
  CHECK(summary.planned == 4);
  CHECK(s.journal->totals().failed_by_reason == Counts{{"conversation", 2}});
  CHECK(s.journal->totals().skipped_by_reason ==
        Counts{{"conversation: direct messages", 2}, {"conversation: not both members are in the tenant", 2}});
  CHECK(s.conversation("D1").kind == "skipped");
}

TEST_CASE("A journal belongs to one target and to one application in it", "[plan]") {
  Sample s;
  s.mapper.room("C1").messages = {{"k1", 1}};
  s.planned();
  SECTION("another target") {
    s.options.identity.target = "global";
  }
  SECTION("another application, which could not complete what this one opened") {
    s.options.identity.client_id = "app-2";
  }
  const auto result = s.try_plan();
  REQUIRE_FALSE(result);
  CHECK(result.error().code == "other_identity");
  CHECK(s.journal->meta("client_id") == "app-1");
  CHECK(s.journal->plan_finished());  // the plan that was there is untouched
}

TEST_CASE("The forecast is that of the longest conversation, or of all at the pace of the whole", "[plan]") {
  Sample s;
  auto& room = s.mapper.room("C1");
  for (int i = 0; i < 100; ++i) room.messages.push_back({"k" + std::to_string(i), i});
  CHECK(s.planned().forecast_seconds == Approx(20));
  s.options.messages_per_second = 1000;
  CHECK(s.planned().forecast_seconds == Approx(2.5));
}

TEST_CASE("Records that are skipped for more than a hundred reasons get a warning with one of them", "[plan]") {
  Sample sample;
  auto& room = sample.mapper.room("C1");
  for (int i = 0; i < 100; ++i) room.messages.push_back(skipped(std::to_string(i), "id " + std::to_string(1000 + i)));
  CHECK(sample.planned().warnings.empty());
  sample.mapper.rooms[0].messages.push_back(skipped("last", "id 1100"));
  const auto warnings = sample.planned().warnings;
  REQUIRE(warnings.size() == 1);
  CHECK_THAT(warnings[0], Catch::Matchers::Contains("101 different reasons, for example 'id 1000'"));
}
