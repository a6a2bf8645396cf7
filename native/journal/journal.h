#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "native/base/datetime.h"
#include "native/base/loop.h"
#include "native/base/result.h"

// The journal: the durable file (SQLite, WAL, mode 0600) that holds the plan and everything that happened
// to it. One per project and target. Its tables are documented in schema.h, so that a person can query it.
//
// Three ways in: PlanWriter writes a plan in large transactions, Transaction makes the transitions of a run
// (each durable before it is reported, through a Committer), and Journal reads.
//
// Journal, PlanWriter and Committer belong to one thread. Tested by tests/native/journal/.
namespace teamferry::journal {

// Thrown by reads that have no other way to say that the file or its disk failed them. Its error has one of the
// codes of Journal::open.
struct Failure : std::runtime_error {
  explicit Failure(Error what) : std::runtime_error(what.to_string()), error(std::move(what)) {}
  Error error;
};

// Where a message stands. The numbers are stored; never renumber.
enum class State : int { planned = 0, sending = 1, sent = 2, skipped = 3, failed = 4, blocked = 5, doubt = 6 };
const char* name(State state);

// conversation << 32 | ordinal: rows of one conversation stand together.
using RowId = std::int64_t;
using ConversationId = std::int32_t;
inline ConversationId conversation_of(RowId id) {
  return static_cast<ConversationId>(id >> 32);
}
inline std::uint32_t ordinal_of(RowId id) {
  return static_cast<std::uint32_t>(id);
}
inline RowId row_id(ConversationId conversation, std::uint32_t ordinal) {
  return (static_cast<RowId>(conversation) << 32) | ordinal;
}

struct Team {
  int id = 0;
  std::string displayName;
  std::string body;      // the create request as it will be sent
  std::string graph_id;  // empty until created
  // planned, creating, created, completed, discarded (deleted on request); existing: lived before, body is empty
  std::string state;
  std::string operation;  // path to poll, while creating
};

struct Conversation {
  ConversationId id = 0;
  std::string source_id;    // the room's id in the export
  std::string displayName;  // of the channel in Teams; of a chat its topic
  std::string kind;         // channel, chat; skipped (not migrated: see reason)
  std::string reason;       // why skipped: every record of it is skipped with "conversation: <reason>"
  int team = 0;
  bool general = false;           // filled into the team's own General channel instead of a new one
  std::string body;               // the create request as it will be sent
  std::string graph_id;           // empty until created
  std::string state;              // planned, creating, created (no migration was started yet), inProgress, completed
  std::string owner;              // client id that opened it for import: only that one may complete it (R44)
  DateTime floor;                 // createdDateTime: every message is later
  std::string type = "standard";  // of a channel: standard, private, shared; of a chat: group, oneOnOne
  std::string road = "born";      // born in migration mode, or switched to it by startMigration
  bool existing = false;          // lived before this migration: what a start changes there cannot be undone
};

// Somebody who becomes a member of a team, or of a private channel or a chat.
struct Member {
  int team = 0;                     // of a team, or
  ConversationId conversation = 0;  // of this conversation
  std::string user;                 // Entra object id
  std::string name;
  bool owner = false;
  std::string state;   // planned, removed (to be added again with the history), done, failed
  std::string reason;  // why failed
};

// Who opened a conversation for import (R44). A conversation that is opened again has one for each time.
struct ImportSession {
  std::string graph_id;             // of the channel or chat
  DateTime started;                 // when we saw it open; 1970: before journals kept it
  ConversationId conversation = 0;  // 0: a General that nothing is sent to
  std::string client_id;            // the application: only it can import and complete
  std::string call;                 // what opened it: create_channel, create_team, startMigration
  std::string state;                // the migrationMode last seen, and when
  DateTime seen;
  bool refused = false;  // the service has said that the session is another application's
};

// A call that creates, opens or completes something; see Transaction::creation_begun.
struct Creation {
  std::string kind, subject, state, result;
};

struct Person {
  std::string id, name, mail, kind;  // as the source has them
  std::string decision;              // map, fallback, skip
  std::string target;                // mail, UPN or id that decided it
  std::string graph_id;              // the Entra object id its messages go out under
  std::string graph_name;            // the displayName there
  std::int64_t messages = 0;
};

// What the engine keeps of a message while its lane is open: everything but the body.
struct LaneRow {
  RowId id = 0;
  RowId root = 0;  // 0: a root post
  DateTime time;
  State state = State::planned;
  bool maybe = false;  // an earlier attempt may have been stored by the service
  int variant = 0;
  std::string graph_id;
};

struct MessageRow : LaneRow {  // for reports, verify, the prompt
  std::string key, record, reason;
  DateTime planned_time;
  std::string body;  // without createdDateTime; see full_body()
  std::string hash;  // what Transaction::intent noted last of the exact bytes; empty: nothing
};

// The exact bytes that are sent: the planned body with its time put in front.
// `body` is a JSON object without createdDateTime: {"from":...}.
std::string full_body(std::string_view body, DateTime time);

// The legal transitions, each checked against the state it needs. A call that breaks the protocol throws
// std::logic_error (a broken contract, not an expected failure); so does a time that another live row of the
// conversation has. Valid only inside Committer::commit.
class Transaction {
 public:
  explicit Transaction(class TransactionImpl& impl) : impl_(impl) {}

