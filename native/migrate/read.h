#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "native/graph/client.h"
#include "native/journal/journal.h"
#include "native/migrate/engine_state.h"

// Reading back: is a message that may have been stored really there? (DESIGN.md 4a, rule 7.)
namespace teamferry::migrate {

// What one of our messages looks like in Graph.
struct Expected {
  DateTime time;
  std::string author;  // Entra object id
  std::string parent;  // graph id of its root; empty: it is a root
  std::string text;    // visible_text of its body
};

// From the planned body; a body that is not JSON looks like nobody's.
Expected expected_message(const std::string& body, DateTime time, std::string parent);

enum class Seen {
  nothing,
  ours,        // same millisecond, author, parent and text
  other_text,  // ours but for the text, or a tombstone: nobody can tell
  stranger,    // somebody else's message stands on the millisecond
  unreadable,  // could not be read: see error
};

// Requires that `message` stands on the expected millisecond.
Seen judge(const graph::Message& message, const Expected& expected);

struct Sighting {
  Seen seen = Seen::nothing;
  std::string id;
  std::optional<Error> error;

  // The application lacks the role to read: no pause will help.
  bool forbidden() const { return error && error->status == 403; }
};

// Reads one conversation for its lane. A listing serves all who wait for one.
// Tested by tests/native/migrate/bind_test.cpp and lane_test.cpp.
class Reader {
 public:
  Reader(RunState& run, graph::ConversationRef where)
      : run_(run), where_(std::move(where)), listed_(run.session.loop) {}

  // Asks for the message whose id would be the epoch milliseconds; that being somebody else or nobody, lists:
  // the replies of its root, or the roots back to its time; `deep`: everything that lives there.
  Task<Sighting> look(Expected expected, bool deep);

  // Like look(), but tries again when the service has trouble. Unreadable in the end: no role, or the trouble lasts.
  Task<Sighting> look_patiently(Expected expected, bool deep);

  // Hands every living message to `fn`, a root before its replies. Ends after the first page on which all are
  // older than `oldest`, since the service lists the newest first.
  using Each = std::function<void(const graph::Message&)>;
  Task<Status> each_living(std::optional<DateTime> oldest, Each fn);

 private:
  struct Wanted {
    const Expected* expected;
    bool deep;
    Sighting sighting;
    bool done = false;
  };
  Task<Sighting> look_among_replies(const Expected& expected);
  Task<Sighting> look_in_listing(const Expected& expected, bool deep);
  Task<void> list_for_waiting();
  Task<Status> list_for(std::vector<Wanted*> served);
  void tell_served(const std::vector<Wanted*>& served, const Status& status);

  RunState& run_;
  graph::ConversationRef where_;
  std::vector<Wanted*> waiting_;
  bool listing_ = false;
  Signal listed_;
};

}  // namespace teamferry::migrate
