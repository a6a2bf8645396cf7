#include <catch2/catch.hpp>

#include "tests/native/journal/sample.h"
#include "tests/support/virtual_loop.h"

using namespace teamferry;
using namespace teamferry::journal;

namespace {

std::unique_ptr<PlanWriter> begin(Journal& journal) {
  auto writer = std::move(journal.begin_plan().value());
  writer->begin_conversation(kGeneral).value();
  return writer;
}

void commit(Journal& journal, Committer::Work work) {
  VirtualLoop loop;
  auto committer = journal.direct_committer();
  loop.run(committer->commit(std::move(work))).value();
}

}  // namespace

TEST_CASE("A plan is whole only when its writer has finished", "[journal]") {
  auto journal = std::move(Journal::open(":memory:").value());
  CHECK_FALSE(journal->plan_finished());
  write_plan(*journal, 2);
  CHECK(journal->plan_finished());
  {
    auto writer = begin(*journal);
    writer->put(planned(3, "k3", 3000)).value();
    CHECK_FALSE(journal->plan_finished());
  }
  CHECK_FALSE(journal->plan_finished());
  CHECK(journal->totals().records() == 2);  // the row of the abandoned plan is not there
}

TEST_CASE("Totals add up while a plan is written again", "[journal]") {
  auto journal = std::move(Journal::open(":memory:").value());
  write_plan(*journal, 3);
  auto writer = begin(*journal);
  writer->put(skipped(1, "k1", "join")).value();
  auto parked = planned(2, "k2", 2000);
  parked.state = State::failed;
  parked.reason = "migrate.lua:14: unknown field";
  writer->put(parked).value();
  writer->put_loss(row(2), "card", "").value();
  writer->put_loss(row(3), "card", "a").value();
  writer->put_loss(row(3), "poll", "b").value();
  auto pin = planned(4, "pin", 9000);
  pin.added = true;
  writer->put(pin).value();
  writer->finish().value();

  auto totals = journal->totals();
  CHECK(totals.records() == 3);
  CHECK(totals.skipped() == 1);
  CHECK(totals.failed() == 1);
  CHECK(totals.open() == 2);
  CHECK(totals.skipped_by_reason == std::map<std::string, std::int64_t>{{"join", 1}});
  CHECK(totals.failed_by_reason == std::map<std::string, std::int64_t>{{"migrate.lua:14", 1}});
  CHECK(totals.losses_by_kind == std::map<std::string, std::int64_t>{{"card", 2}, {"poll", 1}});
  CHECK(journal->totals(kGeneral).records() == 3);

  writer = begin(*journal);  // forgets the losses of the plan before
  writer->put(planned(1, "k1", 1000)).value();
  writer->forget(row(2)).value();
  writer->finish().value();
  totals = journal->totals();
  CHECK(totals.records() == 2);
  CHECK(totals.skipped_by_reason.empty());
  CHECK(totals.failed_by_reason.empty());
  CHECK(totals.losses_by_kind.empty());
  CHECK_FALSE(journal->message(row(2)));
  CHECK_FALSE(journal->body(row(2)));
}

TEST_CASE("A plan leaves rows alone that may be in Teams", "[journal]") {
  auto journal = std::move(Journal::open(":memory:").value());
  write_plan(*journal, 3);
  {
    auto noting = begin(*journal);
    noting->put_loss(row(2), "link_as_text", "").value();
    noting->finish().value();
  }
  commit(*journal, [](Transaction& t) {
    t.intent(row(1), at(1000), 0, "hash");
    t.intent(row(2), at(2000), 0, "hash");
    t.sent(row(2), "1549281602000", "");
    t.intent(row(3), at(3000), 0, "hash");
    t.doubt(row(3), "no answer");
  });
  auto writer = begin(*journal);
  for (const std::uint32_t ordinal : {1, 2, 3}) {
    CHECK(writer->put(planned(ordinal, "k", 9000)).error().code == "journal_protocol");
    CHECK(writer->put_body(row(ordinal), "{}").error().code == "journal_protocol");
    CHECK(writer->forget(row(ordinal)).error().code == "journal_protocol");
  }
  writer->finish().value();
  CHECK(journal->message(row(2))->graph_id == "1549281602000");
  CHECK(journal->body(row(2)).value() == R"({"n":2})");
  CHECK(journal->totals().losses_by_kind.at("link_as_text") == 1);
}

