#include "native/journal/difference.h"

#include <fmt/format.h>

#include "native/journal/counters.h"
#include "native/journal/sqlite.h"

namespace teamferry::journal {

namespace {

// The rows of both plans, each with its conversation's name and its place among rows of the same key.
constexpr const char* kBothPlans = R"sql(
CREATE TEMP TABLE was AS
  SELECT m.id, c.source_id AS room, c.displayName AS name, m.key, m.record, m.state, m.reason, m.planned_time AS time,
         m.hash IS NOT NULL AS tried,
         row_number() OVER (PARTITION BY m.id >> 32, m.key ORDER BY m.id) AS nth,
         (SELECT r.key FROM old.message r WHERE r.id = m.root) AS root
  FROM old.message m JOIN old.conversation c ON c.id = m.id >> 32;
CREATE TEMP TABLE now AS
  SELECT m.id, c.source_id AS room, c.displayName AS name, m.key, m.record, m.state, m.reason, m.planned_time AS time,
         m.hash IS NOT NULL AS tried,
         row_number() OVER (PARTITION BY m.id >> 32, m.key ORDER BY m.id) AS nth,
         (SELECT r.key FROM main.message r WHERE r.id = m.root) AS root
  FROM main.message m JOIN main.conversation c ON c.id = m.id >> 32;
CREATE INDEX temp.now_key ON now (room, key, nth);
CREATE TEMP TABLE pair AS
  SELECT was.id AS was, now.id AS now FROM was JOIN now USING (room, key, nth)
  WHERE was.state <> 3 AND now.state <> 3;
CREATE TEMP TABLE was_left AS
  SELECT id, record, row_number() OVER (PARTITION BY record ORDER BY id) AS part FROM was
  WHERE id NOT IN (SELECT was FROM pair);
CREATE TEMP TABLE now_left AS
  SELECT id, record, row_number() OVER (PARTITION BY record ORDER BY id) AS part FROM now
  WHERE id NOT IN (SELECT now FROM pair);
CREATE INDEX temp.now_record ON now_left (record, part);
INSERT INTO pair SELECT was_left.id, now_left.id FROM was_left JOIN now_left USING (record, part);
INSERT INTO pair SELECT id, NULL FROM was WHERE id NOT IN (SELECT was FROM pair WHERE was IS NOT NULL);
INSERT INTO pair SELECT NULL, id FROM now WHERE id NOT IN (SELECT now FROM pair WHERE now IS NOT NULL);
CREATE INDEX temp.was_id ON was (id);
CREATE INDEX temp.now_id ON now (id);
)sql";

constexpr const char* kPairs = R"sql(
SELECT w.id, w.state, w.reason, w.time, w.root, w.room, w.name, w.record, old_body.json, w.tried,
       n.id, n.state, n.reason, n.time, n.root, n.room, n.name, n.record, new_body.json, n.tried,
       old_body.json IS NOT new_body.json AND
         json_remove(old_body.json, '$.from') IS NOT json_remove(new_body.json, '$.from'),
       old_body.json IS NOT new_body.json AND
         json_extract(old_body.json, '$.from') IS NOT json_extract(new_body.json, '$.from')
FROM pair
LEFT JOIN was w ON w.id = pair.was LEFT JOIN old.body old_body ON old_body.id = w.id
LEFT JOIN now n ON n.id = pair.now LEFT JOIN main.body new_body ON new_body.id = n.id
ORDER BY coalesce(pair.now, pair.was)
)sql";

enum class Fate { absent, planned, skipped, failed };

// One side of a pair: its columns begin at `first`.
class Side {
 public:
  Side(const Statement& row, int first) : row_(row), first_(first) {}
  Fate fate() const {
    if (row_.null(first_)) return Fate::absent;
    const auto state = static_cast<State>(row_.integer(first_ + 1));
    if (state == State::skipped) return Fate::skipped;
    // A row that Graph refused was planned all the same.
    if (state == State::failed && row_.integer(first_ + 9) == 0) return Fate::failed;
    return Fate::planned;
  }
  bool sent() const { return static_cast<State>(row_.integer(first_ + 1)) == State::sent; }
  std::string reason() const { return row_.string(first_ + 2); }
  std::int64_t time() const { return row_.integer(first_ + 3); }
  std::string_view root() const { return row_.text(first_ + 4); }
  std::string_view room() const { return row_.text(first_ + 5); }
  std::string name() const { return row_.string(first_ + 6); }
  std::string record() const { return row_.string(first_ + 7); }
  std::string body() const { return row_.string(first_ + 8); }
  // What stands for it in a sample.
  std::string shown() const {
    const Fate is = fate();
    return is == Fate::absent ? std::string() : is == Fate::planned ? body() : reason();
  }

 private:
  const Statement& row_;
  int first_;
};

// Gathers samples: first one of each conversation, then any.
class Samples {
 public:
  explicit Samples(int most) : most_(most) {}

  void take(const std::string& kind, const Side& before, const Side& after) {
    const Side& there = after.fate() == Fate::absent ? before : after;
    auto& chosen = of_[kind];
    const bool first = rooms_[kind].insert({there.name(), 0}).second;
    auto& list = first ? chosen.first : chosen.more;
    if (static_cast<int>(list.size()) >= most_) return;
    const auto time = there.time();
    list.push_back({kind, there.name(), there.record(), time ? DateTime{time}.to_string() : std::string(),
                    before.shown(), after.shown()});
  }

