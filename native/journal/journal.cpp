#include "native/journal/journal.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>

#include "native/journal/bodies.h"
#include "native/journal/committer.h"
#include "native/journal/disk.h"
#include "native/journal/lock.h"
#include "native/journal/plan_writer.h"
#include "native/journal/schema.h"
#include "native/journal/sqlite.h"

namespace teamferry::journal {
namespace {

constexpr const char* kMessageColumns =
    "SELECT m.id, m.root, m.time, m.state, m.maybe, m.variant, m.graph_id, m.key, m.record, m.reason, m.planned_time, "
    "b.json, m.hash FROM message m LEFT JOIN body b ON b.id = m.id ";

LaneRow lane_row(const Statement& s) {
  LaneRow row;
  row.id = s.integer(0);
  row.root = s.integer(1);
  row.time = DateTime{s.integer(2)};
  row.state = static_cast<State>(s.integer(3));
  row.maybe = s.integer(4) != 0;
  row.variant = static_cast<int>(s.integer(5));
  row.graph_id = s.text(6);
  return row;
}

MessageRow message_row(const Statement& s) {
  MessageRow row;
  static_cast<LaneRow&>(row) = lane_row(s);
  row.key = s.text(7);
  row.record = s.text(8);
  row.reason = s.text(9);
  row.planned_time = DateTime{s.integer(10)};
  row.body = s.text(11);
  row.hash = s.text(12);
  return row;
}

std::string read_text(Database& db, const char* sql) {
  Statement statement(db, sql);
  return statement.step() ? statement.string(0) : std::string();
}

Error not_a_journal(const std::string& path, std::string_view what) {
  return Error::state("journal_corrupt", fmt::format("{}: {}; name the journal of this project, or a file that does "
                                                     "not exist yet",
                                                     path, what));
}

// Cheap checks of a file that exists, before SQLite sees it.
Status check_header(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::array<char, 16> magic{};
  file.read(magic.data(), magic.size());
  if (file.gcount() == 0) return done();  // new
  if (std::string_view(magic.data(), magic.size()) != std::string_view("SQLite format 3\0", 16)) {
    return not_a_journal(path, "this is no journal (no SQLite file)");
  }
  return done();
}

class SqliteJournal : public Journal {
 public:
  SqliteJournal(const std::string& path, Access access, FileLock lock)
      : lock_(std::move(lock)), db_(path, access == Access::read ? Database::Mode::read : Database::Mode::create) {}

  Status prepare(Access access) {
    const int version = std::atoi(read_text(db_, "PRAGMA user_version").c_str());
    const int application = std::atoi(read_text(db_, "PRAGMA application_id").c_str());
    const bool blank = read_text(db_, "SELECT count(*) FROM sqlite_schema") == "0";
    if (blank && access == Access::read) return not_a_journal(path(), "there is no journal in this file yet");
    if (!blank && application != kApplicationId) return not_a_journal(path(), "this is an SQLite file, but no journal");
    if (version > kSchemaVersion) {
      return Error::state("journal_newer",
                          fmt::format("{}: written by a newer teamferry (schema {}, this one knows {}); "
                                      "update teamferry",
                                      path(), version, kSchemaVersion));
    }
    if (access == Access::read) {
      outdated_ = version < kSchemaVersion;
      return done();
    }
    db_.exec("PRAGMA page_size = 8192; PRAGMA journal_mode = WAL");
    prepare_for_writing(db_);
    if (blank || version < kSchemaVersion) bring_up(blank ? 0 : version);
    db_.exec("INSERT OR IGNORE INTO meta VALUES ('project', lower(hex(randomblob(8))))");
    return done();
  }

