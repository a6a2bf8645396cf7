#include "native/journal/plan_writer.h"

#include <fmt/format.h>

#include <map>

#include "native/journal/counters.h"

// A plan can be made again, so it is written in large transactions that do not wait for the disk; only its
// end does. An interrupted plan stays marked as unfinished.
namespace teamferry::journal {
namespace {

constexpr int kRows = 20'000;
constexpr std::size_t kBytes = 16u << 20;

bool frozen(State state) {
  return state == State::sending || state == State::sent || state == State::doubt;
}

std::optional<std::string_view> unless_empty(std::string_view text) {
  return text.empty() ? std::nullopt : std::optional(text);
}

class SqlitePlanWriter : public PlanWriter {
 public:
  explicit SqlitePlanWriter(Database& db)
      : db_(db),
        old_row_(db, "SELECT state, reason, added FROM message WHERE id = ?"),
        added_(db, "UPDATE message SET added = ? WHERE id = ?"),
        insert_(db,
                "INSERT INTO message (id, key, record, state, time, planned_time, root, reason, added) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"),
        replace_(db,
                 "UPDATE message SET key = ?2, record = ?3, state = ?4, time = ?5, planned_time = CASE WHEN ?5 IS NULL "
                 "THEN NULL ELSE coalesce(?6, planned_time) END, root = ?7, "
                 "reason = ?8, added = ?9, variant = 0, hash = NULL, maybe = 0, graph_id = NULL, note = NULL "
                 "WHERE id = ?1"),
        delete_(db, "DELETE FROM message WHERE id = ?"),
        body_(db, "INSERT OR REPLACE INTO body VALUES (?, ?)"),
        no_body_(db, "DELETE FROM body WHERE id = ?"),
        loss_(db, "INSERT INTO loss VALUES (?, ?, ?, ?)"),
        finding_(db, "INSERT INTO finding (planned, kind, message, text) VALUES (1, ?, ?, ?)"),
        meta_(db, "INSERT OR REPLACE INTO meta VALUES (?, ?)"),
        count_(db, Counters::kUpsert),
        loss_last_(db, "SELECT coalesce(max(ordinal), 0) FROM loss WHERE message = ?"),
        loss_kinds_(db, "SELECT kind FROM loss WHERE message = ?"),
        no_loss_(db, "DELETE FROM loss WHERE message = ?") {
    db_.exec("PRAGMA synchronous = FULL");
    meta_.run("plan_finished", "no");
    db_.exec(
        "PRAGMA synchronous = NORMAL; PRAGMA cache_size = -16384; BEGIN IMMEDIATE;"
        "DELETE FROM person; DELETE FROM team WHERE state = 'planned';"
        "DELETE FROM member WHERE state = 'planned';"
        "INSERT INTO counter SELECT CASE message WHEN 0 THEN 0 ELSE message >> 32 END, 'finding', kind, -count(*)"
        "  FROM finding WHERE planned = 1 GROUP BY 1, 3 ON CONFLICT DO UPDATE SET n = n + excluded.n;"
        "DELETE FROM finding WHERE planned = 1;"
        "DELETE FROM counter WHERE kind = 'export' OR n = 0");
  }

  ~SqlitePlanWriter() override {
    if (finished_) return;
    db_.rollback();
    sqlite3_exec(db_.handle(), "PRAGMA synchronous = FULL; PRAGMA cache_size = -8192", nullptr, nullptr, nullptr);
  }

  Status put_team(const Team& team) override {
    return guarded([&] {
      Statement(db_, "INSERT OR REPLACE INTO team VALUES (?, ?, ?, ?, ?, ?)")
          .run(team.id, team.displayName, team.body, team.graph_id, team.state, team.operation);
    });
  }

  Status put_conversation(const Conversation& c) override {
    return guarded([&] {
      Statement(db_,
                "INSERT INTO conversation VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
                "ON CONFLICT (id) DO UPDATE SET "
                "source_id = ?2, displayName = ?3, kind = ?4, reason = ?5, team = ?6, general = ?7, body = ?8, "
                "graph_id = ?9, state = ?10, owner = ?11, floor = ?12, type = ?13, road = ?14, existing = ?15")
          .run(c.id, c.source_id, c.displayName, c.kind, c.reason, c.team, c.general, c.body, c.graph_id, c.state,
               c.owner, c.floor, c.type, c.road, c.existing);
    });
  }

