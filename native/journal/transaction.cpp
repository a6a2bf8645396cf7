#include "native/journal/transaction.h"

#include <fmt/format.h>

#include <algorithm>

namespace teamferry::journal {

TransactionImpl::TransactionImpl(Database& db)
    : db_(db),
      savepoint_(db, "SAVEPOINT work"),
      release_(db, "RELEASE work"),
      undo_(db, "ROLLBACK TO work"),
      select_(db, "SELECT state, reason, added FROM message WHERE id = ?"),
      set_state_(db, "UPDATE message SET state = ?, reason = ? WHERE id = ?"),
      intent_(db, "UPDATE message SET state = ?, reason = NULL, time = ?, variant = ?, hash = ? WHERE id = ?"),
      maybe_(db, "UPDATE message SET maybe = ? WHERE id = ?"),
      sent_(db, "UPDATE message SET state = ?, reason = NULL, graph_id = ?, note = ? WHERE id = ?"),
      note_(db, "UPDATE message SET note = ?, maybe = 0, hash = NULL WHERE id = ?"),
      clear_time_(db, "UPDATE message SET time = NULL WHERE id = ?"),
      set_time_(db, "UPDATE message SET time = ? WHERE id = ?"),
      new_bytes_(db, "UPDATE message SET maybe = 0, hash = NULL WHERE id = ?"),
      taken_(db, "INSERT OR IGNORE INTO taken VALUES (?, ?)"),
      team_(db, "UPDATE team SET graph_id = ?, state = ?, operation = ? WHERE id = ?"),
      conversation_(db, "UPDATE conversation SET graph_id = ?, state = ?, owner = ?, floor = ? WHERE id = ?"),
      creation_(db, "INSERT OR REPLACE INTO creation VALUES (?1, ?2, 'begun', ?3)"),
      creation_end_(db, "UPDATE creation SET state = ?, result = ? WHERE kind = ? AND subject = ?"),
      session_(db, "INSERT OR REPLACE INTO import_session VALUES (?, ?, ?, ?, ?, ?, ?, ?)"),
      session_seen_(db,
                    "UPDATE import_session SET state = ?2, seen = ?3 WHERE graph_id = ?1 AND started = "
                    "(SELECT max(started) FROM import_session WHERE graph_id = ?1)"),
      session_refused_(db,
                       "UPDATE import_session SET refused = 1 WHERE graph_id = ?1 AND started = "
                       "(SELECT max(started) FROM import_session WHERE graph_id = ?1)"),
      member_(db,
              "INSERT INTO member VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT DO UPDATE SET "
              "state = ?6, reason = ?7"),
      meta_(db, "INSERT OR REPLACE INTO meta VALUES (?, ?)"),
      finding_(db, "INSERT INTO finding (planned, kind, message, text) VALUES (0, ?, ?, ?)"),
      count_(db, Counters::kUpsert) {}

void TransactionImpl::begin() {
  db_.exec("BEGIN IMMEDIATE");
}

void TransactionImpl::commit() {
  counters_.write(count_);
  db_.exec("COMMIT");
}

void TransactionImpl::rollback() noexcept {
  counters_.clear();
  pending_.clear();
  db_.rollback();
}

void TransactionImpl::run(const Committer::Work& work) {
  Transaction transaction(*this);
  work(transaction);
  counters_.merge(pending_);
  pending_.clear();
}

void TransactionImpl::run_apart(const Committer::Work& work) {
  savepoint_.run();
  try {
    run(work);
  } catch (const Failure&) {
    throw;  // the disk: the whole transaction is lost
  } catch (...) {
    pending_.clear();
    undo_.run();
    release_.run();
    throw;
  }
  release_.run();
}

TransactionImpl::Row TransactionImpl::row(RowId id) {
  select_.bind(id);
  if (!select_.step()) throw std::logic_error(fmt::format("the journal has no row {}", id));
  Row row{static_cast<State>(select_.integer(0)), select_.string(1), select_.integer(2) != 0};
  select_.reset();
  return row;
}

void TransactionImpl::count_transition(RowId id, std::initializer_list<State> allowed, State to,
                                       std::string_view reason, std::string_view what) {
  const Row from = row(id);
  if (std::find(allowed.begin(), allowed.end(), from.state) == allowed.end()) {
    throw std::logic_error(fmt::format("{} of row {}: it is {}", what, id, name(from.state)));
  }
  pending_.row(conversation_of(id), from.state, from.reason, from.added, -1);
  pending_.row(conversation_of(id), to, reason, from.added, +1);
}

void TransactionImpl::transition(RowId id, std::initializer_list<State> allowed, State to, std::string_view reason,
                                 std::string_view what) {
  count_transition(id, allowed, to, reason, what);
  set_state_.run(to, reason.empty() ? std::nullopt : std::optional(reason), id);
}

void Transaction::intent(RowId id, DateTime time, int variant, std::string_view hash) {
  impl_.count_transition(id, {State::planned, State::sending}, State::sending, "", "intent");
  impl_.intent_.run(State::sending, time, variant, hash, id);
}

void Transaction::maybe(RowId id, bool value) {
  if (impl_.row(id).state != State::sending) throw std::logic_error(fmt::format("maybe of row {}: not sending", id));
  impl_.maybe_.run(value, id);
}

void Transaction::sent(RowId id, std::string_view graph_id, std::string_view note) {
  impl_.count_transition(id, {State::sending, State::planned, State::doubt}, State::sent, "", "sent");
  impl_.sent_.run(State::sent, graph_id, note.empty() ? std::nullopt : std::optional(note), id);
}

void Transaction::failed(RowId id, std::string_view reason) {
  impl_.transition(id, {State::planned, State::sending}, State::failed, reason, "failed");
}

void Transaction::blocked(RowId id, std::string_view reason) {
  impl_.transition(id, {State::planned}, State::blocked, reason, "blocked");
}

void Transaction::doubt(RowId id, std::string_view reason) {
  impl_.transition(id, {State::sending}, State::doubt, reason, "doubt");
}

void Transaction::planned_again(RowId id, std::string_view reason) {
  impl_.transition(id, {State::sending, State::blocked}, State::planned, "", "planned_again");
  impl_.note_.run(reason, id);
}

void Transaction::move(const std::vector<std::pair<RowId, DateTime>>& moves) {
  if (moves.empty()) return;
  for (const auto& [id, time] : moves) {
    const State state = impl_.row(id).state;
    const bool first = id == moves.front().first;
    const bool unsent = state == State::planned || state == State::blocked;
    if (conversation_of(id) != conversation_of(moves.front().first) ||
        !(unsent || (first && state == State::sending))) {
      throw std::logic_error(fmt::format("move of row {}: it is {}", id, name(state)));
    }
    impl_.clear_time_.run(id);  // so that rows may take each other's times
  }
  for (const auto& [id, time] : moves) impl_.set_time_.run(time, id);
  impl_.new_bytes_.run(moves.front().first);
}

void Transaction::taken(ConversationId conversation, DateTime time) {
  impl_.taken_.run(conversation, time);
}

void Transaction::team(const Team& team) {
  impl_.team_.run(team.graph_id, team.state, team.operation, team.id);
}

void Transaction::conversation(const Conversation& c) {
  impl_.conversation_.run(c.graph_id, c.state, c.owner, c.floor, c.id);
}

void Transaction::creation_begun(std::string_view kind, std::string_view subject, std::string_view note) {
  impl_.creation_.run(kind, subject, note);
}

void Transaction::creation_done(std::string_view kind, std::string_view subject, std::string_view result) {
  impl_.creation_end_.run("done", result, kind, subject);
}

void Transaction::creation_failed(std::string_view kind, std::string_view subject, std::string_view reason) {
  impl_.creation_end_.run("failed", reason, kind, subject);
}

void Transaction::session_begun(const ImportSession& s) {
  impl_.session_.run(s.graph_id, s.started, s.conversation, s.client_id, s.call, s.state, s.seen, s.refused);
}

void Transaction::session_seen(std::string_view graph_id, std::string_view state, DateTime now) {
  impl_.session_seen_.run(graph_id, state, now);
}

void Transaction::session_refused(std::string_view graph_id) {
  impl_.session_refused_.run(graph_id);
}

void Transaction::member(const Member& m) {
  impl_.member_.run(m.team, m.conversation, m.user, m.name, m.owner, m.state, m.reason);
}

void Transaction::meta(std::string_view key, std::string_view value) {
  impl_.meta_.run(key, value);
}

void Transaction::finding(std::string_view kind, RowId id, std::string_view text) {
  impl_.finding_.run(kind, id, text);
  impl_.pending_.add(id == 0 ? 0 : conversation_of(id), "finding", kind, 1);
}

}  // namespace teamferry::journal
