#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "native/base/clock.h"
#include "native/journal/journal.h"
#include "native/migrate/directory.h"
#include "native/migrate/identity.h"
#include "native/migrate/mapper.h"
#include "native/migrate/people.h"

// Planning: every record of an export in its final Graph form, with its exact time, validated, in the journal.
// Nothing leaves the machine but questions about users.
//
// How it works. People are decided, then places (teams, channels, their names). Then each conversation by itself, on
// as many threads as there are workers (plan_workers.h):
// its records are read and mapped once; each body is resolved, checked and written at once, while only a compact
// row of each message stays in memory (plan_rows.h); when all are known, roots, times and losses are settled
// (plan_settle.h) and the rows are written. The same input and the same journal give the same plan, byte for byte.
//
// Tested by tests/native/migrate/plan_*_test.cpp.
namespace teamferry::migrate {

struct PlanOptions {
  std::string team;  // displayName of the team for places that name none, or the id of one that lives already
  std::string graph_url = "https://graph.microsoft.com";  // the cloud's, as bodies name it; not a local address
  PeopleOptions people;
  // HTML of the paragraph in front of what a fallback author wrote, {name} for the name; one in <p> stands as it is.
  std::string fallback_line = "<strong>{name}</strong>";
  // Bodies that the rules have something against, and that can be mended without a decision: left to fail or to be
  // shown otherwise, or mended, each rule of each message a loss.
  enum class Repair { none, safe };
  Repair repair = Repair::none;
  double messages_per_second = 5;  // of one conversation, for the forecast
  double tenant_per_second = 40;   // of all together, for the forecast
  // How many conversations are read and mapped at a time, each on a thread with a mapper of its own; the plan is the
  // same with any number. Absent: as many as there are cores, and as are worth it. Where a mapper has one reader only
  // (Mapper::another), that one does all.
  std::optional<std::size_t> workers;
  Identity identity;                           // whom the journal belongs to: may not differ from what the journal says
  std::map<std::string, std::string> meta;     // written into the journal
  std::map<std::string, std::string> scripts;  // SHA-256 by path, as "script <path>"; an earlier plan's are replaced
  const WallClock* clock = nullptr;            // required: what is later than now is refused (R2)
};

// One moment of planning, for a person who watches.
struct PlanMoment {
  std::string conversation;  // its name in the source; empty before the first
  std::size_t conversations = 0, conversations_done = 0;
  std::int64_t records = 0;
  std::size_t people = 0, people_done = 0;  // while they are looked up, which comes first; else 0
};
using PlanProgress = std::function<void(const PlanMoment&)>;  // may be empty

struct PlanSummary {
  std::int64_t records = 0;  // read from the export: planned + skipped + failed
  std::int64_t planned = 0;  // in Graph form, or already sent
  std::int64_t skipped = 0;
  std::int64_t failed = 0;    // failed and blocked
  std::int64_t messages = 0;  // rows in Graph form, with records that the export does not hold
  std::int64_t added = 0;     // those
  std::int64_t teams = 0, conversations = 0, conversations_skipped = 0;
  std::int64_t people_mapped = 0, people_fallback = 0, people_skipped = 0;  // that wrote something
  std::int64_t fresh = 0;                                                   // in Graph form, and new to this journal
  std::int64_t changed_after_sent = 0;  // sent, but mapped otherwise now: stays as it was sent
  std::int64_t vanished = 0;            // sent, but no longer in the export
  std::int64_t forgotten = 0;           // planned, not sent, no longer in the export
  std::int64_t longest_lane = 0;        // messages
  double forecast_seconds = 0;          // of sending what is not sent yet
  std::vector<std::string> warnings;
  std::vector<std::string> limits;  // what it has more of than the service allows (plan_limits.h)
};

// Plans the whole export into the journal, or plans it again: rows that were sent, are being sent or in doubt stay
// as they are; others are replaced in place. A plan that fails leaves the journal marked as unfinished.
//
// Errors: `people_missing`, `people_csv`, `fallback_unknown`, `owner_unknown`, `team_missing`, `invalid` (a team or
// channel), `other_identity`, `plan_accounting` (records do not add up), what the directory or the mapper returned, and
// the journal's own.
Result<PlanSummary> plan(Mapper& mapper, Directory& directory, journal::Journal& journal, const PlanOptions& options,
                         const PlanProgress& progress = {});

}  // namespace teamferry::migrate
