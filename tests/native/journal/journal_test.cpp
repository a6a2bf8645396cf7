#include <sqlite3.h>
#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <fstream>

#include "native/journal/schema.h"
#include "tests/native/journal/sample.h"
#include "tests/support/virtual_loop.h"

using namespace teamferry;
using namespace teamferry::journal;
using Catch::Matchers::Contains;

namespace {

void exec(const std::string& path, const char* sql) {
  sqlite3* db = nullptr;
  REQUIRE(sqlite3_open(path.c_str(), &db) == SQLITE_OK);
  REQUIRE(sqlite3_exec(db, sql, nullptr, nullptr, nullptr) == SQLITE_OK);
  sqlite3_close(db);
}

std::string ask(const std::string& path, const char* sql) {
  sqlite3* db = nullptr;
  std::string answer;
  REQUIRE(sqlite3_open(path.c_str(), &db) == SQLITE_OK);
  const auto collect = [](void* into, int columns, char** values, char**) {
    for (int i = 0; i < columns; ++i) {
      *static_cast<std::string*>(into) += (i ? "|" : "") + std::string(values[i] ? values[i] : "");
    }
    *static_cast<std::string*>(into) += "\n";
    return 0;
  };
  REQUIRE(sqlite3_exec(db, sql, collect, &answer, nullptr) == SQLITE_OK);
  sqlite3_close(db);
  return answer;
}

int mode_of(const std::string& path) {
  struct stat about {};
  REQUIRE(::stat(path.c_str(), &about) == 0);
  return about.st_mode & 0777;
}

}  // namespace

TEST_CASE("A journal keeps a customer's messages from other users of the machine", "[journal]") {
  const TempFolder folder;
  const std::string path = folder.file("acme.db");
  SECTION("a new one is private") {
    auto journal = Journal::open(path);
    REQUIRE(journal);
    write_plan(**journal, 3);
    CHECK(mode_of(path) == 0600);
    CHECK(mode_of(path + "-wal") == 0600);
    CHECK(mode_of(path + ".lock") == 0600);
  }
  SECTION("one that others may read becomes private") {
    REQUIRE(Journal::open(path));
    ::chmod(path.c_str(), 0644);
    REQUIRE(Journal::open(path));
    CHECK(mode_of(path) == 0600);
  }
}

TEST_CASE("A journal is read back as it was written, after it was closed", "[journal]") {
  const TempFolder folder;
  const std::string path = folder.file("acme.db");
  write_plan(**Journal::open(path), 3);
  auto journal = std::move(Journal::open(path).value());
  CHECK(journal->plan_finished());
  CHECK(journal->totals().records() == 3);
  CHECK(journal->body(row(2)).value() == R"({"n":2})");
  CHECK(journal->message(row(3))->planned_time == at(3000));
  CHECK_FALSE(journal->message(row(4)));
  CHECK(journal->body(row(4)).error().code == "no_body");
}

TEST_CASE("One process works on a journal, others may read it", "[journal]") {
  const TempFolder folder;
  const std::string path = folder.file("acme.db");
  auto writer = Journal::open(path);
  REQUIRE(writer);
  const auto second = Journal::open(path);
  REQUIRE_FALSE(second);
  CHECK(second.error().code == "journal_locked");
  CHECK_THAT(second.error().message, Contains(path) && Contains("pid " + std::to_string(::getpid())));

  write_plan(**writer, 2);
  auto reader = Journal::open(path, Access::read);
  REQUIRE(reader);
  CHECK((*reader)->totals().records() == 2);

  writer = Error::argument("closed", "");  // the right to write goes with the journal
  CHECK(Journal::open(path));
}

