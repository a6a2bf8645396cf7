#include <catch2/catch.hpp>
#include <random>

#include "tests/native/migrate/plan_sample.h"

using namespace teamferry;
using namespace teamferry::migrate;
using journal::State;
using journal::Transaction;

namespace {

// Everything a journal holds, as text.
std::vector<std::string> dump(journal::Journal& journal) {
  std::vector<std::string> lines;
  for (const auto& t : journal.teams()) lines.push_back("team " + t.displayName + t.body + t.state + t.graph_id);
  for (const auto& p : journal.people())
    lines.push_back("person " + p.id + p.decision + p.graph_id + std::to_string(p.messages));
  for (const auto& c : journal.conversations()) {
    lines.push_back("conversation " + std::to_string(c.id) + c.source_id + c.displayName + c.kind + c.reason + c.body +
                    c.floor.to_string() + c.state);
    journal.each_message(c.id, [&](const journal::MessageRow& r) {
      lines.push_back(std::to_string(r.id) + " " + r.key + " " + r.record + " " + name(r.state) + " " +
                      std::to_string(r.time.ms) + " " + std::to_string(r.planned_time.ms) + " " +
                      std::to_string(r.root) + " " + r.reason + " " + r.body + " " + r.graph_id);
      return true;
    });
    const auto totals = journal.totals(c.id);
    for (const auto& [kind, n] : totals.losses_by_kind) lines.push_back("loss " + kind + std::to_string(n));
    for (const auto& [reason, n] : totals.skipped_by_reason) lines.push_back("skipped " + reason + std::to_string(n));
    for (const auto& [reason, n] : totals.failed_by_reason) lines.push_back("failed " + reason + std::to_string(n));
    for (const auto& [state, n] : totals.by_state) lines.push_back(std::string(name(state)) + std::to_string(n));
  }
  for (const auto& f : journal.findings(1000)) lines.push_back("finding " + f);
  return lines;
}

void send(Sample& s, const std::string& room, const std::string& key) {
  const auto row = s.row(room, key);
  s.commit([&](Transaction& t) {
    t.intent(row.id, row.time, 0, "hash");
    t.sent(row.id, std::to_string(row.time.ms), "");
  });
}

Sample& with_everything(Sample& s) {
  auto& one = s.mapper.room("C1", "general");
  one.messages = {{"a", 1000},
                  {"b", 1000, "U3"},
                  reply("c", 1000, "a"),
                  reply("d", 2000, "gone"),
                  reply("e", 2001, "gone"),
                  skipped("s", "join"),
                  parked("p", "x.lua:1: no"),
                  {"a", 1000},
                  {"", 3000},
                  {"", 3000},
                  {"f", 4000, "U1", ""},
                  reply("g", 5000, "f")};
  s.mapper.room("C2", "a/b").messages = {{"z", 1}};
  s.mapper.room("C3", "a\\b").messages = {{"y", 2}};
  s.mapper.room("D1", "dm").place.chatType = "oneOnOne";
  s.mapper.rooms.back().messages = {{"x", 3}};
  return s;
}

}  // namespace

TEST_CASE("The same input and the same journal give the same plan", "[plan]") {
  Sample s;
  with_everything(s).planned();
  const auto first = dump(*s.journal);
  const auto summary = s.planned();
  CHECK(dump(*s.journal) == first);
  CHECK(summary.forgotten == 0);
  SECTION("in another journal too") {
    Sample other;
    with_everything(other).planned();
    CHECK(dump(*other.journal) == first);
  }
}

TEST_CASE("The order in which rooms are read changes nothing", "[plan]") {
  Sample s;
  with_everything(s).planned();
  Sample reversed;
  with_everything(reversed);
  std::reverse(reversed.mapper.rooms.begin(), reversed.mapper.rooms.end());
  reversed.planned();
  CHECK(dump(*reversed.journal) == dump(*s.journal));
}

TEST_CASE("What was sent stays as it was sent, and a difference is told", "[plan]") {
  Sample s;
  auto& room = s.mapper.room("C1");
  room.messages = {{"a", 1000}, {"b", 2000}, {"c", 3000}, {"d", 4000}};
  s.planned();
  send(s, "C1", "a");
  send(s, "C1", "b");
  const auto doubtful = s.row("C1", "c");
  s.commit([&](Transaction& t) {
    t.intent(doubtful.id, doubtful.time, 0, "h");
    t.doubt(doubtful.id, "no answer");
  });
  const auto before = s.row("C1", "a");
  for (auto& said : room.messages) said.content = "<p>mapped otherwise</p>";
  room.messages[1].content = "<p>hello</p>";
  const auto summary = s.planned();
  CHECK(summary.changed_after_sent == 2);
  CHECK(summary.planned == 4);
  CHECK(s.row("C1", "a").body == before.body);
  CHECK(s.row("C1", "a").state == State::sent);
  CHECK(s.row("C1", "c").state == State::doubt);
  CHECK(s.row("C1", "d").body.find("mapped otherwise") != std::string::npos);
  CHECK(s.journal->totals().losses_by_kind.empty());
}

