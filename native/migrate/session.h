#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "native/base/clock.h"
#include "native/base/loop.h"
#include "native/graph/client.h"
#include "native/journal/journal.h"
#include "native/migrate/evidence.h"
#include "native/migrate/identity.h"
#include "native/throttle/pace.h"

// What `run`, `verify` and `complete` need and what they give back. All three may be killed at any moment and
// started again: the journal tells them where they were.
namespace teamferry::migrate {

// One moment of a command, for a person who watches. Numbers are of the whole journal.
struct Progress {
  std::string doing;                   // "sending", "creating #general", "reading #general", "completing #general"
  std::int64_t done = 0;               // messages in Graph
  std::int64_t total = 0;              // messages that are, or can still come there
  std::int64_t failed = 0;             // failed, blocked, in doubt
  double rate = 0;                     // messages a second, lately
  std::string waiting_for;             // empty: nothing. "429 in #general", "503 ServiceUnavailable in #general"
  Loop::Duration wait{};               // how long that will take
  std::optional<Loop::Duration> left;  // of sending; unknown until some messages were sent
  std::int64_t throttled = 0;          // 429s met
};
using ProgressSink = std::function<void(const Progress&)>;

struct Options {
  int window = 8;     // messages of a conversation between intent and answer, at most
  int lanes = 1000;   // conversations open at once: as many channels as a team may have
  int creations = 4;  // channels being created at once: GRAPH limits them to 4 a second and team
  graph::Patience team_patience{std::chrono::seconds(10), std::chrono::minutes(15)};
  graph::Patience channel_patience{std::chrono::seconds(2), std::chrono::minutes(5)};
  // Pauses before looking again for a message that must be there but is not read yet.
  std::vector<Loop::Duration> read_lag{std::chrono::seconds(2), std::chrono::seconds(10), std::chrono::seconds(60)};
  // Pauses before looking again for a team whose creation had no clear answer.
  std::vector<Loop::Duration> team_lag{std::chrono::seconds(5), std::chrono::seconds(10), std::chrono::seconds(20)};
  int equal_refusals = 20;   // in a row: stops the run
  int unclear_answers = 10;  // to one message in a row: the service is asked no more for now
  std::uint64_t seed = 1;    // of the jitter of pauses
  // run: a conversation that lived before may be opened for import, which moves its createdDateTime for ever.
  bool confirm_existing = false;
  // run: asked before each message; while it says true nothing new leaves. `idle`: nothing is on its way any more.
  std::function<bool(bool idle)> paused;
  // run, verify: only this conversation (find_pilot); empty: all.
  std::string pilot;
  // complete: members of group chats that lived before are removed and added again, so that they see what was imported.
  bool readd_members = false;
  // complete: how many messages may stay behind, and why. Both are recorded.
  std::optional<std::int64_t> accept_failures;
  std::string accept_reason;
  // verify: the file that it leaves as evidence, and the private key that signs it; empty: none.
  std::string evidence_file, evidence_key;
};

// The world, handed in; all of it must outlive the tasks. Everything runs on the loop's thread.
struct Session {
  Loop& loop;
  graph::Client& client;
  journal::Journal& journal;
  journal::Committer& committer;
  const WallClock& clock;
  throttle::Pace& pace;
  const std::atomic<bool>& stop;  // true: finish what is in flight, start nothing new
  Identity identity;
  Options options{};
  ProgressSink progress{};
};

// A conversation that could not go on, and what to do.
struct Stopped {
  std::string conversation;  // "#general", "chat Orbit core"
  Error error;
};

struct RunSummary {
  std::int64_t sent = 0;          // by this run
  std::int64_t sent_by_read = 0;  // of those: found in Graph, an earlier attempt had arrived
  std::int64_t failed = 0;
  std::int64_t blocked = 0;
  std::int64_t doubt = 0;
  std::int64_t moved = 0;          // to another millisecond than planned, because of a stranger's message
  std::int64_t throttled = 0;      // 429s met
  std::int64_t conversations = 0;  // that are open for import, or completed
  std::int64_t waiting = 0;        // that can only be created when their team is completed
  std::vector<Stopped> stopped;    // conversations that wait for something; the others went on
  std::optional<Error> error;      // what ended the run before its end
  bool interrupted = false;        // the stop flag ended it
  double seconds = 0;
  double sending_seconds = 0;  // from the first import to the last answer

  // Nothing is left that another run could send.
  bool whole() const { return stopped.empty() && !error && !interrupted; }
};

// One difference between the journal and Graph.
struct Difference {
  std::string kind;  // missing, extra, author, time, parent, text, deleted, unsettled
  std::string conversation;
  std::string record;  // of the export; empty for extra ones
  std::string graph_id;
  DateTime time;
};

struct VerifySummary {
  struct Conversation {
    std::string displayName;
    std::int64_t expected = 0;  // sent, says the journal
    std::int64_t found = 0;     // messages in Graph, roots and replies
    std::int64_t equal = 0;
    std::int64_t missing = 0;         // sent, but not there
    std::int64_t extra = 0;           // there, but not ours
    std::int64_t different = 0;       // there, but not as planned
    std::int64_t system = 0;          // Teams' own lines about the channel, not counted as found
    std::int64_t marked_deleted = 0;  // equal, but with a deletion date: the service has been seen doing so
  };
  std::vector<Conversation> conversations;
  std::map<std::string, std::int64_t> by_kind;  // of Difference
  std::vector<Difference> examples;             // the first hundred
  std::optional<Evidence> evidence;             // if Options asked for it
  double seconds = 0;

  // Everything that the journal calls sent is in Graph as planned. Strangers' messages are no fault.
  bool ok() const;
};

struct CompleteSummary {
  std::int64_t channels = 0;         // completed by this command
  std::int64_t channels_before = 0;  // channels and chats that were completed already
  std::int64_t teams = 0;
  std::int64_t chats = 0;    // completed by this command
  std::int64_t members = 0;  // added by this command
  std::int64_t members_refused = 0;
  std::int64_t waiting = 0;      // conversations that could not be filled before their team was completed: run again
  std::int64_t left_behind = 0;  // messages that are not in Graph, accepted by the user
  double seconds = 0;
};

}  // namespace teamferry::migrate