TEST_CASE("Two live rows of a conversation cannot have one time", "[journal]") {
  auto journal = std::move(Journal::open(":memory:").value());
  write_plan(*journal, 1);
  auto writer = begin(*journal);
  CHECK(writer->put(planned(2, "k2", 1000)).error().code == "journal_protocol");
  auto elsewhere = planned(2, "k2", 1000);
  elsewhere.id = row_id(2, 1);
  CHECK(writer->put(elsewhere).ok());
  auto failed = planned(3, "k3", 1000);
  failed.state = State::failed;
  CHECK(writer->put(failed).ok());  // nothing of it is in Teams
}

TEST_CASE("Rows are known again in the order of their ids", "[journal]") {
  auto journal = std::move(Journal::open(":memory:").value());
  write_plan(*journal, 2);
  auto writer = begin(*journal);
  writer->put(planned(3, "k3", 500, row(1))).value();
  writer->finish().value();
  std::vector<std::string> seen;
  journal->each_known(kGeneral, [&](const KnownRow& r) {
    seen.push_back(std::string(r.key) + " " + std::to_string(r.time->ms - kNoon.ms) + " " +
                   std::to_string(r.root ? ordinal_of(r.root) : 0));
  });
  CHECK(seen == std::vector<std::string>{"k1 1000 0", "k2 2000 0", "k3 500 1"});
  std::vector<std::int64_t> lane;
  for (const auto& r : journal->lane(kGeneral)) lane.push_back(r.time.ms - kNoon.ms);
  CHECK(lane == std::vector<std::int64_t>{500, 1000, 2000});
}

TEST_CASE("Findings of a plan go with the next plan, those of a run stay", "[journal]") {
  auto journal = std::move(Journal::open(":memory:").value());
  write_plan(*journal, 1);
  auto writer = begin(*journal);
  writer->put_finding("R20", row(1), "too large").value();
  writer->finish().value();
  commit(*journal, [](Transaction& t) { t.finding("moved", row(1), "by 1 ms"); });
  CHECK(journal->totals().findings_by_kind == std::map<std::string, std::int64_t>{{"R20", 1}, {"moved", 1}});
  CHECK(journal->findings(10) == std::vector<std::string>{"R20 general/2019-02-04.json record 1: too large",
                                                          "moved general/2019-02-04.json record 1: by 1 ms"});
  begin(*journal)->finish().value();
  CHECK(journal->totals().findings_by_kind == std::map<std::string, std::int64_t>{{"moved", 1}});
  CHECK(journal->findings(10).size() == 1);
}

TEST_CASE("Conversations may be written at the same time, each as if alone", "[journal]") {
  auto journal = std::move(Journal::open(":memory:").value());
  write_plan(*journal, 2);
  auto writer = std::move(journal->begin_plan().value());
  const auto other = [](std::uint32_t ordinal) { return row_id(2, ordinal); };
  writer->begin_conversation(kGeneral).value();
  writer->begin_conversation(2).value();
  for (std::uint32_t i = 1; i <= 2; ++i) {
    writer->put_loss(other(i), "poll", "").value();
    writer->put_loss(row(i), "call", "").value();
    writer->put_loss(other(i), "card", "").value();
    PlanRow there = planned(i, "k", i);
    there.id = other(i);
    writer->put(planned(i, "again", i)).value();  // replaces the row of the plan before
    writer->put(there).value();
  }
  writer->conversation_done(2).value();
  writer->conversation_done(kGeneral).value();
  writer->finish().value();
  CHECK(journal->totals(kGeneral).records() == 2);
  CHECK(journal->totals(2).records() == 2);
  CHECK(journal->totals(2).losses_by_kind == std::map<std::string, std::int64_t>{{"poll", 2}, {"card", 2}});
}
