#include "native/migrate/plan_places.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "tests/native/migrate/plan_sample.h"

using namespace teamferry;
using namespace teamferry::migrate;
using Catch::Matchers::Contains;
using nlohmann::json;

namespace {

Room& spoken(Sample& s, const std::string& id, const std::string& name, std::int64_t ms = 0) {
  auto& room = s.mapper.room(id, name);
  room.messages = {{"k-" + id, ms}};
  return room;
}

}  // namespace

TEST_CASE("Channels get legal names that are theirs alone in their team", "[plan]") {
  Sample s;
  spoken(s, "C1", "plans");
  spoken(s, "C2", "Plans");
  spoken(s, "C3", "a/b");
  spoken(s, "C4", "plans").place.team = "Other";
  const auto summary = s.planned();
  CHECK(s.conversation("C1").displayName == "plans");
  CHECK(s.conversation("C2").displayName == "Plans (2)");
  CHECK(s.conversation("C3").displayName == "a-b");
  CHECK(s.conversation("C4").displayName == "plans");
  CHECK(s.conversation("C4").team != s.conversation("C1").team);
  CHECK(s.journal->totals().losses_by_kind.at("name_changed") == 2);
  CHECK(summary.teams == 2);
}

TEST_CASE("A room called general fills the team's own channel", "[plan]") {
  Sample s;
  spoken(s, "C1", "General");
  spoken(s, "C2", "general");
  spoken(s, "C3", "GENERAL").place.team = "Other";
  s.planned();
  CHECK(s.conversation("C1").general);
  CHECK(s.conversation("C1").displayName == "General");
  CHECK_FALSE(s.conversation("C2").general);
  CHECK(s.conversation("C2").displayName == "general (2)");
  CHECK(s.conversation("C3").general);
}

TEST_CASE("Rooms with one id are parts of one conversation", "[plan]") {
  Sample s;
  spoken(s, "C1", "plans", 5);
  auto& second = spoken(s, "C1", "plans-2017", 3);
  second.messages = {{"other", 3}};
  const auto summary = s.planned();
  CHECK(summary.conversations == 1);
  CHECK(s.conversation("C1").displayName == "plans");
  CHECK(s.journal->lane(1).size() == 2);
}

TEST_CASE("What the parts of a room lose are losses of the conversation", "[plan]") {
  Sample s;
  s.mapper.room("C0", "empty").place.losses = {{"topic", "nobody reads it"}};
  spoken(s, "C1", "plans").place.losses = {{"private_made_standard", "plans"}};
  s.mapper.room("C1", "plans-2017").place.losses = {{"topic", ""}};
  auto again = s.mapper.rooms[1].place;  // C1 once more, since another part of it lost something
  again.losses = {{"poll", "pinned"}};
  s.mapper.again.push_back(again);
  auto& skipped = spoken(s, "C2", "left");
  skipped.place.losses = {{"topic", ""}};
  skipped.place.skip_reason = "archived";
  using Counts = std::map<std::string, std::int64_t>;
  const Counts all{{"private_made_standard", 1}, {"topic", 1}, {"poll", 1}};
  CHECK(s.planned().records == 2);
  CHECK(s.journal->totals().losses_by_kind == all);
  CHECK(s.journal->totals(s.conversation("C1").id).losses_by_kind == all);
  SECTION("also of one that was created, when it is planned again") {
    auto created = s.conversation("C1");
    created.state = "inProgress";
    s.commit([&](journal::Transaction& t) { t.conversation(created); });
    s.planned();
    CHECK(s.journal->totals().losses_by_kind == all);
  }
}

TEST_CASE("A conversation begins before its messages, its team before it", "[plan]") {
  Sample s;
  spoken(s, "C1", "general", 0);                                             // February 4th: January 1st
  spoken(s, "C2", "old", -200 * 86'400'000LL);                               // July 19th 2018: June 1st
  spoken(s, "C3", "young").place.createdDateTime = at(-400 * 86'400'000LL);  // the room is older
  spoken(s, "C4", "later").place.createdDateTime = at(1000);                 // younger than its first message
  s.planned();
  CHECK(s.conversation("C2").floor.to_string() == "2018-06-01T00:00:00.000Z");
  CHECK(s.conversation("C3").floor == at(-400 * 86'400'000LL));
  CHECK(s.conversation("C4").floor.to_string() == "2019-01-01T00:00:00.000Z");
  const auto team = json::parse(s.journal->teams().at(0).body);
  CHECK(team["createdDateTime"] == at(-400 * 86'400'000LL - 1000).to_string());
  CHECK(s.conversation("C1").floor == at(-400 * 86'400'000LL - 1000));  // General is as old as its team
  const auto channel = json::parse(s.conversation("C2").body);
  CHECK(channel["createdDateTime"] == "2018-06-01T00:00:00.000Z");
  CHECK(channel["@microsoft.graph.channelCreationMode"] == "migration");
}