TEST_CASE("A second export adds what is new around what has a time", "[plan]") {
  Sample s;
  auto& room = s.mapper.room("C1");
  room.messages = {{"b", 1000}, {"c", 1000}};
  s.planned();
  send(s, "C1", "b");
  const auto id = s.row("C1", "c").id;
  room.messages.insert(room.messages.begin(), Said{"a", 1000});
  room.messages.push_back(reply("r", 999, "c"));
  const auto summary = s.planned();
  CHECK(s.time("C1", "b") == 1000);
  CHECK(s.time("C1", "c") == 1001);
  CHECK(s.row("C1", "c").id == id);
  CHECK(s.time("C1", "a") == 1002);
  CHECK(s.time("C1", "r") == 1003);
  CHECK(summary.planned == 4);
  CHECK(summary.longest_lane == 3);
}

TEST_CASE("Records that are gone are forgotten, unless they were sent", "[plan]") {
  Sample s;
  auto& room = s.mapper.room("C1");
  room.messages = {{"a", 1000}, {"b", 2000}, skipped("s", "join"), reply("r", 3000, "a")};
  s.planned();
  send(s, "C1", "a");
  room.messages = {reply("n", 4000, "a")};
  const auto summary = s.planned();
  CHECK(summary.vanished == 1);
  CHECK(summary.forgotten == 3);
  CHECK(s.journal->totals().records() == 1);
  CHECK(s.journal->totals().added.at(State::sent) == 1);
  CHECK(s.row("C1", "n").root == s.row("C1", "a").id);
  SECTION("with their room") {
    s.mapper.rooms.clear();
    s.planned();
    CHECK(s.journal->totals().records() == 0);
    CHECK(s.conversation("C1").kind == "skipped");
  }
  SECTION("and count again when an export shows them again") {
    room.messages = {{"a", 1000}, reply("n", 4000, "a")};
    s.planned();
    CHECK(s.journal->totals().records() == 2);
    CHECK(s.journal->totals().added[State::sent] == 0);
  }
}

TEST_CASE("What was sent is one record still when a narrower plan would leave it out", "[plan]") {
  Sample s;
  auto& room = s.mapper.room("C1");
  room.messages = {{"a", 1000}, {"b", 2000}, {"c", 3000}};
  s.planned();
  send(s, "C1", "a");
  send(s, "C1", "b");
  SECTION("because its room is skipped, which leaves the records without keys") {
    room.place.skip_reason = "private channel";
    room.messages = {skipped("", ""), skipped("", ""), skipped("", "")};
  }
  SECTION("because the mapping skips it") {
    room.messages = {skipped("", "too old"), skipped("", "too old"), skipped("", "too old")};
  }
  const auto summary = s.planned();
  const auto totals = s.journal->totals();
  CHECK(totals.records() == 3);
  CHECK(totals.sent() == 2);
  CHECK(totals.skipped() == 1);
  CHECK(summary.changed_after_sent == 2);
  CHECK(summary.vanished == 0);
}

TEST_CASE("A record that is repaired takes its place, one that is skipped now gives it up", "[plan]") {
  Sample s;
  auto& room = s.mapper.room("C1");
  room.messages = {parked("a", "x.lua:1: no"), {"b", 1000}, reply("r", 2000, "a")};
  s.planned();
  CHECK(s.row("C1", "r").state == State::blocked);
  CHECK(s.time("C1", "r") == 2000);
  room.messages[0] = {"a", 1000};
  room.messages[1].outcome = MappedMessage::Outcome::skipped;
  room.messages[1].reason = "noise";
  const auto summary = s.planned();
  CHECK(s.time("C1", "a") == 1000);
  CHECK(s.row("C1", "b").state == State::skipped);
  CHECK(s.row("C1", "r").state == State::planned);
  CHECK(summary.failed == 0);
  CHECK(s.journal->totals().failed_by_reason.empty());
}

TEST_CASE("A planned message that had to move keeps its new time, and its planned one is remembered", "[plan]") {
  Sample s;
  s.mapper.room("C1").messages = {{"a", 1000}, {"b", 2000}};
  s.planned();
  const auto row = s.row("C1", "a");
  s.commit([&](Transaction& t) {
    t.taken(1, at(1000));
    t.move({{row.id, at(1001)}});
  });
  s.planned();
  CHECK(s.time("C1", "a") == 1001);
  CHECK(s.row("C1", "a").planned_time == at(1000));
}

