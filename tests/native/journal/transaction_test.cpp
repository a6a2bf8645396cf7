#include <catch2/catch.hpp>

#include "tests/native/journal/sample.h"
#include "tests/support/virtual_loop.h"

using namespace teamferry;
using namespace teamferry::journal;

namespace {

struct Fixture {
  std::unique_ptr<Journal> journal = std::move(Journal::open(":memory:").value());
  VirtualLoop loop;
  std::unique_ptr<Committer> committer;

  Fixture() {
    write_plan(*journal, 4);
    committer = journal->direct_committer();
  }
  Status commit(Committer::Work work) { return loop.run(committer->commit(std::move(work))); }
  State state(std::uint32_t ordinal) { return journal->message(row(ordinal))->state; }
};

using Step = std::function<void(Transaction&)>;

void bring(Transaction& t, State to) {
  if (to == State::planned) return;
  if (to == State::blocked) return t.blocked(row(1), "root failed: k0");
  t.intent(row(1), at(1000), 0, "hash");
  if (to == State::sent) t.sent(row(1), "id", "");
  if (to == State::failed) t.failed(row(1), "400 BadRequest: no");
  if (to == State::doubt) t.doubt(row(1), "no answer");
}

}  // namespace

TEST_CASE("Each transition needs its state, and a breach changes nothing", "[journal]") {
  struct Rule {
    const char* name;
    Step step;
    std::vector<State> from;
    State to;
  };
  const std::vector<Rule> rules = {
      {"intent",
       [](Transaction& t) { t.intent(row(1), at(1000), 1, "h"); },
       {State::planned, State::sending},
       State::sending},
      {"sent",
       [](Transaction& t) { t.sent(row(1), "id", ""); },
       {State::sending, State::planned, State::doubt},
       State::sent},
      {"failed", [](Transaction& t) { t.failed(row(1), "x"); }, {State::planned, State::sending}, State::failed},
      {"blocked", [](Transaction& t) { t.blocked(row(1), "x"); }, {State::planned}, State::blocked},
      {"doubt", [](Transaction& t) { t.doubt(row(1), "x"); }, {State::sending}, State::doubt},
      {"planned_again",
       [](Transaction& t) { t.planned_again(row(1), "x"); },
       {State::sending, State::blocked},
       State::planned},
  };
  for (const auto& rule : rules) {
    for (int s = 0; s <= static_cast<int>(State::doubt); ++s) {
      const auto from = static_cast<State>(s);
      if (from == State::skipped) continue;
      CAPTURE(rule.name, name(from));
      Fixture f;
      f.commit([&](Transaction& t) { bring(t, from); }).value();
      const bool legal = std::find(rule.from.begin(), rule.from.end(), from) != rule.from.end();
      if (legal) {
        f.commit(rule.step).value();
        CHECK(f.state(1) == rule.to);
      } else {
        CHECK_THROWS_AS((void)f.commit([&](Transaction& t) {
          t.meta("trace", "left behind");
          rule.step(t);
        }),
                        std::logic_error);
        CHECK(f.state(1) == from);
        CHECK_FALSE(f.journal->meta("trace"));
      }
      CHECK(f.journal->totals().records() == 4);
    }
  }
}

TEST_CASE("Counters follow every transition", "[journal]") {
  Fixture f;
  f.commit([](Transaction& t) {
     for (const std::uint32_t i : {1, 2, 3}) t.intent(row(i), at(i * 1000), 0, "hash");
     t.sent(row(1), "id", "by read");
     t.failed(row(2), "403 Forbidden: role missing");
     t.doubt(row(3), "no answer");
     t.blocked(row(4), "root failed: k2");
   }).value();
  const auto totals = f.journal->totals();
  CHECK(totals.sent() == 1);
  CHECK(totals.failed() == 3);
  CHECK(totals.open() == 0);
  CHECK(totals.failed_by_reason ==
        std::map<std::string, std::int64_t>{{"403 Forbidden", 1}, {"no answer", 1}, {"root failed", 1}});
  CHECK(f.journal->messages_in({State::failed, State::doubt}, 10).size() == 2);
  CHECK(f.journal->messages_in({State::failed, State::doubt}, 1).front().reason == "403 Forbidden: role missing");
}