  // planned or sending -> sending, with the exact bytes' hash (SHA-256, 32 bytes or its hex).
  void intent(RowId id, DateTime time, int variant, std::string_view hash);
  void maybe(RowId id, bool value);                                       // sending only
  void sent(RowId id, std::string_view graph_id, std::string_view note);  // sending, planned (bind) or doubt -> sent
  void failed(RowId id, std::string_view reason);                         // planned or sending -> failed
  void blocked(RowId id, std::string_view reason);                        // planned -> blocked
  void doubt(RowId id, std::string_view reason);                          // sending -> doubt
  void planned_again(RowId id, std::string_view reason);                  // sending or blocked -> planned; maybe := 0
  // New times for unsent rows of one conversation, all at once (rows sent or sending are refused,
  // except the first of the list: the row whose own time was refused, which may be sending and stays so).
  // maybe := 0 for the first, and its intent's hash is forgotten.
  void move(const std::vector<std::pair<RowId, DateTime>>& moves);
  void taken(ConversationId conversation, DateTime time);  // a stranger's millisecond

  void team(const Team& team);                          // stores graph_id, state, operation
  void conversation(const Conversation& conversation);  // stores graph_id, state, owner, floor
  // A creation has no idempotency key: its intent is durable before the call (rule 12).
  // kind: team, channel, chat, start_migration, complete_channel, complete_team. Returns nothing to remember: (kind,
  // subject) is the key.
  // `note` stands as the result as long as there is none: what will help to recognise what was created.
  void creation_begun(std::string_view kind, std::string_view subject, std::string_view note = {});
  void creation_done(std::string_view kind, std::string_view subject, std::string_view result);
  void creation_failed(std::string_view kind, std::string_view subject, std::string_view reason);
  void session_begun(const ImportSession& session);
  // Of the newest session of that channel or chat; nothing happens where there is none.
  void session_seen(std::string_view graph_id, std::string_view state, DateTime now);
  void session_refused(std::string_view graph_id);
  void member(const Member& member);  // adds it, or stores its state and reason
  void meta(std::string_view key, std::string_view value);
  void finding(std::string_view kind, RowId id, std::string_view text);  // something a person should read

 private:
  class TransactionImpl& impl_;
};

// Makes transactions durable. What `commit` returned for is on the disk (synchronous = FULL).
//
// What `work` throws is thrown by the co_await, and nothing of that work is kept; it may be called twice, the first
// time in vain. A full or failing disk is an
// Error (`journal_io`), for all that was in the same transaction and for every commit after it.
// A committer must not outlive its journal.
class Committer {
 public:
  using Work = std::function<void(Transaction&)>;
  virtual ~Committer() = default;  // makes durable what was handed over
  virtual Task<Status> commit(Work work) = 0;
};

// One planned or skipped record. Views are copied.
struct PlanRow {
  RowId id = 0;
  std::string_view key;
  std::string_view record;  // "general/2019-02-04.json record 12"
  State state = State::planned;
  std::optional<DateTime> time;          // none for skipped rows and parked ones without a time
  std::optional<DateTime> planned_time;  // none: a row that is replaced keeps the one it has, if it has a time
  RowId root = 0;
  std::string_view reason;
  bool added = false;  // a record that the export does not hold: counted apart
};

// An existing row as a re-plan sees it. The view holds until the callback returns.
struct KnownRow {
  RowId id = 0;
  std::string_view key;
  std::string_view record;
  State state = State::planned;
  std::optional<DateTime> time;
  RowId root = 0;
  bool added = false;