TEST_CASE("What is created keeps its name, team, time and place", "[plan]") {
  Sample s;
  s.mapper.room("C2", "plans").messages = {{"a", 0}};
  s.planned();
  auto conversation = s.conversation("C2");
  auto team = s.journal->teams().at(0);
  s.commit([&](Transaction& t) {
    conversation.state = "inProgress";
    conversation.graph_id = "19:x";
    team.state = "created";
    team.graph_id = "guid";
    t.conversation(conversation);
    t.team(team);
  });
  // A room that would be named first, an older message, and a choice that leaves the created one out.
  s.mapper.room("C1", "plans").messages = {{"k", 5}};
  s.mapper.rooms[0].messages.push_back({"old", -400 * 86'400'000LL});
  SECTION("with new rooms") {
    s.planned();
    CHECK(s.conversation("C1").displayName == "plans (2)");
    CHECK(s.row("C2", "old").state == State::failed);
    CHECK(s.row("C2", "old").reason.starts_with("R5 "));
  }
  SECTION("left out") {
    s.mapper.rooms[0].place.skip_reason = "not chosen";
    s.planned();
    CHECK(s.row("C2", "a").state == State::skipped);
  }
  const auto after = s.conversation("C2");
  CHECK(after.kind == "channel");
  CHECK(after.displayName == "plans");
  CHECK(after.floor == conversation.floor);
  CHECK(after.graph_id == "19:x");
  CHECK(s.journal->teams().at(0).body == team.body);
  CHECK(s.journal->teams().at(0).graph_id == "guid");
}

TEST_CASE("A plan that broke off is made whole by the next", "[plan]") {
  Sample s;
  Sample whole;
  with_everything(s);
  with_everything(whole).planned();
  s.options.people.fallback.clear();
  CHECK_FALSE(s.try_plan());
  s.options.people.fallback = "archive@acme.example";
  s.planned();
  CHECK(dump(*s.journal) == dump(*whole.journal));
}

TEST_CASE("Planning again and again in any order of messages keeps every time and adds up", "[plan]") {
  std::mt19937 random(7);
  Sample s;
  auto& room = s.mapper.room("C1");
  for (int i = 0; i < 60; ++i) {
    auto said = reply("k" + std::to_string(i), static_cast<std::int64_t>(random() % 30),
                      random() % 2 ? "" : "k" + std::to_string(random() % 70));
    room.messages.push_back(said);
  }
  std::map<std::string, std::int64_t> times;
  for (int round = 0; round < 10; ++round) {
    const auto summary = s.planned();
    CHECK(summary.planned == 60);
    for (const auto& lane : s.journal->lane(1)) {
      const auto key = s.journal->message(lane.id)->key;
      if (round > 0) CHECK(times.at(key) == lane.time.ms);
      times[key] = lane.time.ms;
      if (random() % 10 == 0 && lane.state == State::planned && lane.root == 0) send(s, "C1", key);
    }
    std::shuffle(room.messages.begin(), room.messages.end(), random);
  }
}

TEST_CASE("A message that is no longer planned loses the body it had", "[plan]") {
  Sample s;
  auto& room = s.mapper.room("C1");
  room.messages = {{"a", 1}, {"b", 2}, {"c", 3}, {"d", 4}};
  s.planned();
  REQUIRE_FALSE(s.row("C1", "a").body.empty());
  room.messages = {
      skipped("a", "join"), parked("b", "x.lua:1: no"), {"c", 3, "U1", std::string(30'000, 'x')}, {"d", 4}};
  s.planned();
  CHECK(s.row("C1", "a").body.empty());
  CHECK(s.row("C1", "b").body.empty());
  CHECK_FALSE(s.row("C1", "c").body.empty());  // it broke a rule: a person will want to see it
  CHECK_FALSE(s.row("C1", "d").body.empty());
}

TEST_CASE("A journal names the scripts of its last plan alone", "[plan]") {
  Sample s;
  s.mapper.room("C1").messages = {{"a", 1}};
  s.options.scripts = {{"migrate.lua", "ab12"}, {"rules.lua", "cd34"}};
  s.planned();
  CHECK(s.journal->meta("script rules.lua") == "cd34");
  s.options.scripts = {{"migrate.lua", "ef56"}};
  s.planned();
  CHECK(s.journal->meta("script migrate.lua") == "ef56");
  CHECK_FALSE(s.journal->meta("script rules.lua"));
  CHECK(s.journal->meta("export") == "acme.zip");
}
