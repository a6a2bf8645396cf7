#pragma once

// The tables of a journal, as SQL. Its comments travel into the file: `.schema` of the sqlite3 shell prints
// them, and the views `messages`, `conversations`, `people`, `members`, `losses` and `totals` read as plain text:
//
//   sqlite3 acme.db "SELECT conversation, state, count(*) FROM messages GROUP BY 1, 2"
//
// Times are whole milliseconds since 1970, UTC; the views print them as 2019-02-04T19:58:15.511Z.
// Tested by tests/native/journal/journal_test.cpp.
namespace teamferry::journal {

// In PRAGMA user_version. A journal of a newer one is refused, an older one is brought up, in one transaction.
inline constexpr int kSchemaVersion = 4;

// In PRAGMA application_id: tells a journal from any other SQLite file. "tfry".
inline constexpr int kApplicationId = 0x74667279;

// Of version 1. It stays as it is: a change is one more of kUpgrades, which a new journal goes through as well.
extern const char* const kSchema;
// From version i + 1 to version i + 2.
extern const char* const kUpgrades[kSchemaVersion - 1];

}  // namespace teamferry::journal
