#include "native/migrate/plan_settle.h"

#include <catch2/catch.hpp>
#include <map>
#include <random>
#include <set>

#include "native/base/datetime.h"

using namespace teamferry;
using namespace teamferry::migrate;
using journal::State;

namespace {

constexpr std::int64_t kFloor = -1'000'000;

struct Rows {
  Arena arena;
  std::deque<Row> rows;

  Row& add(std::string_view key, std::int64_t ms, std::string_view reply_to = "") {
    Row row;
    row.key = arena.add(key);
    row.reply_to = arena.add(reply_to);
    row.source = ms;
    row.ordinal = static_cast<std::uint32_t>(rows.size()) + 1;
    row.seen = true;
    rows.push_back(row);
    return rows.back();
  }
  Row& known(std::string_view key, std::int64_t ms, std::int64_t time, std::string_view reply_to = "") {
    Row& row = add(key, ms, reply_to);
    row.known = row.had_time = true;
    row.time = time;
    return row;
  }
  Row& sent(std::string_view key, std::int64_t time) {
    Row& row = known(key, time, time);
    row.frozen = true;
    row.state = State::sent;
    return row;
  }
  void settle(std::vector<DateTime> taken = {}, std::int64_t now = INT64_MAX) {
    Settler settler(rows, arena);
    settler.find_duplicates();
    settler.find_roots();
    settler.place_times(DateTime{kFloor}, DateTime{now}, taken);
  }
  Row& operator[](std::string_view key) {
    for (auto& row : rows) {
      if (arena.view(row.key) == key) return row;
    }
    throw std::logic_error("no row");
  }
  std::string root(std::string_view key) {
    const auto root = (*this)[key].root;
    return root == kNone ? "" : std::string(arena.view(rows[root].key));
  }
  std::string reason(std::string_view key) { return std::string(arena.view((*this)[key].reason)); }
};

}  // namespace

TEST_CASE("Six messages in one millisecond go out in the order of their keys", "[plan]") {
  Rows rows;
  for (const char* key : {"1.000006", "1.000002", "1.000004", "1.000001", "1.000005", "1.000003"}) rows.add(key, 1000);
  rows.add("1.002000", 1002);
  rows.settle();
  for (int i = 1; i <= 6; ++i) CHECK(rows["1.00000" + std::to_string(i)].time == 999 + i);
  CHECK(rows["1.002000"].time == 1006);  // pushed, and still last
}

TEST_CASE("A message whose millisecond is free keeps it", "[plan]") {
  Rows rows;
  rows.add("a", 1000);
  rows.add("b", 1000);
  rows.add("c", 1002);
  rows.settle();
  CHECK(rows["b"].time == 1001);
  CHECK(rows["c"].time == 1002);
}

TEST_CASE("A reply that equals its root after the cut goes out behind it", "[plan]") {
  Rows rows;
  rows.add("r", 1000, "a");
  rows.add("a", 1000, "a");  // a root that names itself
  rows.settle();
  CHECK(rows["a"].time == 1000);
  CHECK(rows["r"].time == 1001);
  CHECK(rows.root("r") == "a");
  CHECK(rows.root("a") == "");
}

TEST_CASE("A reply that is earlier than its root goes out behind it", "[plan]") {
  Rows rows;
  rows.add("r", 500, "a");
  rows.add("a", 9000);
  rows.add("x", 9001);
  rows.settle();
  CHECK(rows["r"].time == 9001);
  CHECK(rows["x"].time == 9002);
  CHECK(rows["a"].time == 9000);
}

TEST_CASE("A chain of replies of any length ends at its root, a circle at nobody", "[plan]") {
  Rows rows;
  constexpr int kLong = 30'000;
  for (int i = kLong; i > 0; --i) rows.add("k" + std::to_string(i), i, "k" + std::to_string(i - 1));
  rows.add("k0", 0);
  for (int i = 0; i < kLong; ++i) rows.add("c" + std::to_string(i), i, "c" + std::to_string((i + 1) % kLong));
  rows.add("tail", 1, "c5");
  rows.settle();
  CHECK(rows.root("k1") == "k0");
  CHECK_FALSE(rows["k1"].flattened);
  CHECK(rows.root("k" + std::to_string(kLong)) == "k0");
  CHECK(rows["k2"].flattened);
  CHECK(rows.root("c7") == "");
  CHECK(rows.root("tail") == "");
  CHECK_FALSE(rows["tail"].flattened);
}

TEST_CASE("Strangers' milliseconds and those of an earlier plan are left alone", "[plan]") {
  Rows rows;
  rows.sent("s", 1001);
  rows.known("k", 1000, 1002);
  rows.add("n", 1000);
  rows.settle({DateTime{1000}});
  CHECK(rows["s"].time == 1001);
  CHECK(rows["k"].time == 1002);
  CHECK(rows["n"].time == 1003);
}

TEST_CASE("A kept time that a stranger has, or that is before the root's, is given up", "[plan]") {
  Rows rows;
  rows.known("k", 1000, 1000);
  rows.add("root", 5000);
  rows.known("r", 2000, 2000, "root");
  rows.settle({DateTime{1000}});
  CHECK(rows["k"].time == 1001);
  CHECK(rows["k"].released);
  CHECK(rows["r"].time == 5001);
  CHECK(rows["r"].released);
}

