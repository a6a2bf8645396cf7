#pragma once

#include "native/journal/counters.h"
#include "native/journal/journal.h"
#include "native/journal/sqlite.h"

namespace teamferry::journal {

// The statements of a run's transitions over one connection, and the counters that change with them.
class TransactionImpl {
 public:
  explicit TransactionImpl(Database& db);

  // Runs `work` so that all or nothing of it is kept; throws what it throws. Inside begin() and commit() only.
  void run(const Committer::Work& work);
  void begin();
  void commit();
  void rollback() noexcept;

 private:
  friend class Transaction;
  struct Row {
    State state;
    std::string reason;
    bool added;
  };
  Row row(RowId id);
  // Moves a row to `to`, which only the states in `allowed` may do; the caller writes the columns.
  void transition(RowId id, std::initializer_list<State> allowed, State to, std::string_view reason,
                  std::string_view what);

  Database& db_;
  Counters counters_;  // of the open transaction
  Counters pending_;   // of the work that runs
  Statement savepoint_, release_, undo_, select_, set_state_, intent_, maybe_, sent_, note_, clear_time_, set_time_,
      new_bytes_, taken_, team_, conversation_, creation_, creation_end_, session_, session_seen_, session_refused_,
      meta_, finding_, count_;
};

}  // namespace teamferry::journal
