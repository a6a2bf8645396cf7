#include "native/journal/difference.h"

#include <catch2/catch.hpp>

#include "native/journal/sqlite.h"
#include "tests/native/journal/sample.h"

using namespace teamferry;
using namespace teamferry::journal;

namespace {

std::string body(const std::string& author, const std::string& content) {
  return R"({"from":{"user":{"id":")" + author + R"("}},"body":{"content":")" + content + "\"}}";
}

// One row of a plan, as a test writes it down.
struct Row {
  std::string key, author, content;
  std::int64_t ms;
  std::string skipped, failed;
};

void plan(const std::string& path, const std::vector<Row>& rows, const std::string& channel = "General") {
  auto journal = std::move(Journal::open(path).value());
  auto writer = std::move(journal->begin_plan().value());
  writer->put_team(Team{1, "Acme", "{}", "", "planned", ""}).value();
  Conversation place = general();
  place.displayName = channel;
  writer->put_conversation(place).value();
  writer->begin_conversation(kGeneral).value();
  std::uint32_t ordinal = 0;
  for (const auto& each : rows) {
    ++ordinal;
    PlanRow row = each.skipped.empty() ? planned(ordinal, each.key, each.ms) : skipped(ordinal, "", each.skipped);
    const std::string record = "general.json record " + std::to_string(ordinal);
    row.record = record;
    if (!each.failed.empty()) {
      row.state = State::failed;
      row.reason = each.failed;
    }
    const std::string json = body(each.author, each.content);
    if (each.skipped.empty()) writer->put_body(row.id, json).value();
    writer->put(row).value();
  }
  writer->conversation_done(kGeneral).value();
  writer->finish().value();
}

using Counts = std::map<std::string, std::int64_t>;

}  // namespace

TEST_CASE("Two plans of one export differ by what became of each record", "[journal]") {
  TempFolder folder;
  const std::string before = folder.file("before.db"), after = folder.file("after.db");
  plan(before, {{"same", "U1", "a", 1000, "", ""},
                {"text", "U1", "b", 2000, "", ""},
                {"author", "U1", "c", 3000, "", ""},
                {"time", "U1", "d", 4000, "", ""},
                {"left", "U1", "e", 5000, "", ""},
                {"long", "U1", "f", 6000, "", ""},
                {"", "U1", "", 0, "event", ""},
                {"", "U1", "", 0, "event", ""},
                {"gone", "U1", "g", 9000, "", ""}});
  plan(after, {{"same", "U1", "a", 1000, "", ""},
               {"text", "U1", "B", 2000, "", ""},
               {"author", "U2", "c", 3000, "", ""},
               {"time", "U1", "d", 4001, "", ""},
               {"", "U1", "", 0, "bot", ""},
               {"long", "U1", "f", 6000, "", "R20: too long"},
               {"", "U1", "", 0, "event", ""},
               {"joined", "U1", "x", 8000, "", ""}});
  const auto found = compare(before, after, 5).value();
  CHECK(found.rows == 8);
  CHECK(found.changed == 3);
  CHECK(found.changes == Counts{{"body", 1},
                                {"author", 1},
                                {"time", 1},
                                {"now skipped", 1},
                                {"now failed", 1},
                                {"now planned", 1},
                                {"gone", 1}});
  CHECK(found.skipped == Counts{{"bot", 1}});
  CHECK(found.failed == Counts{{"R20", 1}});
  REQUIRE(found.samples.size() == 7);
  const auto& text = found.samples[1];
  CHECK(text.kind == "body");
  CHECK(text.record == "general.json record 2");
  CHECK(text.before == body("U1", "b"));
  CHECK(text.after == body("U1", "B"));
}

TEST_CASE("A renamed channel is another place for what is in it", "[journal]") {
  TempFolder folder;
  plan(folder.file("before.db"), {{"a", "U1", "a", 1000, "", ""}});
  plan(folder.file("after.db"), {{"a", "U1", "a", 1000, "", ""}}, "Harbour");
  const auto found = compare(folder.file("before.db"), folder.file("after.db"), 1).value();
  CHECK(found.changes == Counts{{"place", 1}});
  CHECK(found.samples.at(0).conversation == "Harbour");
}

TEST_CASE("In a copy nothing has been sent, and the journal stays as it was", "[journal]") {
  TempFolder folder;
  const std::string path = folder.file("journal.db"), copy = folder.file("copy.db");
  plan(path, {{"a", "U1", "a", 1000, "", ""}, {"b", "U1", "b", 2000, "", ""}});
  {
    Database db(path, Database::Mode::write);
    db.exec(
        "UPDATE message SET state = 2, graph_id = '7', hash = x'00' WHERE key = 'a';"
        "UPDATE counter SET n = n - 1 WHERE kind = 'state' AND name = 'planned';"
        "INSERT INTO counter VALUES (1, 'state', 'sent', 1)");
  }
  REQUIRE(copy_unsent(path, copy));
  const auto journal = std::move(Journal::open(copy).value());
  CHECK(journal->totals().sent() == 0);
  CHECK(journal->totals().open() == 2);
  CHECK(journal->totals().records() == 2);
  CHECK(std::move(Journal::open(path, Access::read).value())->totals().sent() == 1);
  const auto found = compare(path, copy, 1).value();
  CHECK(found.changes.empty());
  CHECK_FALSE(copy_unsent(folder.file("none.db"), folder.file("x.db")));
}

TEST_CASE("There are at most as many samples of a kind as were asked for", "[journal]") {
  TempFolder folder;
  plan(folder.file("before.db"), {{"a", "U1", "a", 1000, "", ""}, {"b", "U1", "b", 2000, "", ""}});
  plan(folder.file("after.db"), {{"a", "U1", "A", 1000, "", ""}, {"b", "U1", "B", 2000, "", ""}});
  CHECK(compare(folder.file("before.db"), folder.file("after.db"), 1).value().samples.size() == 1);
  CHECK(compare(folder.file("before.db"), folder.file("after.db"), 9).value().samples.size() == 2);
  CHECK(compare(folder.file("before.db"), folder.file("after.db"), 0).value().samples.empty());
}
