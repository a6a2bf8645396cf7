#pragma once

#include "native/journal/counters.h"
#include "native/journal/journal.h"
#include "native/journal/sqlite.h"

namespace teamferry::journal {

// The statements of a run's transitions over one connection, and the counters that change with them.
class TransactionImpl {
 public:
  explicit TransactionImpl(Database& db);

  // Inside begin() and commit() only. Both throw what `work` throws. Afterwards run() leaves a transaction that can
  // only be rolled back; run_apart(), which costs three times as much, one without that work.
  void run(const Committer::Work& work);
  void run_apart(const Committer::Work& work);
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
  // Checks that a row may go to `to`, which only those in `allowed` may, and counts it there. The caller writes the
  // row.
  void count_transition(RowId id, std::initializer_list<State> allowed, State to, std::string_view reason,
                        std::string_view what);
  // The same, and writes state and reason; the caller writes further columns.
  void transition(RowId id, std::initializer_list<State> allowed, State to, std::string_view reason,
                  std::string_view what);

  Database& db_;
  Counters counters_;  // of the open transaction
  Counters pending_;   // of the work that runs
  Statement savepoint_, release_, undo_, select_, set_state_, intent_, maybe_, sent_, note_, clear_time_, set_time_,
      new_bytes_, taken_, team_, conversation_, creation_, creation_end_, session_, session_seen_, session_refused_,
      member_, meta_, finding_, count_;
};

}  // namespace teamferry::journal
