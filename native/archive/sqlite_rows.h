#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "native/archive/bytes.h"
#include "native/base/result.h"

struct sqlite3;
struct sqlite3_stmt;

namespace teamferry::archive {

bool is_sqlite(std::string_view front);

// The rows that a query finds in a SQLite database of strangers, each as a JSON object: integers and numbers as such,
// null as null, text and blobs that are UTF-8 as text, other blobs as null.
//
// The database lies in memory and is never written. A query may select and nothing else; functions that a schema brings
// along are not trusted, and a row that takes too many steps ends the reading.
// Tested by tests/native/archive/sqlite_rows_test.cpp.
class SqliteRows {
 public:
  struct Query {
    std::string table;         // all of its rows, ...
    std::string sql;           // ... or what this selects
    int most_steps = 500'000;  // thousands of steps of SQLite's machine for one row: some ten seconds
  };

  // `bytes` must live until the last next(); its mark of a write-ahead log is taken off. Fails when there is no such
  // table, naming those there are, or the query is wrong.
  static Result<std::unique_ptr<SqliteRows>> open(Bytes& bytes, std::string_view name, const Query& query);
  ~SqliteRows();
  SqliteRows(const SqliteRows&) = delete;
  SqliteRows& operator=(const SqliteRows&) = delete;

  // False after the last row. Fails when the database is damaged.
  Result<bool> next(std::string& json);

 private:
  SqliteRows() = default;
  Status prepare(const Query& query);
  std::string tables() const;

  sqlite3* database_ = nullptr;
  sqlite3_stmt* statement_ = nullptr;
  int steps_ = 0;  // of the row that is looked for, in thousands
  int most_steps_ = 0;
};

}  // namespace teamferry::archive
