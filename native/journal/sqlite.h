#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

#include "native/journal/journal.h"

// A thin skin over SQLite for the sources of this folder. A step that fails throws Failure (the file or the
// disk) or std::logic_error (a constraint: the caller broke the protocol).
namespace teamferry::journal {

class Database {
 public:
  enum class Mode { create, write, read };
  Database(const std::string& path, Mode mode);
  ~Database() { sqlite3_close(db_); }
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  void exec(const char* sql);
  bool in_transaction() const { return sqlite3_get_autocommit(db_) == 0; }
  void rollback() noexcept;
  [[noreturn]] void fail(int code) const;
  sqlite3* handle() const { return db_; }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
  sqlite3* db_ = nullptr;
};

// A prepared statement. Bound texts are not copied: they must live until the step has been made.
class Statement {
 public:
  Statement(Database& db, const char* sql);
  ~Statement() { sqlite3_finalize(statement_); }
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  // Binds all parameters in order and starts anew.
  template <class... Args>
  Statement& bind(const Args&... args) {
    sqlite3_reset(statement_);
    int index = 0;
    (bind_one(++index, args), ...);
    return *this;
  }
  bool step();  // true: a row is there
  void reset() { sqlite3_reset(statement_); }
  template <class... Args>
  void run(const Args&... args) {
    bind(args...);
    while (step()) {
    }
  }

  std::int64_t integer(int column) const { return sqlite3_column_int64(statement_, column); }
  bool null(int column) const { return sqlite3_column_type(statement_, column) == SQLITE_NULL; }
  std::string_view text(int column) const;
  std::string string(int column) const { return std::string(text(column)); }
  std::optional<DateTime> time(int column) const {
    return null(column) ? std::nullopt : std::optional(DateTime{integer(column)});
  }

 private:
  void bind_one(int index, std::int64_t value) { sqlite3_bind_int64(statement_, index, value); }
  void bind_one(int index, int value) { sqlite3_bind_int64(statement_, index, value); }
  void bind_one(int index, bool value) { sqlite3_bind_int64(statement_, index, value); }
  void bind_one(int index, State value) { sqlite3_bind_int64(statement_, index, static_cast<int>(value)); }
  void bind_one(int index, DateTime value) { sqlite3_bind_int64(statement_, index, value.ms); }
  void bind_one(int index, std::nullptr_t) { sqlite3_bind_null(statement_, index); }
  void bind_one(int index, const std::string& value) { bind_one(index, std::string_view(value)); }
  void bind_one(int index, const char* value) { bind_one(index, std::string_view(value)); }
  void bind_one(int index, std::string_view value) {
    sqlite3_bind_text64(statement_, index, value.empty() ? "" : value.data(), value.size(), SQLITE_STATIC, SQLITE_UTF8);
  }
  template <class T>
  void bind_one(int index, const std::optional<T>& value) {
    value ? bind_one(index, *value) : bind_one(index, nullptr);
  }

  Database& db_;
  sqlite3_stmt* statement_ = nullptr;
};

}  // namespace teamferry::journal
