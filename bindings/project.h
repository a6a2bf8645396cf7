#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "bindings/host.h"
#include "bindings/lua_mapper.h"
#include "bindings/target.h"
#include "native/graph/user.h"
#include "native/journal/difference.h"
#include "native/journal/journal.h"
#include "native/migrate/discard.h"
#include "native/migrate/doctor.h"
#include "native/migrate/plan.h"
#include "native/migrate/session.h"
#include "native/migrate/survey.h"

namespace teamferry::bindings {

// What the commands work on: one journal and the target that it belongs to. Both are opened when first needed, so that
// a command that fails over a missing file has touched neither. Belongs to one thread. Tested through the binary by
// tests/end_to_end/.
class Project {
 public:
  struct Options {
    std::string journal;
    bool read_only = false;
    std::string copy_of;   // with scratch: begins as a copy of that journal, where nothing has been sent
    bool scratch = false;  // a journal that nobody named, in a folder of its own, and gone with this object
    Target::Options target;
    migrate::ProgressSink progress;
  };

  struct EvidencePlace {
    std::string file;  // empty: no evidence
    std::string key;   // PEM of a private key; empty: not signed
  };

  // What is to be planned.
  struct Request {
    ScriptPlace script;
    std::map<std::string, std::string> args;  // of the command line, as text
    std::vector<std::string> path;            // further folders that scripts are looked for in
    std::string team;                         // if no argument names one
    std::vector<migrate::PersonRow> people;   // people.csv
    bool survey = false;                      // what messages are made of is counted, too
    std::optional<std::size_t> workers;       // as PlanOptions has them
    Host::LogSink log;
  };

  explicit Project(Options options) : options_(std::move(options)) {}
  ~Project();

  Result<journal::Journal*> journal();
  Result<Target*> target();

  // Whether the export is another one than the plan was made of. False where one of them cannot be told.
  bool export_changed(const std::string& path);
  // An interrupted plan is an error with the code `interrupted`. Wrong input leaves no new journal behind.
  Result<migrate::PlanSummary> plan(const Request& request, const migrate::PlanProgress& progress);
  // What the journal's plan comes to; `constructs` of the last plan() that was asked for a survey.
  struct Survey {
    migrate::Survey figures;
    std::map<std::string, LuaMapper::Construct> constructs;
    journal::Journal* journal = nullptr;
  };
  Result<Survey> survey();
  // Users of the tenant, page by page, until there are `most` of them or all are read.
  struct Users {
    std::vector<graph::User> users;
    bool whole = false;  // all are there
  };
  Result<Users> directory(std::size_t most);
  // By mail address, UPN, id or alias: one answer for each, in their order; nothing for whom the tenant does not know.
  struct Answers {
    std::vector<std::optional<graph::User>> users;
  };
  Result<Answers> find_users(const std::vector<std::string>& whom);
  // What differs between the journal that this one is a copy of and the plan() made here; `most` samples of each kind.
  Result<journal::Difference> difference(int most);
  // Signs in and looks whether these commands may do what they are about to do. What to tell a person before.
  struct Preflight {
    std::string sign_in;  // how it signed in; empty for the emulator inside
    std::vector<std::string> notes;
  };
  // `accept_doubt`: see migrate::works_of.
  Result<Preflight> preflight(std::vector<std::string> commands, bool accept_doubt);
  // `confirm_existing`: what lived before may be opened for import, which cannot be undone.
  Result<migrate::RunSummary> run(migrate::Options options);
  // A run of this journal, in whatever process, lets what is on its way arrive and sends nothing more until it is off.
  // It holds for runs to come as well.
  Status pause(bool on);
  // `evidence`: where it goes, and what signs it; nothing: none is written.
  Result<migrate::VerifySummary> verify(std::string pilot, EvidencePlace evidence);
  // Of the journal as it stands, with nothing read back.
  Result<migrate::Evidence> write_evidence(std::string_view command, const EvidencePlace& evidence);
  Result<migrate::Discarded> discard_team(std::string displayName);
  Result<migrate::CompleteSummary> complete(std::optional<std::int64_t> accept_failures, std::string reason,
                                            bool readd_members);

  // What doctor finds; without a journal only what surrounds one. A target that cannot be opened is a finding.
  Result<std::vector<migrate::Check>> examine(bool with_journal);
  // Does what is safe about the findings of the last examine().
  Result<std::vector<migrate::Cure>> cure(std::function<void(const migrate::Check&)> before);
  // Writes the findings of the last examine(), and what belongs to them, to a new file for its owner alone.
  Status write_bundle(const std::string& path);

  // 429s that reads have met, which were waited out without the command's doing.
  std::int64_t throttled() const { return throttled_; }

  void set_progress(migrate::ProgressSink progress) { options_.progress = std::move(progress); }

 private:
  void discard();
  // Asks about those of `whom` that `found` has nobody for.
  Status ask_for_users(const std::vector<std::string>& whom, bool as_alias,
                       std::vector<std::optional<graph::User>>& found);
  Status make_scratch();
  void tell_wait(const http::Request& request, const Error& error, Loop::Duration wait);
  void show_wait(const std::string& what, Loop::Duration wait);
  Error interrupted_or(Error error) const;

  // `command` makes a Task<Result<...>> of a session.
  template <class Command>
  auto drive(Command command, migrate::Options options);

  Options options_;
  std::unique_ptr<journal::Journal> journal_;
  std::unique_ptr<Target> target_;
  std::vector<migrate::Check> checks_;  // of the last examine()
  bool examined_journal_ = false;
  migrate::Progress latest_;                         // what the command last said
  std::function<void(const std::string&)> waiting_;  // where waits are told instead, while planning
  std::int64_t throttled_ = 0;
  std::chrono::steady_clock::time_point told_until_{};  // the end of the last wait that was told while planning
  std::string scratch_folder_;
  std::map<std::string, LuaMapper::Construct> constructs_;
  bool new_journal_ = false, new_state_ = false;  // made by this command
};

}  // namespace teamferry::bindings