TEST_CASE("A reply to a reply answers the root", "[plan]") {
  Rows rows;
  rows.add("a", 1);
  rows.add("b", 2, "a");
  rows.add("c", 3, "b");
  rows.add("d", 4, "c");
  rows.settle();
  for (const char* key : {"b", "c", "d"}) CHECK(rows.root(key) == "a");
  CHECK_FALSE(rows["b"].flattened);
  CHECK(rows["c"].flattened);
  CHECK(rows["d"].flattened);
}

TEST_CASE("The first reply to a root that is not there becomes the root of the others", "[plan]") {
  Rows rows;
  rows.add("c", 3, "gone");
  rows.add("b", 2, "gone");
  rows.add("d", 4, "c");
  if (GENERATE(false, true)) rows.add("gone", 1).state = State::skipped;
  rows.settle();
  CHECK(rows.root("b") == "");
  CHECK(rows.root("c") == "b");
  CHECK(rows.root("d") == "b");
  for (const char* key : {"b", "c", "d"}) CHECK(rows[key].orphan);
}

TEST_CASE("Whoever was sent as the root of orphans stays it", "[plan]") {
  Rows rows;
  auto& first = rows.sent("c", 3);
  first.reply_to = rows.arena.add("gone");
  rows.add("b", 2, "gone");  // earlier, but it came with a later export
  rows.settle();
  CHECK(rows.root("b") == "c");
  CHECK(rows["b"].time == 4);
}

TEST_CASE("A new reply to a sent reply answers that one's root", "[plan]") {
  Rows rows;
  rows.sent("a", 1);
  rows.sent("b", 2).root = 0;
  rows.add("c", 3, "b");
  rows.settle();
  CHECK(rows.root("c") == "a");
}

TEST_CASE("Replies to a root that failed are blocked", "[plan]") {
  Rows rows;
  rows.add("a", 1).state = State::failed;
  rows.add("b", 2, "a");
  rows.add("f", 5000);
  rows.add("g", 6000, "f");
  rows.settle({}, 4000);
  CHECK(rows["b"].state == State::blocked);
  CHECK(rows.reason("b") == "root failed: a");
  CHECK(rows["f"].state == State::failed);
  CHECK(rows.reason("f").starts_with("R2 "));
  CHECK(rows["g"].state == State::failed);  // in the future itself
}

TEST_CASE("Circles of replies become roots", "[plan]") {
  Rows rows;
  rows.add("a", 1, "b");
  rows.add("b", 2, "a");
  rows.add("c", 3, "a");
  rows.settle();
  for (auto& row : rows.rows) {
    CHECK(row.state == State::planned);
    CHECK((row.root == kNone || rows.rows[row.root].root == kNone));
  }
}

TEST_CASE("Of equal keys the first counts", "[plan]") {
  Rows rows;
  rows.add("a", 1);
  rows.add("a", 1);
  rows.add("a", 7);
  rows.settle();
  CHECK(rows.rows[0].state == State::planned);
  CHECK(rows.rows[1].state == State::skipped);
  CHECK(rows.rows[2].state == State::skipped);
  CHECK(rows.arena.view(rows.rows[2].reason) == "duplicate");
}

TEST_CASE("A message at or before the floor of a conversation that exists fails", "[plan]") {
  Rows rows;
  rows.add("a", kFloor);
  rows.add("b", kFloor + 1);
  rows.settle();
  CHECK(rows.reason("a").starts_with("R5 "));
  CHECK(rows["b"].state == State::planned);
}

TEST_CASE("A thousand messages in one second still find their milliseconds, a thousand and one do not", "[plan]") {
  Rows rows;
  for (int i = 0; i < 1001; ++i) rows.add(std::to_string(10'000 + i), 0);
  rows.settle();
  CHECK(rows["10999"].time == 999);
  CHECK(rows.reason("11000").starts_with("R4 "));
}

TEST_CASE("Whatever the order of reading, times and roots are the same and legal", "[plan]") {
  std::mt19937 random(20190204);
  for (int round = 0; round < 200; ++round) {
    struct Given {
      std::string key;
      std::int64_t ms;
      std::string reply_to;
    };
    std::vector<Given> given;
    const int count = 2 + static_cast<int>(random() % 40);
    for (int i = 0; i < count; ++i) {
      const bool replies = random() % 2 == 0;
      given.push_back({"k" + std::to_string(i), static_cast<std::int64_t>(random() % 20),
                       replies ? "k" + std::to_string(random() % (count + 3)) : ""});
    }
    std::map<std::string, std::pair<std::int64_t, std::string>> expected;
    for (int turn = 0; turn < 3; ++turn) {
      Rows rows;
      for (const auto& g : given) rows.add(g.key, g.ms, g.reply_to);
      rows.settle();
      std::map<std::string, std::pair<std::int64_t, std::string>> outcome;
      std::set<std::int64_t> times;
      for (const auto& row : rows.rows) {
        const std::string key(rows.arena.view(row.key));
        CHECK(row.state == State::planned);
        CHECK(times.insert(row.time).second);
        CHECK(row.time >= row.source);
        if (row.root != kNone) {
          CHECK(row.time > rows.rows[row.root].time);
          CHECK(rows.rows[row.root].root == kNone);
        }
        outcome[key] = {row.time, rows.root(key)};
      }
      const bool circles = turn > 0 && outcome != expected;
      if (turn == 0) expected = outcome;
      CAPTURE(round, turn);
      CHECK_FALSE(circles);
      std::shuffle(given.begin(), given.end(), random);
    }
  }
}