  Status put_member(const Member& m) override {
    return guarded([&] {
      Statement(db_, "INSERT OR IGNORE INTO member VALUES (?, ?, ?, ?, ?, 'planned', '')")
          .run(m.team, m.conversation, m.user, m.name, m.owner);
      wrote(0);
    });
  }

  Status put_person(const Person& p) override {
    return guarded([&] {
      if (!person_) person_.emplace(db_, "INSERT OR REPLACE INTO person VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)");
      person_->run(p.id, p.name, p.mail, p.kind, p.decision, p.target, p.graph_id, p.graph_name, p.messages);
      wrote(0);
    });
  }

  Status begin_conversation(ConversationId id) override {
    return guarded([&] {
      Statement last(db_, "SELECT max(id) FROM message WHERE id BETWEEN ? AND ?");
      last.bind(row_id(id, 0), row_id(id, UINT32_MAX));
      last.step();
      const RowId last_known = last.null(0) ? 0 : last.integer(0);
      last_known_[id] = last_known;
      last.reset();
      Statement old(db_,
                    "SELECT kind, count(*) FROM loss WHERE message BETWEEN ? AND ? AND "
                    "coalesce((SELECT state FROM message WHERE id = loss.message), 0) NOT IN (1, 2, 6) GROUP BY kind");
      old.bind(row_id(id, 0), row_id(id, UINT32_MAX));
      while (old.step()) counters_.add(id, "loss", old.text(0), -old.integer(1));
      Statement(db_,
                "DELETE FROM loss WHERE message BETWEEN ? AND ? AND "
                "coalesce((SELECT state FROM message WHERE id = loss.message), 0) NOT IN (1, 2, 6)")
          .run(row_id(id, 0), row_id(id, UINT32_MAX));
      // What a plan that broke off wrote before its rows.
      Statement(db_, "DELETE FROM body WHERE id > max(?, ?) AND id <= ?")
          .run(last_known, row_id(id, 0), row_id(id, UINT32_MAX));
    });
  }

  Status put(const PlanRow& row) override {
    return guarded([&] {
      const ConversationId conversation = conversation_of(row.id);
      const bool replaces = known(row.id) && retire(row.id);
      (replaces ? replace_ : insert_)
          .run(row.id, row.key, row.record, row.state, row.time, row.planned_time,
               row.root == 0 ? std::nullopt : std::optional(row.root), unless_empty(row.reason), row.added);
      counters_.row(conversation, row.state, row.reason, row.added, +1);
      wrote(row.key.size() + row.record.size());
    });
  }

  Status put_body(RowId id, std::string_view body) override {
    return guarded([&] {
      if (known(id)) refuse_frozen(id);
      body.empty() ? no_body_.run(id) : body_.run(id, body);
      wrote(body.size());
    });
  }

  Status put_loss(RowId id, std::string_view kind, std::string_view detail) override {
    return guarded([&] {
      // Losses of one row come in a row or two: the first of each starts where its ordinals end.
      if (id != loss_row_) {
        loss_last_.bind(id).step();
        loss_row_ = id;
        loss_ordinal_ = loss_last_.integer(0);
        loss_last_.reset();
      }
      loss_.run(id, ++loss_ordinal_, kind, detail);
      counters_.add(conversation_of(id), "loss", kind, 1);
      wrote(detail.size());
    });
  }

  Status drop(RowId id) override {
    return guarded([&] {
      no_body_.run(id);
      loss_kinds_.bind(id);
      while (loss_kinds_.step()) counters_.add(conversation_of(id), "loss", loss_kinds_.text(0), -1);
      no_loss_.run(id);
      loss_row_ = 0;
    });
  }

  Status put_finding(std::string_view kind, RowId id, std::string_view text) override {
    return guarded([&] {
      finding_.run(kind, id, text);
      counters_.add(id == 0 ? 0 : conversation_of(id), "finding", kind, 1);
      wrote(text.size());
    });
  }