TEST_CASE("A team can be found again by the project that made it, whatever was planned since", "[plan]") {
  Sample s;
  spoken(s, "C1", "plans");
  const auto description = [&] {
    const auto team = json::parse(s.journal->teams().at(0).body);
    CHECK(team["template@odata.bind"] == "https://graph.microsoft.com/v1.0/teamsTemplates('standard')");
    return team["description"].get<std::string>();
  };
  s.planned();
  CHECK(description() == "History of Acme [teamferry 1a2b3c4d5e6f7a8b]");
  s.options.scripts["migrate.lua"] = "ab12";
  s.options.meta["export"] = "later.zip";
  s.planned();
  CHECK(description() == "History of Acme [teamferry 1a2b3c4d5e6f7a8b]");
  s.journal = std::move(journal::Journal::open(":memory:").value());
  s.planned();
  CHECK_THAT(description(), Contains(" [teamferry ") && !Contains("1a2b3c4d5e6f7a8b"));
}

TEST_CASE("A team gets a legal name, and the same one for names that come out alike", "[plan]") {
  Sample s;
  spoken(s, "C1", "plans").place.team = " Acme\nOld\x01 ";
  spoken(s, "C2", "talk").place.team = "Acme Old";
  spoken(s, "C3", "long").place.team = std::string(300, 'a');
  s.planned();
  REQUIRE(s.journal->teams().size() == 2);
  CHECK(s.journal->teams()[0].displayName == "Acme Old");
  CHECK(json::parse(s.journal->teams()[0].body)["displayName"] == "Acme Old");
  CHECK(json::parse(s.journal->teams()[1].body)["displayName"] == std::string(256, 'a'));
  CHECK(s.journal->totals().losses_by_kind.at("name_changed") == 2);
}

TEST_CASE("A team that cannot be created ends the plan with the rule, the field and the cure", "[plan]") {
  Sample s;
  spoken(s, "C1", "plans").place.team = " \n ";
  const auto refused = s.try_plan();
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == "invalid");
  CHECK_THAT(refused.error().message, Contains("R39 displayName: it is empty") && Contains("Give the team a name"));
  CHECK_FALSE(s.journal->plan_finished());
}

TEST_CASE("A channel that cannot be created ends the plan", "[plan]") {
  PlannedPlace place;
  place.conversation.kind = "channel";
  place.conversation.state = "planned";
  place.conversation.displayName = "a#b";
  Places places;
  places.places.push_back(place);
  const auto refused = write_bodies(places, {});
  REQUIRE_FALSE(refused);
  CHECK_THAT(refused.error().message, Contains("R38 displayName") && Contains("Give the channel another name"));
  places.places[0].conversation.displayName = "a-b";
  places.places.push_back(places.places[0]);
  CHECK_THAT(write_bodies(places, {}).error().message, Contains("taken"));
}

TEST_CASE("A room without anything to send is not created", "[plan]") {
  Sample s;
  s.mapper.room("C1", "empty");
  s.mapper.room("C2", "joins").messages = {skipped("j", "join")};
  const auto summary = s.planned();
  CHECK(s.conversation("C1").kind == "skipped");
  CHECK(s.conversation("C1").reason == "empty");
  CHECK(s.conversation("C2").kind == "skipped");
  CHECK(summary.conversations == 0);
  CHECK(s.journal->totals().skipped_by_reason == std::map<std::string, std::int64_t>{{"join", 1}});
  CHECK(s.journal->teams().empty());
}

TEST_CASE("A room without a team to go to is an error that names the option", "[plan]") {
  Sample s;
  spoken(s, "C1", "plans");
  s.options.team.clear();
  CHECK_THAT(s.try_plan().error().message, Contains("plans") && Contains("--team"));
}

TEST_CASE("A link to a room reads as its channel's name", "[plan]") {
  Sample s;
  spoken(s, "C1", "a/b");
  spoken(s, "C2", "talk").messages[0].content = "<p><a conversation=\"C1\">a/b</a></p>";
  s.planned();
  CHECK_THAT(s.row("C2", "k-C2").body, Contains("<p>#a-b</p>"));
}
