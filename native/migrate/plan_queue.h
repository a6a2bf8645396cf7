#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <string>

#include "native/migrate/plan_journal.h"

namespace teamferry::migrate {

// The code of the error that a worker gets when the queue is closed.
inline constexpr const char* kStopped = "stopped";

// What the threads that plan conversations hand to the one that the journal, the directory and the person watching
// belong to: bundles of rows to write, and calls to make.
//
// A thread that is ahead of the writer waits, so that memory does not grow with the export. Thread-safe.
// Tested by tests/native/migrate/plan_queue_test.cpp.
class PlanQueue {
 public:
  struct Item {
    std::string rows;            // for replay(); empty: there is a call
    std::function<void()> call;  // does not throw
  };

  // By a worker. False once the queue is closed; then nothing is taken.
  bool push(std::string rows);
  // Has `call` made after what was pushed before; does not wait for it.
  bool tell(std::function<void()> call);
  // Has `call` made and waits for its end; what it throws is thrown here. Throws journal::Failure once closed.
  void ask(const std::function<void()>& call);

  // By the writer: the next item, waited for; nothing once the queue is closed and every worker has left.
  std::optional<Item> pop();
  // Nothing is taken any more, and nobody is kept waiting.
  void close();
  bool closed() const;

  // Around the life of a worker: the writer waits for as many as there are.
  void enter();
  void leave();

 private:
  bool add(Item item);

  mutable std::mutex mutex_;
  std::condition_variable filled_, drained_, answered_;
  std::deque<Item> items_;
  std::size_t bytes_ = 0;
  int workers_ = 0;
  bool closed_ = false;
};

// A worker's journal: it reads by asking the writer, and what it writes goes there in bundles.
class QueuedJournal : public ConversationJournal {
 public:
  explicit QueuedJournal(PlanQueue& queue, journal::Journal& journal) : queue_(queue), journal_(journal) {}

  void each_known(journal::ConversationId id, const std::function<void(const journal::KnownRow&)>& fn) override;
  std::vector<DateTime> taken(journal::ConversationId id) override;
  Result<std::string> body(journal::RowId id) override;

  Status begin_conversation(journal::ConversationId id) override;
  Status put(const journal::PlanRow& row) override;
  Status put_body(journal::RowId id, std::string_view body) override;
  Status put_loss(journal::RowId id, std::string_view kind, std::string_view detail) override;
  Status drop(journal::RowId id) override;
  Status set_added(journal::RowId id, bool added) override;
  Status forget(journal::RowId id) override;
  Status conversation_done(journal::ConversationId id) override;  // sends what is left

 private:
  Status send(bool all);

  PlanQueue& queue_;
  journal::Journal& journal_;  // of the writer's thread
  std::string rows_;
};

// By the writer: writes what a QueuedJournal has bundled.
Status replay(std::string_view rows, journal::PlanWriter& writer);

}  // namespace teamferry::migrate
