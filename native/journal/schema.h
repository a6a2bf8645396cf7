#pragma once

// The tables of a journal, as SQL. Its comments travel into the file: `.schema` of the sqlite3 shell prints
// them, and the views `messages`, `conversations`, `people`, `losses` and `totals` read as plain text:
//
//   sqlite3 acme.db "SELECT conversation, state, count(*) FROM messages GROUP BY 1, 2"
//
// Times are whole milliseconds since 1970, UTC; the views print them as 2019-02-04T19:58:15.511Z.
// Tested by tests/native/journal/journal_test.cpp.
namespace teamferry::journal {

// In PRAGMA user_version. Raise it with every change of the schema; a journal of a newer one is refused.
inline constexpr int kSchemaVersion = 1;

// In PRAGMA application_id: tells a journal from any other SQLite file. "tfry".
inline constexpr int kApplicationId = 0x74667279;

extern const char* const kSchema;

}  // namespace teamferry::journal