  bool frozen() const { return state == State::sending || state == State::sent || state == State::doubt; }
};

// Writes a plan. Rows sent, sending or in doubt are frozen: put() and put_body() refuse them.
// Nothing is kept of what was put since the last commit when a writer ends without finish().
class PlanWriter {
 public:
  virtual ~PlanWriter() = default;
  virtual Status put_team(const Team& team) = 0;
  virtual Status put_conversation(const Conversation& conversation) = 0;
  virtual Status put_person(const Person& person) = 0;
  // Those of earlier plans that are not added yet are forgotten when a plan begins; one that is stays as it is.
  virtual Status put_member(const Member& member) = 0;
  // Before the rows of a conversation: forgets the losses that an earlier plan noted for rows that are not frozen,
  // and for the conversation itself, and what a plan that broke off left behind.
  virtual Status begin_conversation(ConversationId id) = 0;
  // Inserts or replaces. A time that another live row has is refused: release it first.
  virtual Status put(const PlanRow& row) = 0;
  virtual Status put_body(RowId id, std::string_view body) = 0;  // before or after put(); empty: has none
  virtual Status put_loss(RowId id, std::string_view kind, std::string_view detail) = 0;
  virtual Status drop(RowId id) = 0;  // takes back the body and the losses of a row
  virtual Status put_finding(std::string_view kind, RowId id, std::string_view text) = 0;
  // Whether a row is counted apart, as one that the export does not hold. Frozen rows too.
  virtual Status set_added(RowId id, bool added) = 0;
  virtual Status forget(RowId id) = 0;  // a row, not frozen, whose record is no longer in the export
  virtual Status put_meta(std::string_view key, std::string_view value) = 0;
  virtual Status drop_meta(std::string_view prefix) = 0;                   // every key that begins with it
  virtual Status count_export(std::string_view what, std::int64_t n) = 0;  // "records", "added", "files"
  // Ends one conversation: a chance to commit what has gathered.
  virtual Status conversation_done(ConversationId id) = 0;
  // Commits with FULL and marks the plan whole.
  virtual Status finish() = 0;
};

// Totals, kept in the transactions that change them: reading them counts no rows.
// Reasons of failed rows are counted by what stands before their first ": ".
struct Totals {
  std::map<State, std::int64_t> by_state;  // rows, added ones too
  std::map<State, std::int64_t> added;     // those of them that the export does not hold
  std::map<std::string, std::int64_t> skipped_by_reason, failed_by_reason, losses_by_kind, findings_by_kind, exported;
  std::int64_t records() const;  // everything the export holds
  std::int64_t sent() const;     // source records
  std::int64_t skipped() const;
  std::int64_t failed() const;  // failed, blocked and doubt: unsettled ones too
  std::int64_t open() const;    // planned and sending, added ones too
};

// write: one process at a time, which may plan and run. read: any number, beside a writer.
enum class Access { write, read };

class Journal {
 public:
  // Opens or creates (mode 0600); with Access::read the file must exist. Errors: `journal_newer` (schema of a
  // newer teamferry; one of an older is brought up to date, also to be read), `journal_locked` (another process runs on
  // it; the message names it), `journal_corrupt` (damaged, or no journal), `journal_io`; each names the file and the
  // next step.
  // ":memory:" for tests.
  static Result<std::unique_ptr<Journal>> open(const std::string& path, Access access = Access::write);
  virtual ~Journal() = default;

  virtual std::string path() const = 0;
  // "project" is there from the beginning: an id that is random, and stays.
  virtual std::optional<std::string> meta(std::string_view key) = 0;
  virtual std::vector<std::pair<std::string, std::string>> metas(std::string_view prefix) = 0;  // by key
  virtual Status set_meta(std::string_view key, std::string_view value) = 0;                    // durable at once

  virtual Result<std::unique_ptr<PlanWriter>> begin_plan() = 0;  // marks the plan unfinished until finish()
  virtual bool plan_finished() = 0;

  virtual std::vector<Team> teams() = 0;
  virtual std::vector<Conversation> conversations() = 0;
  virtual std::vector<Person> people() = 0;
  virtual std::vector<Member> members() = 0;  // owners first, then by user
  // Every row in the order of ids, for a re-plan.
  virtual void each_known(ConversationId id, const std::function<void(const KnownRow&)>& fn) = 0;
  virtual std::vector<DateTime> taken(ConversationId id) = 0;
  virtual std::vector<LaneRow> lane(ConversationId id) = 0;  // rows with a time, in time order
  virtual Result<std::string> body(RowId id) = 0;
  virtual std::optional<MessageRow> message(RowId id) = 0;
  // Of the bytes that Transaction::intent noted last; empty: none since the row was planned or moved.
  virtual std::string intent_hash(RowId id) = 0;
  // Calls `fn` for the rows of a conversation in time order (those without one last), bodies included; stops
  // when it returns false.
  virtual void each_message(ConversationId id, const std::function<bool(const MessageRow&)>& fn) = 0;
  // Rows in any of `states`, all conversations, at most `limit`, for lists of what went wrong.
  virtual std::vector<MessageRow> messages_in(const std::vector<State>& states, std::size_t limit) = 0;
  virtual std::vector<std::string> findings(std::size_t limit) = 0;  // "R20 general/2019-02-04.json record 12: ..."
  virtual std::optional<std::string> creation_state(std::string_view kind, std::string_view subject) = 0;
  virtual std::vector<Creation> creations() = 0;
  virtual std::vector<ImportSession> import_sessions() = 0;  // of each conversation the newest last

  // Reads every page and tells whether the file is sound (code `journal_corrupt`).
  virtual Status check() = 0;

  virtual Totals totals() = 0;
  virtual Totals totals(ConversationId id) = 0;

  // Commits on the caller's thread, at once: for tests and small work.
  virtual std::unique_ptr<Committer> direct_committer() = 0;
  // Commits on a thread of its own: all that gathers within a tick of 20 ms is one transaction. `work` runs on
  // that thread. A ":memory:" journal has one connection only and gets a direct one.
  virtual std::unique_ptr<Committer> threaded_committer(Loop& loop) = 0;
};

}  // namespace teamferry::journal