TEST_CASE("A file that cannot be used is named with what to do", "[journal]") {
  const TempFolder folder;
  const std::string path = folder.file("acme.db");
  SECTION("no SQLite file") {
    std::ofstream(path) << "an export, not a journal";
    const auto opened = Journal::open(path);
    REQUIRE_FALSE(opened);
    CHECK(opened.error().code == "journal_corrupt");
    CHECK_THAT(opened.error().message, Contains(path));
    std::string kept;
    std::getline(std::ifstream(path), kept);
    CHECK(kept == "an export, not a journal");
  }
  SECTION("another program's database") {
    exec(path, "CREATE TABLE bookmarks (url TEXT)");
    const auto opened = Journal::open(path);
    REQUIRE_FALSE(opened);
    CHECK(opened.error().code == "journal_corrupt");
    CHECK(ask(path, "SELECT name FROM sqlite_schema") == "bookmarks\n");
  }
  SECTION("a journal of a newer teamferry") {
    REQUIRE(Journal::open(path));
    exec(path, "PRAGMA user_version = 99");
    const auto opened = Journal::open(path);
    REQUIRE_FALSE(opened);
    CHECK(opened.error().code == "journal_newer");
    CHECK_THAT(opened.error().message, Contains("99") && Contains("update teamferry"));
  }
  SECTION("a file cut short") {
    write_plan(**Journal::open(path), 2000);
    std::filesystem::resize_file(path, 20'000);
    const auto opened = Journal::open(path);
    REQUIRE_FALSE(opened);
    CHECK(opened.error().code == "journal_corrupt");
  }
  SECTION("a folder that is not there") {
    const auto opened = Journal::open(folder.file("nowhere/acme.db"));
    REQUIRE_FALSE(opened);
    CHECK(opened.error().code == "journal_io");
  }
  SECTION("a journal to read that was never made") {
    const auto opened = Journal::open(path, Access::read);
    REQUIRE_FALSE(opened);
    CHECK_THAT(opened.error().message, Contains("plan"));
    CHECK_FALSE(std::filesystem::exists(path));
  }
}

TEST_CASE("Pages that turn out to be damaged while reading are an error that names the journal", "[journal]") {
  const TempFolder folder;
  const std::string path = folder.file("acme.db");
  write_plan(**Journal::open(path), 2000);
  {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    const auto size = static_cast<std::streamoff>(std::filesystem::file_size(path));
    for (std::streamoff page = 8192 * 20; page < size; page += 8192) file.seekp(page).write("damaged!", 8);
  }
  auto journal = Journal::open(path);
  REQUIRE(journal);
  try {
    (*journal)->each_message(kGeneral, [](const MessageRow&) { return true; });
    FAIL("the damage was not seen");
  } catch (const Failure& failure) {
    CHECK(failure.error.code == "journal_corrupt");
    CHECK_THAT(failure.error.message, Contains(path));
  }
}

TEST_CASE("The views of a journal answer in words and ISO times", "[journal]") {
  const TempFolder folder;
  const std::string path = folder.file("acme.db");
  {
    auto journal = std::move(Journal::open(path).value());
    auto writer = std::move(journal->begin_plan().value());
    writer->put_team(Team{1, "Acme", "{}", "", "planned", ""}).value();
    writer->put_conversation(general()).value();
    for (const std::int64_t ms : {1, 511, 999}) {
      writer->put(planned(static_cast<std::uint32_t>(ms), "k", ms)).value();
    }
    writer->put(skipped(1000, "s", "join")).value();
    writer->put_loss(row(1), "card", "a poll").value();
    writer->finish().value();
  }
  CHECK(ask(path, "SELECT conversation, state, time FROM messages ORDER BY id") ==
        "General|planned|2019-02-04T12:00:00.001Z\nGeneral|planned|2019-02-04T12:00:00.511Z\n"
        "General|planned|2019-02-04T12:00:00.999Z\nGeneral|skipped|\n");
  CHECK(ask(path, "SELECT displayName, team, rows, createdDateTime FROM conversations") ==
        "General|Acme|4|2019-02-04T11:59:59.000Z\n");
  CHECK(ask(path, "SELECT conversation, key, kind, detail FROM losses") == "General|k|card|a poll\n");
  CHECK(ask(path, "SELECT * FROM totals") == "loss|card|1\nskipped|join|1\nstate|planned|3\nstate|skipped|1\n");
  CHECK_THAT(ask(path, "SELECT sql FROM sqlite_schema WHERE name = 'message'"),
             Contains("its createdDateTime in Teams"));
}

TEST_CASE("The bytes sent are the planned body with its time in front", "[journal]") {
  CHECK(full_body(R"({"from":{}})", kNoon) == R"({"createdDateTime":"2019-02-04T12:00:00.000Z","from":{}})");
  CHECK(full_body("{}", kNoon) == R"({"createdDateTime":"2019-02-04T12:00:00.000Z"})");
}

TEST_CASE("Facts about the target are kept", "[journal]") {
  auto journal = std::move(Journal::open(":memory:").value());
  CHECK_FALSE(journal->meta("target"));
  journal->set_meta("target", "emulator").value();
  CHECK(journal->meta("target") == "emulator");
}

TEST_CASE("A journal has an id from its beginning that no other has", "[journal]") {
  const TempFolder folder;
  const auto id_of = [&](const char* name) {
    return Journal::open(folder.file(name)).value()->meta("project").value();
  };
  const auto id = id_of("acme.db");
  CHECK(id.size() == 16);
  CHECK(id_of("acme.db") == id);
  CHECK(id_of("other.db") != id);
}

namespace {

// As version 1 left it: a channel that is open, one that was never created, and a message.
void write_version_1(const std::string& path) {
  exec(path, kSchema);
  exec(path, R"sql(
    INSERT INTO meta VALUES ('project', 'abc');
    INSERT INTO conversation VALUES (1, 'C1', 'General', 'channel', '', 1, 1, '{}', '19:g@t', 'inProgress', 'app-1', 5);
    INSERT INTO conversation VALUES (2, 'C2', 'later', 'channel', '', 1, 0, '{}', '', 'planned', '', 5);
    INSERT INTO message (id, key, record, state, time) VALUES (4294967297, 'k1', 'r1', 2, 1000);
    PRAGMA application_id = 1952871033;
    PRAGMA user_version = 1)sql");
}

}  // namespace

TEST_CASE("A journal of an older teamferry is brought up to date, whoever opens it first", "[journal]") {
  const Access access = GENERATE(Access::write, Access::read);
  const TempFolder folder;
  const std::string path = folder.file("acme.db");
  write_version_1(path);
  auto journal = Journal::open(path, access);
  if (!journal) FAIL(journal.error().to_string());
  CHECK((*journal)->message(row(1))->state == State::sent);
  CHECK((*journal)->meta("project") == "abc");
  const auto sessions = (*journal)->import_sessions();
  REQUIRE(sessions.size() == 1);
  CHECK(sessions[0].graph_id == "19:g@t");
  CHECK(sessions[0].client_id == "app-1");
  CHECK(sessions[0].call == "create_team");
  CHECK(sessions[0].state == "inProgress");
  const auto conversations = (*journal)->conversations();
  CHECK(conversations[1].type == "standard");
  CHECK(conversations[1].road == "born");
  CHECK_FALSE(conversations[1].existing);
  CHECK((*journal)->members().empty());
  CHECK(ask(path, "PRAGMA user_version") == std::to_string(kSchemaVersion) + "\n");
}

TEST_CASE("A message changes its state without a table in memory", "[journal]") {
  const TempFolder folder;
  const std::string path = folder.file("acme.db");
  REQUIRE(Journal::open(path));
  const std::string program = ask(path, "EXPLAIN UPDATE message SET state = 1 WHERE id = 1");
  CHECK(program.find("IdxInsert") != std::string::npos);
  CHECK(program.find("OpenEphemeral") == std::string::npos);
}

TEST_CASE("An upgrade that fails leaves the older journal as it was", "[journal]") {
  const TempFolder folder;
  const std::string path = folder.file("acme.db");
  write_version_1(path);
  exec(path, "ALTER TABLE conversation RENAME COLUMN owner TO client");
  const auto opened = Journal::open(path);
  REQUIRE_FALSE(opened);
  CHECK(opened.error().code == "journal_corrupt");
  CHECK(ask(path, "PRAGMA user_version") == "1\n");
  CHECK(ask(path, "SELECT count(*) FROM sqlite_schema WHERE name = 'import_session'") == "0\n");
}

TEST_CASE("An older journal that another process works on is left alone", "[journal]") {
  const TempFolder folder;
  const std::string path = folder.file("acme.db");
  auto holder = Journal::open(path);
  REQUIRE(holder);
  exec(path, "DROP TABLE import_session; PRAGMA user_version = 1");
  const auto opened = Journal::open(path, Access::read);
  REQUIRE_FALSE(opened);
  CHECK(opened.error().code == "journal_locked");
}

TEST_CASE("The newest import session of a conversation is the one that changes", "[journal]") {
  auto journal = std::move(Journal::open(":memory:").value());
  write_plan(*journal, 1);
  const auto committer = journal->direct_committer();
  VirtualLoop loop;
  const auto commit = [&](Committer::Work work) { loop.run(committer->commit(std::move(work))).value(); };
  commit([](Transaction& t) {
    t.session_begun({"19:g@t", at(0), kGeneral, "app-1", "create_team", "completed", at(0)});
    t.session_begun({"19:g@t", at(5), kGeneral, "app-2", "startMigration", "inProgress", at(5)});
    t.session_begun({"19:h@t", at(1), 2, "app-1", "create_channel", "inProgress", at(1)});
  });
  commit([](Transaction& t) {
    t.session_seen("19:g@t", "completed", at(9));
    t.session_refused("19:h@t");
    t.session_seen("19:nobody@t", "completed", at(9));
  });
  const auto sessions = journal->import_sessions();
  REQUIRE(sessions.size() == 3);
  CHECK(sessions[0].seen == at(0));
  CHECK(sessions[1].state == "completed");
  CHECK(sessions[1].seen == at(9));
  CHECK(sessions[1].client_id == "app-2");
  CHECK_FALSE(sessions[1].refused);
  CHECK(sessions[2].refused);
}

TEST_CASE("A damaged page is found by the check of the file", "[journal]") {
  const TempFolder folder;
  const std::string path = folder.file("acme.db");
  write_plan(**Journal::open(path), 2000);
  CHECK((*Journal::open(path))->check());
  {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(8192 * 12);
    file << std::string(8192, 'x');
  }
  auto journal = Journal::open(path);
  REQUIRE(journal);
  const Status checked = (*journal)->check();
  REQUIRE_FALSE(checked);
  CHECK(checked.error().code == "journal_corrupt");
  CHECK_THAT(checked.error().message, Contains(path) && Contains("put back a copy"));
}
