#include "native/journal/bodies.h"

#include <catch2/catch.hpp>

using namespace teamferry::journal;

namespace {

struct Kept {
  Database db{":memory:", Database::Mode::create};
  Kept() { db.exec("CREATE TABLE body (id INTEGER PRIMARY KEY, json TEXT NOT NULL)"); }
  void put(RowId id, const std::string& json) {
    Statement(db, "INSERT OR REPLACE INTO body VALUES (?, ?)").run(id, json);
  }
};

std::string numbered(int i) {
  return "{\"n\":" + std::to_string(i) + "}";
}

}  // namespace

TEST_CASE("Each body is what the journal holds for its row, in whatever order they are asked for", "[bodies]") {
  Kept kept;
  for (int c = 1; c <= 2; ++c) {
    for (int i = 1; i <= 100; i += 2) kept.put(row_id(c, static_cast<std::uint32_t>(i)), numbered(1000 * c + i));
  }
  Bodies bodies(kept.db);
  for (const int i : {1, 3, 9, 5, 99, 97, 7, 1, 1}) {
    for (int c = 1; c <= 2; ++c) {
      CAPTURE(c, i);
      CHECK(bodies.take(row_id(c, static_cast<std::uint32_t>(i))) == numbered(1000 * c + i));
    }
  }
  CHECK_FALSE(bodies.take(row_id(1, 2)).has_value());
  CHECK_FALSE(bodies.take(row_id(3, 1)).has_value());
}

TEST_CASE("A body that was read ahead is read anew once it was to be forgotten", "[bodies]") {
  Kept kept;
  kept.put(row_id(1, 1), "{}");
  kept.put(row_id(1, 2), numbered(1));
  Bodies bodies(kept.db);
  CHECK(bodies.take(row_id(1, 1)) == "{}");
  bodies.forget();
  kept.put(row_id(1, 2), numbered(2));
  CHECK(bodies.take(row_id(1, 2)) == numbered(2));
}

TEST_CASE("Nothing is read ahead from a plan that is being written", "[bodies]") {
  Kept kept;
  kept.db.exec("BEGIN");
  kept.put(row_id(1, 1), "{}");
  kept.put(row_id(1, 2), numbered(1));
  Bodies bodies(kept.db);
  CHECK(bodies.take(row_id(1, 1)) == "{}");
  kept.put(row_id(1, 2), numbered(2));
  CHECK(bodies.take(row_id(1, 2)) == numbered(2));
}