  std::vector<Difference::Sample> all() {
    std::vector<Difference::Sample> list;
    for (auto& [kind, chosen] : of_) {
      int taken = 0;
      for (auto* from : {&chosen.first, &chosen.more}) {
        for (auto& sample : *from) {
          if (taken++ < most_) list.push_back(std::move(sample));
        }
      }
    }
    return list;
  }

 private:
  struct Chosen {
    std::vector<Difference::Sample> first, more;
  };
  int most_;
  std::map<std::string, Chosen> of_;
  std::map<std::string, std::map<std::string, int>> rooms_;
};

void compare_planned(const Statement& row, const Side& before, const Side& after, Difference& found, Samples& samples) {
  std::vector<std::string> kinds;
  if (row.integer(20) != 0) kinds.emplace_back("body");
  if (row.integer(21) != 0) kinds.emplace_back("author");
  if (before.time() != after.time()) kinds.emplace_back("time");
  if (before.room() != after.room() || before.name() != after.name()) kinds.emplace_back("place");
  if (before.root() != after.root()) kinds.emplace_back("thread");
  if (kinds.empty()) return;
  ++found.changed;
  if (before.sent()) ++found.sent;
  for (const auto& kind : kinds) {
    ++found.changes[kind];
    samples.take(kind, before, after);
  }
}

void compare_pair(const Statement& row, Difference& found, Samples& samples) {
  const Side before(row, 0), after(row, 10);
  const Fate was = before.fate(), is = after.fate();
  if (is != Fate::absent) ++found.rows;
  if (was == Fate::planned && is == Fate::planned) return compare_planned(row, before, after, found, samples);
  if (was == is) return;
  const auto note = [&](const char* kind) {
    ++found.changes[kind];
    samples.take(kind, before, after);
  };
  if (was == Fate::planned && before.sent()) ++found.sent;
  if (was == Fate::absent) {
    note("new");
  } else if (is == Fate::absent) {
    note("gone");
  } else if (is == Fate::planned) {
    note("now planned");
  } else if (is == Fate::skipped) {
    note("now skipped");
    ++found.skipped[after.reason()];
  } else {
    note("now failed");
    ++found.failed[std::string(group_of(after.reason()))];
  }
}

// How many more of each kind a query counts in `main` than in `old`.
std::map<std::string, std::int64_t> more(Database& db, const char* now, const char* was) {
  std::map<std::string, std::int64_t> counts;
  for (const int sign : {1, -1}) {
    Statement row(db, sign > 0 ? now : was);
    while (row.step()) counts[row.string(0)] += sign * row.integer(1);
  }
  std::erase_if(counts, [](const auto& entry) { return entry.second == 0; });
  return counts;
}

// Rows that were sent become planned ones, in the counters too.
void take_back(Database& db) {
  db.exec(
      "BEGIN IMMEDIATE; UPDATE message SET state = 0, maybe = 0, hash = NULL, graph_id = NULL, note = NULL "
      "WHERE state IN (1, 2, 5, 6); DELETE FROM counter WHERE kind IN ('state', 'added', 'skipped', 'failed')");
  Counters counters;
  Statement rows(db, "SELECT id, state, reason, added FROM message"), count(db, Counters::kUpsert);
  while (rows.step()) {
    counters.row(conversation_of(rows.integer(0)), static_cast<State>(rows.integer(1)), rows.text(2),
                 rows.integer(3) != 0, 1);
  }
  counters.write(count);
  db.exec("COMMIT");
}

}  // namespace

Status copy_unsent(const std::string& from, const std::string& to) {
  // What is older is brought up to date, and what is no journal is refused.
  if (auto opened = Journal::open(from, Access::read); !opened) return opened.error();
  try {
    {
      Database source(from, Database::Mode::read);
      Statement(source, "VACUUM INTO ?").run(to);
    }
    Database copy(to, Database::Mode::write);
    take_back(copy);
    return done();
  } catch (const Failure& failure) {
    return failure.error;
  }
}

Result<Difference> compare(const std::string& before, const std::string& after, int most) {
  try {
    Database db(after, Database::Mode::write);
    sqlite3_db_config(db.handle(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);  // the first keeps its every byte
    Statement(db, "ATTACH ? AS old").run(before);
    db.exec(kBothPlans);
    Difference found;
    Samples samples(most);
    Statement row(db, kPairs);
    while (row.step()) compare_pair(row, found, samples);
    found.samples = samples.all();
    found.losses = more(db, "SELECT kind, count(*) FROM main.loss GROUP BY kind",
                        "SELECT kind, count(*) FROM old.loss GROUP BY kind");
    found.findings = more(db, "SELECT kind, count(*) FROM main.finding WHERE planned = 1 GROUP BY kind",
                          "SELECT kind, count(*) FROM old.finding WHERE planned = 1 GROUP BY kind");
    return found;
  } catch (const Failure& failure) {
    return failure.error;
  }
}

}  // namespace teamferry::journal
