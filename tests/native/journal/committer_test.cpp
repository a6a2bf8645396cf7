#include <sys/resource.h>
#include <catch2/catch.hpp>
#include <condition_variable>
#include <csignal>
#include <mutex>

#include "tests/native/journal/sample.h"
#include "tests/support/virtual_loop.h"

using namespace teamferry;
using namespace teamferry::journal;

namespace {

Task<void> send(Committer& committer, std::uint32_t ordinal, int& ok) {
  const Status status =
      co_await committer.commit([ordinal](Transaction& t) { t.intent(row(ordinal), at(ordinal * 1000), 0, "hash"); });
  if (status) ++ok;
}

Task<void> send_all(Committer& committer, int count, int& ok) {
  TaskGroup group;
  for (int i = 1; i <= count; ++i) group.add(send(committer, i, ok));
  co_await group.wait();
}

struct Fixture {
  TempFolder folder;
  std::string path = folder.file("acme.db");
  std::unique_ptr<Journal> journal = std::move(Journal::open(path).value());
  VirtualLoop loop;
  explicit Fixture(int messages) { write_plan(*journal, messages); }
};

}  // namespace

TEST_CASE("The threaded committer answers each commit when it is on the disk", "[journal]") {
  Fixture f(200);
  auto committer = f.journal->threaded_committer(f.loop);
  int ok = 0;
  f.loop.run(send_all(*committer, 200, ok));
  CHECK(ok == 200);
  CHECK(f.journal->totals().by_state.at(State::sending) == 200);
  CHECK(f.journal->lane(kGeneral).back().state == State::sending);
}

TEST_CASE("A breach of the protocol is thrown where it is awaited, and its neighbours are kept", "[journal]") {
  Fixture f(3);
  auto committer = f.journal->threaded_committer(f.loop);
  auto good = committer->commit([](Transaction& t) { t.intent(row(1), at(1000), 0, "h"); });
  auto bad = committer->commit([](Transaction& t) {
    t.failed(row(3), "left behind");
    t.doubt(row(2), "not sending");
  });
  good.start();
  bad.start();
  while (!good.finished() || !bad.finished()) f.loop.step();
  CHECK(good.take().ok());
  CHECK_THROWS_AS((void)bad.take(), std::logic_error);
  CHECK(f.journal->message(row(1))->state == State::sending);
  CHECK(f.journal->message(row(3))->state == State::planned);
  CHECK(f.journal->totals().by_state.at(State::sending) == 1);
  CHECK(f.journal->totals().by_state.at(State::planned) == 2);
}

TEST_CASE("What was handed over is durable when the committer is gone", "[journal]") {
  Fixture f(50);
  auto committer = f.journal->threaded_committer(f.loop);
  std::vector<Task<Status>> open;
  for (std::uint32_t i = 1; i <= 50; ++i) {
    open.push_back(committer->commit([i](Transaction& t) { t.intent(row(i), at(i * 1000), 0, "h"); }));
    open.back().start();
  }
  const auto sending = [&] { return f.journal->totals().by_state.at(State::sending); };
  SECTION("while somebody still waits") {
    committer.reset();
    CHECK(sending() == 50);
    while (f.loop.step()) {
    }
    for (auto& task : open) CHECK(task.finished());
  }
  SECTION("when those who waited are gone before their answers") {
    open.clear();
    committer.reset();
    while (f.loop.step()) {
    }
    CHECK(sending() == 50);
  }
}

TEST_CASE("A full disk fails the commit and every one after it", "[journal]") {
  Fixture f(20);
  std::signal(SIGXFSZ, SIG_IGN);
  auto committer = f.journal->threaded_committer(f.loop);
  rlimit old{};
  getrlimit(RLIMIT_FSIZE, &old);
  const rlimit tight{16'384, old.rlim_max};
  setrlimit(RLIMIT_FSIZE, &tight);
  const auto first = f.loop.run(committer->commit([](Transaction& t) { t.intent(row(1), at(1000), 0, "h"); }));
  setrlimit(RLIMIT_FSIZE, &old);
  const auto second = f.loop.run(committer->commit([](Transaction& t) { t.intent(row(2), at(2000), 0, "h"); }));
  REQUIRE_FALSE(first);
  CHECK(first.error().code == "journal_io");
  REQUIRE_FALSE(second);
  CHECK(second.error().code == "journal_io");
  CHECK(f.journal->totals().by_state.at(State::planned) == 20);
}
