#include "native/archive/sqlite_rows.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include <cmath>

#include "native/archive/entry_name.h"

namespace teamferry::archive {
namespace {

constexpr std::string_view kSqliteFront("SQLite format 3\0", 16);
constexpr std::size_t kSqliteHeader = 100;

int only_selects(void*, int action, const char*, const char* function, const char*, const char*) {
  if (action == SQLITE_SELECT || action == SQLITE_READ || action == SQLITE_RECURSIVE) return SQLITE_OK;
  if (action == SQLITE_FUNCTION && std::string_view(function ? function : "") != "load_extension") return SQLITE_OK;
  return SQLITE_DENY;
}

void add_json_text(std::string& json, std::string_view text) {
  json += '"';
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      json += '\\';
      json += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      json += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
    } else {
      json += c;
    }
  }
  json += '"';
}

std::string quoted_name(std::string_view name) {
  std::string quoted = "\"";
  for (const char c : name) quoted.append(c == '"' ? 2 : 1, c);
  return quoted + '"';
}

}  // namespace

bool is_sqlite(std::string_view front) {
  return front.starts_with(kSqliteFront);
}

SqliteRows::~SqliteRows() {
  sqlite3_finalize(statement_);
  sqlite3_close(database_);
}

Result<std::unique_ptr<SqliteRows>> SqliteRows::open(Bytes& bytes, std::string_view name, const Query& query) {
  const auto fail = [&](const std::string& why) {
    return Error::argument("bad_database", fmt::format("{}: {}", name, why));
  };
  if (!is_sqlite(bytes.view()) || bytes.size() < kSqliteHeader) return fail("this is no database of SQLite");
  bytes.data()[18] = bytes.data()[19] = 1;  // a log beside it could not be read here
  std::unique_ptr<SqliteRows> rows(new SqliteRows());
  if (sqlite3_open_v2(":memory:", &rows->database_, SQLITE_OPEN_READWRITE | SQLITE_OPEN_MEMORY, nullptr) != SQLITE_OK) {
    throw std::bad_alloc();
  }
  auto* database = rows->database_;
  sqlite3_db_config(database, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(database, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  const auto size = static_cast<sqlite3_int64>(bytes.size());
  if (sqlite3_deserialize(database, "main", reinterpret_cast<unsigned char*>(bytes.data()), size, size,
                          SQLITE_DESERIALIZE_READONLY) != SQLITE_OK) {
    return fail(sqlite3_errmsg(database));
  }
  sqlite3_exec(database, "PRAGMA cell_size_check=ON", nullptr, nullptr, nullptr);
  sqlite3_set_authorizer(database, only_selects, nullptr);
  rows->most_steps_ = query.most_steps;
  const auto too_long = [](void* data) -> int {
    auto& reading = *static_cast<SqliteRows*>(data);
    return ++reading.steps_ > reading.most_steps_;
  };
  sqlite3_progress_handler(database, 1000, too_long, rows.get());
  if (auto prepared = rows->prepare(query); !prepared) return fail(prepared.error().message);
  return rows;
}

Status SqliteRows::prepare(const Query& query) {
  const auto wrong = [](std::string why) -> Status { return Error::argument("bad_query", std::move(why)); };
  if (query.sql.empty() && query.table.empty()) {
    return wrong("this is a database of SQLite: name the table to read, as { at = \"messages\" }; there are " +
                 tables());
  }
  const auto sql = query.sql.empty() ? "select * from " + quoted_name(query.table) : query.sql;
  const char* rest = nullptr;
  if (sqlite3_prepare_v2(database_, sql.data(), static_cast<int>(sql.size()), &statement_, &rest) != SQLITE_OK) {
    const std::string why = sqlite3_errmsg(database_);
    return wrong(fmt::format("{}; its tables are {}", why, tables()));
  }
  if (statement_ == nullptr || std::string_view(rest).find_first_not_of(" \t\r\n;") != std::string_view::npos) {
    return wrong("one select is expected");
  }
  return done();
}

std::string SqliteRows::tables() const {
  std::string names;
  sqlite3_stmt* found = nullptr;
  if (sqlite3_prepare_v2(database_,
                         "select name from sqlite_schema where type in ('table', 'view') order by name limit 30", -1,
                         &found, nullptr) == SQLITE_OK) {
    while (sqlite3_step(found) == SQLITE_ROW) {
      const auto* name = reinterpret_cast<const char*>(sqlite3_column_text(found, 0));
      names += (names.empty() ? "" : ", ") + std::string(name ? name : "?");
    }
  }
  sqlite3_finalize(found);
  return names.empty() ? "none that can be read" : names;
}

Result<bool> SqliteRows::next(std::string& json) {
  steps_ = 0;
  const int state = sqlite3_step(statement_);
  if (state == SQLITE_DONE) return false;
  if (state == SQLITE_INTERRUPT) return Error::argument("bad_database", "a row of it takes too long to find");
  if (state != SQLITE_ROW) return Error::argument("bad_database", sqlite3_errmsg(database_));
  json = "{";
  for (int i = 0; i < sqlite3_column_count(statement_); ++i) {
    if (i > 0) json += ',';
    const char* name = sqlite3_column_name(statement_, i);
    add_json_text(json, name ? name : "?");
    json += ':';
    const int type = sqlite3_column_type(statement_, i);
    if (type == SQLITE_INTEGER) {
      json += fmt::format("{}", sqlite3_column_int64(statement_, i));
    } else if (const auto number = type == SQLITE_FLOAT ? sqlite3_column_double(statement_, i) : NAN;
               type == SQLITE_FLOAT && std::isfinite(number)) {
      json += fmt::format("{}", number);
    } else if (type == SQLITE_TEXT || type == SQLITE_BLOB) {
      const auto* data = static_cast<const char*>(sqlite3_column_blob(statement_, i));
      const std::string_view text(data ? data : "", static_cast<std::size_t>(sqlite3_column_bytes(statement_, i)));
      type == SQLITE_BLOB && !is_utf8(text) ? void(json += "null") : add_json_text(json, text);
    } else {
      json += "null";
    }
  }
  json += '}';
  return true;
}

}  // namespace teamferry::archive
