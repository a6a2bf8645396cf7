#pragma once

#include <initializer_list>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>

#include "native/limits/limits.h"
#include "native/migrate/forecast.h"
#include "native/migrate/session.h"
#include "native/migrate/signal.h"

namespace teamferry::migrate {

// What the lanes of one run share: the summary they add to, the reasons to end, the pauses they make, and what a
// person sees of it all.
class RunState {
 public:
  explicit RunState(Session& session);

  Session& session;
  RunSummary summary;

  // The user or an error wants the end: nothing new starts.
  bool closing() const { return session.stop.load(std::memory_order_relaxed) || summary.error.has_value(); }
  // Ends the run. The first error counts.
  void end(Error error);

  // Durable when it returns true. false: the disk failed, which has ended the run.
  Task<bool> commit(journal::Committer::Work work);

  // Waits, looking up now and then. false: the run is closing.
  Task<bool> nap(Loop::Duration time);
  // 1, 2, 4 ... 300 s with up to 20 % more or less, or longer if the service asked for it.
  Loop::Duration backoff(int failures, const Error& error);

  // A definite refusal of one message. Too many equal ones in a row end the run.
  void refused(const Error& error);
  // A message was accepted: what was refused before is no longer "in a row".
  void accepted(bool by_read);
  // A message went from one state to another: what the progress counts.
  void transition(journal::State from, journal::State to);
  void request_leaves();  // the first one starts the clock of sending

  void throttled() { ++summary.throttled; }
  void tell(std::string doing);
  void tell_wait(std::string what, Loop::Duration wait);

  // What each open lane has still to send, for the forecast.
  void lane_remaining(journal::ConversationId id, std::int64_t messages);

  // Waits while the user wants a pause. false: the run is closing.
  bool pausing() const { return session.options.paused && session.options.paused(on_wire == 0); }
  Task<bool> pass_pause();
  int on_wire = 0;  // imports of all lanes without an answer yet

  Signal creation_ended;
  int creating = 0;            // channels being created just now
  std::size_t first_wave = 0;  // conversations that start together, and are not ready yet

 private:
  Progress progress(std::string doing) const;
  std::int64_t count(std::initializer_list<journal::State> states) const;

  Forecast forecast_;
  std::minstd_rand random_;
  std::string last_refusal_;
  int equal_refusals_ = 0;
  std::map<journal::State, std::int64_t> by_state_;
  std::map<journal::ConversationId, std::int64_t> remaining_;
  std::multiset<std::int64_t> lengths_;  // the values of remaining_: every message asks for the greatest
  std::optional<Loop::TimePoint> first_import_;
};

// What the service says and we recognise (native/limits/service.json).
const limits::KnownTexts& texts();
using limits::says;

// The error with the next step, if nothing can succeed before a person has acted: no sign-in, no role, wrong options.
std::optional<Error> ends_the_run(const Error& error);

}  // namespace teamferry::migrate