  // A log beside the file says that it was not closed; if the machine itself has gone down since, not all that the disk
  // said it had may be there. A process that dies leaves everything to the system, and costs no check.
  Status check_after_outage() {
    if (!lock_.from_another_boot()) return done();
    std::error_code none;
    const auto log = std::filesystem::file_size(path() + "-wal", none);
    if (!none && log > 0) {
      // Closing must not fold the log into a damaged file, or the next attempt would find it in order.
      sqlite3_db_config(db_.handle(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
      if (auto sound = check(); !sound) return sound;
      sqlite3_db_config(db_.handle(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0, nullptr);
    }
    return lock_.sign();
  }

  // Opened to be read, and written by an older teamferry.
  bool outdated() const { return outdated_; }

  std::string path() const override { return db_.path(); }

  std::optional<std::string> meta(std::string_view key) override {
    Statement statement(db_, "SELECT value FROM meta WHERE key = ?");
    if (!statement.bind(key).step()) return std::nullopt;
    return statement.string(0);
  }

  std::vector<std::pair<std::string, std::string>> metas(std::string_view prefix) override {
    std::vector<std::pair<std::string, std::string>> found;
    Statement s(db_, "SELECT key, value FROM meta WHERE substr(key, 1, length(?1)) = ?1 ORDER BY key");
    s.bind(prefix);
    while (s.step()) found.emplace_back(s.string(0), s.string(1));
    return found;
  }

  Status set_meta(std::string_view key, std::string_view value) override {
    try {
      Statement(db_, "INSERT OR REPLACE INTO meta VALUES (?, ?)").run(key, value);
    } catch (const Failure& failure) {
      return failure.error;
    }
    return done();
  }

  Result<std::unique_ptr<PlanWriter>> begin_plan() override {
    try {
      if (bodies_) bodies_->forget();
      return make_plan_writer(db_);
    } catch (const Failure& failure) {
      return failure.error;
    }
  }

  bool plan_finished() override { return meta("plan_finished") == "yes"; }

  std::vector<Team> teams() override {
    std::vector<Team> teams;
    Statement s(db_, "SELECT id, displayName, body, graph_id, state, operation FROM team ORDER BY id");
    while (s.step()) {
      teams.push_back(
          {static_cast<int>(s.integer(0)), s.string(1), s.string(2), s.string(3), s.string(4), s.string(5)});
    }
    return teams;
  }

  std::vector<Conversation> conversations() override {
    std::vector<Conversation> all;
    Statement s(db_,
                "SELECT id, source_id, displayName, kind, reason, team, general, body, graph_id, state, owner, "
                "floor, type, road, existing FROM conversation ORDER BY id");
    while (s.step()) {
      all.push_back({static_cast<ConversationId>(s.integer(0)), s.string(1), s.string(2), s.string(3), s.string(4),
                     static_cast<int>(s.integer(5)), s.integer(6) != 0, s.string(7), s.string(8), s.string(9),
                     s.string(10), DateTime{s.integer(11)}, s.string(12), s.string(13), s.integer(14) != 0});
    }
    return all;
  }

  std::vector<Member> members() override {
    std::vector<Member> all;
    Statement s(db_,
                "SELECT team, conversation, user, name, owner, state, reason FROM member "
                "ORDER BY team, conversation, owner DESC, user");
    while (s.step()) {
      all.push_back({static_cast<int>(s.integer(0)), static_cast<ConversationId>(s.integer(1)), s.string(2),
                     s.string(3), s.integer(4) != 0, s.string(5), s.string(6)});
    }
    return all;
  }

  std::vector<Person> people() override {
    std::vector<Person> people;
    Statement s(db_,
                "SELECT id, name, mail, kind, decision, target, graph_id, graph_name, messages FROM person "
                "ORDER BY id");
    while (s.step()) {
      people.push_back({s.string(0), s.string(1), s.string(2), s.string(3), s.string(4), s.string(5), s.string(6),
                        s.string(7), s.integer(8)});
    }
    return people;
  }

  void each_known(ConversationId id, const std::function<void(const KnownRow&)>& fn) override {
    Statement s(db_,
                "SELECT id, key, record, state, time, root, added FROM message WHERE id BETWEEN ? AND ? ORDER BY id");
    s.bind(row_id(id, 0), row_id(id, UINT32_MAX));
    while (s.step()) {
      fn(KnownRow{s.integer(0), s.text(1), s.text(2), static_cast<State>(s.integer(3)), s.time(4), s.integer(5),
                  s.integer(6) != 0});
    }
  }

  std::vector<DateTime> taken(ConversationId id) override {
    std::vector<DateTime> times;
    Statement s(db_, "SELECT time FROM taken WHERE conversation = ? ORDER BY time");
    s.bind(id);
    while (s.step()) times.push_back(DateTime{s.integer(0)});
    return times;
  }

  std::vector<LaneRow> lane(ConversationId id) override {
    std::vector<LaneRow> rows;
    Statement s(db_,
                "SELECT id, root, time, state, maybe, variant, graph_id FROM message "
                "WHERE id BETWEEN ? AND ? AND time IS NOT NULL ORDER BY time, id");
    s.bind(row_id(id, 0), row_id(id, UINT32_MAX));
    while (s.step()) rows.push_back(lane_row(s));
    return rows;
  }

  Result<std::string> body(RowId id) override {
    try {
      if (!bodies_) bodies_.emplace(db_);
      auto json = bodies_->take(id);
      if (!json) return Error::state("no_body", fmt::format("{}: row {} has no body", path(), id));
      return std::move(*json);
    } catch (const Failure& failure) {
      return failure.error;
    }
  }

  std::optional<MessageRow> message(RowId id) override {
    Statement s(db_, (std::string(kMessageColumns) + "WHERE m.id = ?").c_str());
    if (!s.bind(id).step()) return std::nullopt;
    return message_row(s);
  }

  std::string intent_hash(RowId id) override {
    Statement s(db_, "SELECT hash FROM message WHERE id = ?");
    return s.bind(id).step() ? s.string(0) : std::string();
  }

  void each_message(ConversationId id, const std::function<bool(const MessageRow&)>& fn) override {
    // The order first: a sort of rows with their bodies would spill gigabytes to the disk.
    std::vector<RowId> order;
    Statement ids(db_, "SELECT id FROM message WHERE id BETWEEN ? AND ? ORDER BY time IS NULL, time, id");
    ids.bind(row_id(id, 0), row_id(id, UINT32_MAX));
    while (ids.step()) order.push_back(ids.integer(0));
    Statement s(db_, (std::string(kMessageColumns) + "WHERE m.id = ?").c_str());
    for (const RowId row : order) {
      if (!s.bind(row).step()) continue;
      const MessageRow found = message_row(s);
      s.reset();  // `fn` may write
      if (!fn(found)) return;
    }
  }

  std::vector<MessageRow> messages_in(const std::vector<State>& states, std::size_t limit) override {
    std::string in;
    for (const State state : states) in += fmt::format("{}{}", in.empty() ? "" : ", ", static_cast<int>(state));
    std::vector<MessageRow> rows;
    const bool trouble = std::all_of(states.begin(), states.end(), [](State state) { return state >= State::failed; });
    const char* indexed = trouble ? "AND m.state >= 4" : "";  // the condition of message_trouble, word by word
    Statement s(
        db_,
        fmt::format("{} WHERE m.state IN ({}) {} ORDER BY m.id LIMIT {}", kMessageColumns, in, indexed, limit).c_str());
    while (s.step()) rows.push_back(message_row(s));
    return rows;
  }

  std::vector<std::string> findings(std::size_t limit) override {
    std::vector<std::string> texts;
    Statement s(db_,
                "SELECT f.kind, coalesce(' ' || m.record, ''), f.text FROM finding f "
                "LEFT JOIN message m ON m.id = f.message ORDER BY f.id LIMIT ?");
    s.bind(static_cast<std::int64_t>(limit));
    while (s.step()) texts.push_back(fmt::format("{}{}: {}", s.text(0), s.text(1), s.text(2)));
    return texts;
  }

  std::optional<std::string> creation_state(std::string_view kind, std::string_view subject) override {
    Statement s(db_, "SELECT state FROM creation WHERE kind = ? AND subject = ?");
    if (!s.bind(kind, subject).step()) return std::nullopt;
    return s.string(0);
  }

  Totals totals() override {
    Statement s(db_, "SELECT kind, name, sum(n) FROM counter GROUP BY kind, name HAVING sum(n) <> 0");
    return read_totals(s);
  }

  Totals totals(ConversationId id) override {
    Statement s(db_, "SELECT kind, name, n FROM counter WHERE conversation = ? AND n <> 0");
    s.bind(id);
    return read_totals(s);
  }

  std::vector<Creation> creations() override {
    std::vector<Creation> all;
    Statement s(db_, "SELECT kind, subject, state, result FROM creation");
    while (s.step()) all.push_back({s.string(0), s.string(1), s.string(2), s.string(3)});
    return all;
  }

  std::vector<ImportSession> import_sessions() override {
    std::vector<ImportSession> all;
    Statement s(db_,
                "SELECT graph_id, started, conversation, client_id, call, state, seen, refused FROM import_session "
                "ORDER BY graph_id, started");
    while (s.step()) {
      all.push_back({s.string(0), DateTime{s.integer(1)}, static_cast<ConversationId>(s.integer(2)), s.string(3),
                     s.string(4), s.string(5), DateTime{s.integer(6)}, s.integer(7) != 0});
    }
    return all;
  }

  Status check() override {
    try {
      const std::string answer = read_text(db_, "PRAGMA quick_check(1)");
      if (answer == "ok") return done();
      return Error::state("journal_corrupt", fmt::format("{}: the journal is damaged ({}); put back a copy of it, or "
                                                         "plan into a new file: what was sent is found again by "
                                                         "reading the target",
                                                         path(), answer));
    } catch (const Failure& failure) {
      return failure.error;
    }
  }

  std::unique_ptr<Committer> direct_committer() override { return make_direct_committer(db_); }

  std::unique_ptr<Committer> threaded_committer(Loop& loop) override {
    return path() == ":memory:" ? direct_committer() : make_threaded_committer(path(), loop);
  }

 private:
  // From a version, 0 being a blank file, to ours: all of it or nothing.
  void bring_up(int version) {
    db_.exec("BEGIN IMMEDIATE");
    try {
      if (version == 0) db_.exec(kSchema);
      for (int step = std::max(version, 1); step < kSchemaVersion; ++step) db_.exec(kUpgrades[step - 1]);
      db_.exec(
          fmt::format("PRAGMA user_version = {}; PRAGMA application_id = {}; COMMIT", kSchemaVersion, kApplicationId)
              .c_str());
    } catch (...) {
      db_.rollback();
      throw;
    }
  }

  static Totals read_totals(Statement& s) {
    Totals totals;
    while (s.step()) {
      const std::string_view kind = s.text(0);
      const std::string what = s.string(1);
      const std::int64_t n = s.integer(2);
      if (kind == "state" || kind == "added") {
        for (int i = 0; i <= static_cast<int>(State::doubt); ++i) {
          const auto state = static_cast<State>(i);
          if (what == name(state)) (kind == "state" ? totals.by_state : totals.added)[state] += n;
        }
      }
      if (kind == "skipped") totals.skipped_by_reason[what] += n;
      if (kind == "failed") totals.failed_by_reason[what] += n;
      if (kind == "loss") totals.losses_by_kind[what] += n;
      if (kind == "finding") totals.findings_by_kind[what] += n;
      if (kind == "export") totals.exported[what] += n;
    }
    return totals;
  }

  FileLock lock_;
  Database db_;
  bool outdated_ = false;
  std::optional<Bodies> bodies_;
};

std::int64_t count(const Totals& totals, std::initializer_list<State> states, bool source_only) {
  std::int64_t sum = 0;
  for (const State state : states) {
    if (const auto it = totals.by_state.find(state); it != totals.by_state.end()) sum += it->second;
    const auto it = totals.added.find(state);
    if (source_only && it != totals.added.end()) sum -= it->second;
  }
  return sum;
}

}  // namespace

const char* name(State state) {
  switch (state) {
    case State::planned:
      return "planned";
    case State::sending:
      return "sending";
    case State::sent:
      return "sent";
    case State::skipped:
      return "skipped";
    case State::failed:
      return "failed";
    case State::blocked:
      return "blocked";
    case State::doubt:
      return "doubt";
  }
  return "unknown";
}

std::int64_t Totals::records() const {
  return sent() + skipped() + failed() + count(*this, {State::planned, State::sending}, true);
}
std::int64_t Totals::sent() const {
  return count(*this, {State::sent}, true);
}
std::int64_t Totals::skipped() const {
  return count(*this, {State::skipped}, true);
}
std::int64_t Totals::failed() const {
  return count(*this, {State::failed, State::blocked, State::doubt}, true);
}
std::int64_t Totals::open() const {
  return count(*this, {State::planned, State::sending}, false);
}

std::string full_body(std::string_view body, DateTime time) {
  std::string full;
  full.reserve(body.size() + 48);
  full += R"({"createdDateTime":")";
  full += time.to_string();
  full += '"';
  if (body.size() > 2) full += ',';
  full += body.substr(1);
  return full;
}

namespace {

Result<std::unique_ptr<SqliteJournal>> open_once(const std::string& path, Access access) {
  FileLock lock;
  if (path != ":memory:") {
    if (auto near = refuse_network(path); !near) return near.error();
    if (access == Access::read && ::access(path.c_str(), R_OK) != 0) {
      return Error::state("journal_io",
                          fmt::format("{}: there is no journal that can be read; make one with `plan`", path));
    }
    if (auto header = check_header(path); !header) return header.error();
    if (access == Access::write) {
      auto taken = FileLock::take(path);
      if (!taken) return taken.error();
      lock = std::move(*taken);
      if (auto made = make_private(path); !made) return made.error();
    }
  }
  try {
    auto journal = std::make_unique<SqliteJournal>(path, access, std::move(lock));
    if (auto sound = journal->check_after_outage(); !sound) return sound.error();
    if (auto ready = journal->prepare(access); !ready) return ready.error();
    return journal;
  } catch (const Failure& failure) {
    return failure.error;
  } catch (const std::logic_error& e) {
    return Error::state("journal_corrupt", fmt::format("{}: {}; put back a copy of the journal", path, e.what()));
  }
}

}  // namespace

Result<std::unique_ptr<Journal>> Journal::open(const std::string& path, Access access) {
  auto opened = open_once(path, access);
  if (!opened) return opened.error();
  if ((*opened)->outdated()) {
    opened->reset();
    if (auto brought_up = open_once(path, Access::write); !brought_up) return brought_up.error();
    opened = open_once(path, access);
    if (!opened) return opened.error();
  }
  return std::unique_ptr<Journal>(std::move(*opened));
}

}  // namespace teamferry::journal
