#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "native/journal/journal.h"
#include "native/migrate/engine_state.h"
#include "native/migrate/lane_moves.h"
#include "native/migrate/read.h"
#include "native/migrate/where.h"

namespace teamferry::migrate {

// The queue of one conversation while it is sent (DESIGN.md 4a and 5).
//
// Up to eight workers each carry one message: intent, the pace's slot, the request, the answer, what follows from
// it. As many are busy as the pace can use at the measured latency, so that a slow answer does not lower the rate,
// and intents are durable before their slot comes. Messages leave in the order of time; a reply waits for the id of
// its root, and replies of one thread go one after another while others pass them.
//
// After a 429 or an unclear answer nothing new leaves until that message has its answer: the lane drains, then the
// same bytes go again.
//
// The parts: lane.cpp picks and orders, send.cpp carries one message, read.h looks back, bind.cpp compares with
// what lives in the channel before anything leaves.
// Tested by tests/native/migrate/lane_test.cpp, bind_test.cpp and engine_test.cpp.
class Lane {
 public:
  // `fresh`: this run has just created the conversation, so nobody's message can live there.
  Lane(RunState& run, journal::Conversation conversation, std::string team_graph_id, bool fresh);

  // Binds and sends until nothing is left, the lane stops, or the run is closing. Adds to the run's summary.
  Task<void> work();

 private:
  using Row = journal::LaneRow;
  enum class Next { settled, same_bytes, new_bytes, wait_for_next_run };
  struct Pick {
    enum { nothing, send, block } what = nothing;
    std::size_t i = 0;
  };
  // One message on its way.
  struct Trip {
    std::size_t i = 0;
    Row* row = nullptr;
    std::string body;   // as planned
    std::string bytes;  // as sent
    bool left = false;  // some request of it has left in this run
    bool in_window = true;
    int throttles = 0, unclear = 0, missing_root = 0, unmarked = 0;
    Loop::Duration busy{};  // time between intent and answer, without waiting for the pace
  };

  // bind.cpp
  Task<bool> bind();
  Task<bool> check_state();
  Task<bool> open_for_import();
  Task<bool> note_completed();
  Task<bool> judge_living(bool& moved);
  Task<bool> move_displaced();
  void judge_one(const graph::Message& message, std::vector<journal::Committer::Work>& decided);
  Task<bool> settle_unclear();
  Task<bool> wake_blocked();

  // lane.cpp
  void load();
  Task<void> worker();
  Pick pick();
  Pick pick_reply(std::size_t i);
  int window() const;
  Task<bool> pass_gate(std::size_t i);
  bool may_leave(std::size_t i) const;
  void stop(Error error);
  void wake_all();
  bool closing() const { return stopped_ || run_.closing(); }
  Task<void> block(std::size_t i);
  Task<void> carry_in_thread(std::size_t i);
  Row* root_of(const Row& row);
  std::string name() const { return shown(conversation_); }
  void tell(const char* what) { run_.tell(std::string(what) + " " + name()); }

  // send.cpp and settle.cpp
  Task<void> carry(std::size_t i);
  Task<Next> compare_bytes(Trip& trip);
  Task<bool> intend(Trip& trip);
  Task<void> turn_back(Trip& trip);
  Task<Next> answered(Trip& trip, Result<graph::Imported> answer);
  Task<Next> throttled(Trip& trip, Error error);
  Task<Next> unclear(Trip& trip, Error error);
  Task<Next> refused(Trip& trip, Error error);
  Task<Next> not_marked(Trip& trip, Error error);
  Task<Next> root_missing(Trip& trip, Error error);
  Task<std::optional<Sighting>> look_through_lag(Trip& trip);
  bool only_we_write() const;
  Task<Next> read_after_conflict(Trip& trip, Error error);
  Task<Next> by_sighting(Trip& trip, Sighting sighting, std::string why);
  Task<Next> plan_again(Trip& trip, Error error);
  Task<bool> note_maybe(Trip& trip);
  void leave_window(Trip& trip);
  void settled(std::size_t i);  // nothing of it has to be sent again
  Expected expected(const Row& row, const std::string& body);

  // States in the journal and in memory at once.
  Task<bool> mark_sent(std::size_t i, std::string graph_id, bool by_read, std::string finding);
  Task<bool> mark_failed(std::size_t i, std::string reason);
  Task<bool> mark_doubt(std::size_t i, std::string reason);
  Task<bool> move_away(std::size_t i);  // false: too far; the row has failed
  Task<bool> settle_aside();

  RunState& run_;
  journal::Conversation conversation_;
  graph::ConversationRef where_;
  bool fresh_;
  bool closed_ = false;           // found by bind: it takes no imports before a startMigration
  bool completed_there_ = false;  // found by bind: that is so because it was completed
  bool open_unnoted_ = false;     // found by bind: it takes imports, and the journal does not know that
  Reader reader_;
  throttle::Paced paced_;

  std::vector<Row> rows_;                                  // by planned order, which is that of time
  std::unordered_map<journal::RowId, std::size_t> roots_;  // that have replies which are not sent
  std::vector<bool> busy_;                                 // a worker has it, or had it
  std::set<DateTime> taken_;
  std::map<std::size_t, DateTime> displaced_;  // found by bind: where a stranger stands on a row's time
  bool listed_ = false;                        // by bind, back to the oldest row that is not settled
  std::size_t cursor_ = 0;                     // nothing before it is open
  std::set<journal::RowId> busy_threads_;
  std::int64_t open_rows_ = 0;

  bool stopped_ = false;
  int moving_ = 0;     // moves that are not durable yet: nothing new is picked
  int carried_ = 0;    // messages that a worker has
  int in_window_ = 0;  // of those: no answer yet
  int on_wire_ = 0;
  std::set<std::size_t> at_gate_;
  std::set<std::size_t> troubled_;  // must be sent again before anything new leaves
  struct Aside {
    std::size_t i;
    std::string why;
  };
  std::vector<Aside> aside_;  // no clear answer, however often they were sent
  int asides_in_a_row_ = 0;
  double busy_seconds_ = 0.1;  // smoothed Trip::busy
  Signal gate_;                // who may leave next has changed; all are at_gate_
  Signal work_;  // something may have become free to be picked: one of the workers looks, and wakes the next if so
};

}  // namespace teamferry::migrate