  Status set_added(RowId id, bool added) override {
    return guarded([&] {
      old_row_.bind(id);
      if (!old_row_.step()) return;
      const auto state = static_cast<State>(old_row_.integer(0));
      const std::string reason(old_row_.text(1));
      const bool before = old_row_.integer(2) != 0;
      old_row_.reset();
      if (before == added) return;
      counters_.row(conversation_of(id), state, reason, before, -1);
      counters_.row(conversation_of(id), state, reason, added, +1);
      added_.run(added, id);
    });
  }

  Status forget(RowId id) override {
    return guarded([&] {
      if (!retire(id)) return;
      delete_.run(id);
      no_body_.run(id);
    });
  }

  Status put_meta(std::string_view key, std::string_view value) override {
    return guarded([&] { meta_.run(key, value); });
  }

  Status drop_meta(std::string_view prefix) override {
    return guarded([&] { Statement(db_, "DELETE FROM meta WHERE substr(key, 1, length(?1)) = ?1").run(prefix); });
  }

  Status count_export(std::string_view what, std::int64_t n) override {
    return guarded([&] { counters_.add(0, "export", what, n); });
  }

  Status conversation_done(ConversationId id) override {
    return guarded([&] {
      last_known_.erase(id);
      if (rows_ >= kRows / 2) commit();
    });
  }

  Status finish() override {
    return guarded([&] {
      commit(false);
      db_.exec("PRAGMA synchronous = FULL; BEGIN IMMEDIATE; DELETE FROM counter WHERE n = 0");
      meta_.run("plan_finished", "yes");
      db_.exec("COMMIT; PRAGMA cache_size = -8192");
      finished_ = true;
    });
  }

 private:
  template <class Fn>
  Status guarded(const Fn& fn) {
    if (failed_) return *failed_;
    try {
      fn();
    } catch (const Failure& failure) {
      failed_ = failure.error;  // SQLite has rolled back, or must not go on
      return *failed_;
    } catch (const std::logic_error& e) {
      return Error::state("journal_protocol", e.what());
    }
    return done();
  }

  // Whether the journal may hold this row from an earlier plan. Without begin_conversation: it may.
  bool known(RowId id) const {
    const auto begun = last_known_.find(conversation_of(id));
    return begun == last_known_.end() || id <= begun->second;
  }

  // Takes a row out of the counters. False: there is no such row. Throws for a frozen one.
  bool retire(RowId id) {
    old_row_.bind(id);
    if (!old_row_.step()) return false;
    const auto state = static_cast<State>(old_row_.integer(0));
    if (frozen(state)) {
      old_row_.reset();
      throw std::logic_error(fmt::format("row {} is {}: a plan leaves it alone", id, name(state)));
    }
    counters_.row(conversation_of(id), state, old_row_.text(1), old_row_.integer(2) != 0, -1);
    old_row_.reset();
    return true;
  }

  void refuse_frozen(RowId id) {
    old_row_.bind(id);
    const bool bad = old_row_.step() && frozen(static_cast<State>(old_row_.integer(0)));
    old_row_.reset();
    if (bad) throw std::logic_error(fmt::format("row {} was sent: its body stays", id));
  }

  void wrote(std::size_t bytes) {
    bytes_ += bytes;
    if (++rows_ >= kRows || bytes_ >= kBytes) commit();
  }

  void commit(bool again = true) {
    counters_.write(count_);
    db_.exec(again ? "COMMIT; BEGIN IMMEDIATE" : "COMMIT");
    rows_ = 0;
    bytes_ = 0;
  }

  Database& db_;
  Statement old_row_, added_, insert_, replace_, delete_, body_, no_body_, loss_, finding_, meta_, count_, loss_last_,
      loss_kinds_, no_loss_;
  std::optional<Statement> person_;
  Counters counters_;
  std::map<ConversationId, RowId> last_known_;  // of the conversations begun and not done: several may be
  RowId loss_row_ = 0;
  std::int64_t loss_ordinal_ = 0;
  int rows_ = 0;
  std::size_t bytes_ = 0;
  std::optional<Error> failed_;
  bool finished_ = false;
};

}  // namespace

std::unique_ptr<PlanWriter> make_plan_writer(Database& db) {
  return std::make_unique<SqlitePlanWriter>(db);
}

}  // namespace teamferry::journal
