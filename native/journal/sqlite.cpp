#include "native/journal/sqlite.h"

#include <fmt/format.h>

namespace teamferry::journal {
namespace {

Error error_of(int code, const char* text, const std::string& path) {
  switch (code & 0xff) {
    case SQLITE_FULL:
      return Error::state("journal_io", fmt::format("{}: the disk is full; make room and run the command again, "
                                                    "it goes on where it stopped",
                                                    path));
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return Error::state(
          "journal_corrupt",
          fmt::format("{}: the journal is damaged ({}); put back a copy of it, or plan into a new file: "
                      "what was sent is found again by reading the target",
                      path, text));
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return Error::state(
          "journal_locked",
          fmt::format("{}: another program holds the journal ({}); close it and run the command again", path, text));
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
    case SQLITE_CANTOPEN:
      return Error::state("journal_io", fmt::format("{}: cannot be opened for writing ({}); check the folder and its "
                                                    "permissions",
                                                    path, text));
    default:
      return Error::state("journal_io", fmt::format("{}: {}; check the disk and run the command again", path, text));
  }
}

}  // namespace

Database::Database(const std::string& path, Mode mode) : path_(path) {
  const int how = mode == Mode::read    ? SQLITE_OPEN_READONLY
                  : mode == Mode::write ? SQLITE_OPEN_READWRITE
                                        : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
  const int code = sqlite3_open_v2(path.c_str(), &db_, how | SQLITE_OPEN_NOMUTEX, nullptr);
  if (code != SQLITE_OK) {
    const Error error = error_of(code, db_ ? sqlite3_errmsg(db_) : "out of memory", path);
    sqlite3_close(db_);
    throw Failure(error);
  }
  sqlite3_extended_result_codes(db_, 1);
  sqlite3_busy_timeout(db_, 30'000);
}

void Database::exec(const char* sql) {
  if (const int code = sqlite3_exec(db_, sql, nullptr, nullptr, nullptr); code != SQLITE_OK) fail(code);
}

void Database::rollback() noexcept {
  if (in_transaction()) sqlite3_exec(db_, "ROLLBACK", nullptr, nullptr, nullptr);
}

void Database::fail(int code) const {
  const char* text = sqlite3_errmsg(db_);
  switch (code & 0xff) {
    case SQLITE_CONSTRAINT:
    case SQLITE_MISUSE:
    case SQLITE_RANGE:
    case SQLITE_ERROR:
      throw std::logic_error(fmt::format("journal {}: {}", path_, text));
    default:
      throw Failure(error_of(code, text, path_));
  }
}

Statement::Statement(Database& db, const char* sql) : db_(db) {
  const int code = sqlite3_prepare_v3(db.handle(), sql, -1, SQLITE_PREPARE_PERSISTENT, &statement_, nullptr);
  if (code != SQLITE_OK) db.fail(code);
}

bool Statement::step() {
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  sqlite3_reset(statement_);
  if (code != SQLITE_DONE) db_.fail(code);
  return false;
}

std::string_view Statement::text(int column) const {
  const auto* data = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
  if (!data) return {};
  return {data, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

}  // namespace teamferry::journal
