#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "native/journal/journal.h"

namespace teamferry::migrate {

// The journal as planning one conversation sees it: what an earlier plan left, and where the rows go.
//
// Two exist: DirectJournal below writes at once, QueuedJournal (plan_queue.h) lets the thread that the journal belongs
// to write, so that conversations are planned on many threads.
class ConversationJournal {
 public:
  virtual ~ConversationJournal() = default;

  virtual void each_known(journal::ConversationId id, const std::function<void(const journal::KnownRow&)>& fn) = 0;
  virtual std::vector<DateTime> taken(journal::ConversationId id) = 0;
  virtual Result<std::string> body(journal::RowId id) = 0;

  // As PlanWriter has them. A writer that has failed may tell so at a later call.
  virtual Status begin_conversation(journal::ConversationId id) = 0;
  virtual Status put(const journal::PlanRow& row) = 0;
  virtual Status put_body(journal::RowId id, std::string_view body) = 0;
  virtual Status put_loss(journal::RowId id, std::string_view kind, std::string_view detail) = 0;
  virtual Status drop(journal::RowId id) = 0;
  virtual Status set_added(journal::RowId id, bool added) = 0;
  virtual Status forget(journal::RowId id) = 0;
  virtual Status conversation_done(journal::ConversationId id) = 0;
};

class DirectJournal : public ConversationJournal {
 public:
  DirectJournal(journal::Journal& journal, journal::PlanWriter& writer) : journal_(journal), writer_(writer) {}

  void each_known(journal::ConversationId id, const std::function<void(const journal::KnownRow&)>& fn) override {
    journal_.each_known(id, fn);
  }
  std::vector<DateTime> taken(journal::ConversationId id) override { return journal_.taken(id); }
  Result<std::string> body(journal::RowId id) override { return journal_.body(id); }

  Status begin_conversation(journal::ConversationId id) override { return writer_.begin_conversation(id); }
  Status put(const journal::PlanRow& row) override { return writer_.put(row); }
  Status put_body(journal::RowId id, std::string_view body) override { return writer_.put_body(id, body); }
  Status put_loss(journal::RowId id, std::string_view kind, std::string_view detail) override {
    return writer_.put_loss(id, kind, detail);
  }
  Status drop(journal::RowId id) override { return writer_.drop(id); }
  Status set_added(journal::RowId id, bool added) override { return writer_.set_added(id, added); }
  Status forget(journal::RowId id) override { return writer_.forget(id); }
  Status conversation_done(journal::ConversationId id) override { return writer_.conversation_done(id); }

 private:
  journal::Journal& journal_;
  journal::PlanWriter& writer_;
};

}  // namespace teamferry::migrate
