#include "native/migrate/plan_queue.h"

#include <catch2/catch.hpp>
#include <thread>

#include "tests/native/migrate/plan_sample.h"

using namespace teamferry;
using namespace teamferry::migrate;

namespace {

// Writes until all workers have left.
void drain(PlanQueue& queue, journal::PlanWriter& writer) {
  while (auto item = queue.pop()) {
    if (item->call) {
      item->call();
    } else {
      replay(item->rows, writer).value();
    }
  }
}

}  // namespace

TEST_CASE("Rows that a worker wrote are in the journal, as if written at once", "[workers]") {
  Sample sample;
  sample.mapper.room("C1").messages = {{"1", 0}};
  sample.planned();
  auto writer = std::move(sample.journal->begin_plan().value());
  PlanQueue queue;
  queue.enter();
  std::thread worker([&] {
    QueuedJournal journal(queue, *sample.journal);
    int known = 0;
    journal.each_known(1, [&](const journal::KnownRow& row) { known += row.key == "1"; });
    CHECK(known == 1);
    CHECK(journal.taken(1).empty());
    CHECK(journal.body(journal::row_id(1, 1)));
    journal.begin_conversation(1).value();
    for (std::uint32_t i = 1; i <= 2000; ++i) {
      const auto id = journal::row_id(1, i);
      const std::string key = std::to_string(i), body(200, 'x');
      journal.put_body(id, "{\"" + body + "\":1}").value();
      journal.put_loss(id, "poll", key).value();
      journal::PlanRow row;
      row.id = id;
      row.key = key;
      row.record = "a record";
      row.time = row.planned_time = at(i);
      row.root = i > 1 ? journal::row_id(1, 1) : 0;
      journal.put(row).value();
    }
    journal.drop(journal::row_id(1, 2000)).value();
    journal.forget(journal::row_id(1, 1999)).value();
    journal.set_added(journal::row_id(1, 1998), true).value();
    journal.conversation_done(1).value();
    queue.leave();
  });
  drain(queue, *writer);
  worker.join();
  writer->finish().value();
  CHECK(sample.journal->totals().records() == 1998);
  CHECK(sample.journal->totals().losses_by_kind.at("poll") == 1999);
  const auto row = sample.row("C1", "7");
  CHECK(row.time == at(7));
  CHECK(row.root == journal::row_id(1, 1));
  CHECK(row.body.size() > 200);
}

TEST_CASE("What a question throws is thrown where it was asked", "[workers]") {
  Sample sample;
  auto writer = std::move(sample.journal->begin_plan().value());
  PlanQueue queue;
  queue.enter();
  std::string caught;
  std::thread worker([&] {
    try {
      queue.ask([] { throw std::runtime_error("no answer"); });
    } catch (const std::runtime_error& e) {
      caught = e.what();
    }
    queue.leave();
  });
  drain(queue, *writer);
  worker.join();
  CHECK(caught == "no answer");
}

TEST_CASE("A closed queue keeps nobody waiting", "[workers]") {
  PlanQueue queue;
  queue.enter();
  const std::string large(std::size_t{20} << 20, 'x');
  CHECK(queue.push(large));
  bool taken = true;
  int stopped = 0;
  std::thread worker([&] {
    taken = queue.push(large);  // the first one fills it
    try {
      queue.ask([] {});
    } catch (const journal::Failure&) {
      ++stopped;
    }
    queue.leave();
  });
  queue.close();
  worker.join();
  CHECK_FALSE(taken);
  CHECK(stopped == 1);
  CHECK_FALSE(queue.pop());
}