TEST_CASE("A counter of a breach is not kept although the rest of the transaction is", "[journal]") {
  Fixture f;
  CHECK_THROWS_AS((void)f.commit([](Transaction& t) {
    t.failed(row(1), "x");
    t.failed(row(1), "twice");
  }),
                  std::logic_error);
  f.commit([](Transaction& t) { t.failed(row(2), "y"); }).value();
  CHECK(f.journal->totals().failed_by_reason == std::map<std::string, std::int64_t>{{"y", 1}});
}

TEST_CASE("maybe belongs to rows that are being sent, and goes when the row is planned again or moves", "[journal]") {
  Fixture f;
  CHECK_THROWS_AS((void)f.commit([](Transaction& t) { t.maybe(row(1), true); }), std::logic_error);
  f.commit([](Transaction& t) {
     t.intent(row(1), at(1000), 0, "h");
     t.maybe(row(1), true);
   }).value();
  CHECK(f.journal->message(row(1))->maybe);
  SECTION("planned again") {
    f.commit([](Transaction& t) { t.planned_again(row(1), "the conversation is completed"); }).value();
    CHECK_FALSE(f.journal->message(row(1))->maybe);
  }
  SECTION("moved") {
    f.commit([](Transaction& t) { t.move({{row(1), at(1001)}}); }).value();
    CHECK_FALSE(f.journal->message(row(1))->maybe);
    CHECK(f.state(1) == State::sending);
  }
}

TEST_CASE("Rows move together, and may take each other's times", "[journal]") {
  Fixture f;
  f.commit([](Transaction& t) { t.move({{row(1), at(2000)}, {row(2), at(3000)}, {row(3), at(1000)}}); }).value();
  CHECK(f.journal->message(row(1))->time == at(2000));
  CHECK(f.journal->message(row(3))->time == at(1000));
  CHECK(f.journal->message(row(3))->planned_time == at(3000));
  SECTION("a time that another row has is refused") {
    CHECK_THROWS_AS((void)f.commit([](Transaction& t) { t.move({{row(1), at(4000)}}); }), std::logic_error);
    CHECK(f.journal->message(row(1))->time == at(2000));
  }
  SECTION("what was sent does not move") {
    f.commit([](Transaction& t) { t.sent(row(1), "id", ""); }).value();
    CHECK_THROWS_AS((void)f.commit([](Transaction& t) {
      t.move({{row(2), at(9000)}, {row(1), at(9001)}});
    }),
                    std::logic_error);
    CHECK(f.journal->message(row(2))->time == at(3000));
  }
}

TEST_CASE("A creation is known before it is made and after", "[journal]") {
  Fixture f;
  CHECK_FALSE(f.journal->creation_state("channel", "1"));
  f.commit([](Transaction& t) { t.creation_begun("channel", "1"); }).value();
  CHECK(f.journal->creation_state("channel", "1") == "begun");
  f.commit([](Transaction& t) { t.creation_failed("channel", "1", "409"); }).value();
  CHECK(f.journal->creation_state("channel", "1") == "failed");
  f.commit([](Transaction& t) { t.creation_begun("channel", "1"); }).value();
  f.commit([](Transaction& t) {
     t.creation_done("channel", "1", "19:abc");
     auto c = general();
     c.graph_id = "19:abc";
     c.state = "inProgress";
     c.owner = "app";
     t.conversation(c);
   }).value();
  CHECK(f.journal->creation_state("channel", "1") == "done");
  CHECK(f.journal->conversations().front().graph_id == "19:abc");
}

TEST_CASE("A stranger's time is noted once", "[journal]") {
  Fixture f;
  for (int i = 0; i < 2; ++i) f.commit([](Transaction& t) { t.taken(kGeneral, at(7)); }).value();
  CHECK(f.journal->taken(kGeneral) == std::vector<DateTime>{at(7)});
  CHECK(f.journal->taken(2).empty());
}
