#include "native/archive/sqlite_rows.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include <catch2/catch.hpp>
#include <random>

#include "native/archive/json_records.h"
#include "tests/native/archive/samples.h"

using namespace teamferry::archive;
using Catch::Matchers::Contains;
using Catch::Matchers::Equals;

namespace {

std::string database_of(const char* sql) {
  Scratch scratch;
  sqlite3* database = nullptr;
  REQUIRE(sqlite3_open(scratch.path("a.sqlite").c_str(), &database) == SQLITE_OK);
  REQUIRE(sqlite3_exec(database, sql, nullptr, nullptr, nullptr) == SQLITE_OK);
  sqlite3_close(database);
  return slurp(scratch.path("a.sqlite"));
}

// The rows as JSON, one a line, or what is wrong.
std::string rows_of(const std::string& database, const SqliteRows::Query& query) {
  Bytes bytes(database);
  auto rows = SqliteRows::open(bytes, "a.sqlite", query);
  if (!rows) return rows.error().message;
  std::string out, json;
  for (int i = 0; i < 5000; ++i) {
    auto more = (*rows)->next(json);
    if (!more) return out + more.error().message;
    if (!*more) break;
    out += json + "\n";
  }
  return out;
}

constexpr const char* kMessages =
    "create table message(ts text, n integer, x real, data blob); create table \"a \"\"b\"(y);"
    "insert into message values('1\"', 9007199254740993, 0.5, x'7b7d'), (null, -1, 9e999, x'ff00');"
    "insert into \"a \"\"b\" values(1)";

}  // namespace

TEST_CASE("The rows of a table or of a select are records", "[archive]") {
  const auto database = database_of(kMessages);
  CHECK(rows_of(database, {"message", ""}) ==
        "{\"ts\":\"1\\\"\",\"n\":9007199254740993,\"x\":0.5,\"data\":\"{}\"}\n"
        "{\"ts\":null,\"n\":-1,\"x\":null,\"data\":null}\n");
  CHECK(rows_of(database, {"a \"b", ""}) == "{\"y\":1}\n");
  CHECK(rows_of(database, {"", "select n, max(ts) as t from message;"}) ==
        "{\"n\":9007199254740993,\"t\":\"1\\\"\"}\n");
  Bytes bytes(database);
  RecordReader reader;
  REQUIRE(reader.start_rows(bytes, "a.sqlite", {"message", ""}));
  JsonRecord record;
  REQUIRE(reader.next(record));
  CHECK(record.value.find("n")->number().text() == "9007199254740993");
  REQUIRE(reader.next(record));
  CHECK_FALSE(reader.next(record));
}

TEST_CASE("A database that kept a write-ahead log is read without it", "[archive]") {
  const auto database = database_of("pragma journal_mode=wal; create table m(a); insert into m values(1)");
  REQUIRE(database[18] == 2);
  CHECK(rows_of(database, {"m", ""}) == "{\"a\":1}\n");
}

TEST_CASE("A query selects once and nothing else, and a wrong one names the tables", "[archive]") {
  const auto database = database_of(kMessages);
  CHECK_THAT(rows_of(database, {"nothing", ""}),
             Contains("a.sqlite: no such table: nothing; its tables are a \"b, message"));
  CHECK_THAT(rows_of(database, {"", ""}), Contains("name the table to read") && Contains("there are a \"b, message"));
  for (const char* sql : {"delete from message", "attach 'x' as y", "pragma journal_mode=off", "create table z(a)",
                          "select load_extension('x')", "vacuum into '/tmp/x'", "select 1; select 2", "  ", "selct"}) {
    CAPTURE(sql);
    CHECK_THAT(rows_of(database, {"", sql}), Contains("a.sqlite: ") || Equals("authorization denied"));
  }
}

TEST_CASE("A hostile database is refused or ends with a word", "[archive]") {
  CHECK_THAT(rows_of("SQLite format 3", {"m", ""}), Contains("this is no database of SQLite"));
  const auto endless = database_of(
      "create table m(a); insert into m values(1);"
      "create view v as with recursive c(x) as (select 1 union all select x + 1 from c) select x from c where x < 0");
  CHECK_THAT(rows_of(endless, {"v", "", 1'000}), Contains("takes too long to find"));
  const auto whole = database_of(kMessages);
  std::mt19937 random(11);
  for (int i = 0; i < 300; ++i) {
    auto damaged = whole;
    for (int n = 0; n < 8; ++n) damaged[16 + random() % (damaged.size() - 16)] = static_cast<char>(random());
    if (i % 4 == 0) damaged.resize(100 + random() % damaged.size());
    const auto out = rows_of(damaged, {"message", ""});
    REQUIRE(out.size() < (std::size_t{1} << 24));
  }
}
