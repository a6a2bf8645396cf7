#include "native/migrate/plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <stdexcept>
#include <thread>

#include "native/limits/limits.h"
#include "native/migrate/discard.h"
#include "native/migrate/plan_authors.h"
#include "native/migrate/plan_conversation.h"
#include "native/migrate/plan_limits.h"
#include "native/migrate/plan_members.h"
#include "native/migrate/plan_message.h"
#include "native/migrate/plan_places.h"
#include "native/migrate/plan_workers.h"

namespace teamferry::migrate {
namespace {

constexpr std::size_t kManyReasons = 100;
constexpr std::uint64_t kWorthAWorker = 4u << 20;  // bytes to read: some thousand messages

class Planner {
 public:
  Planner(Mapper& mapper, Directory& directory, journal::Journal& journal, const PlanOptions& options,
          const PlanProgress& progress)
      : mapper_(mapper),
        journal_(journal),
        options_(options),
        progress_(progress),
        people_(directory, options.people) {}

  Result<PlanSummary> run() {
    if (auto status = check_identity(journal_, options_.identity); !status) return status.error();
    if (auto status = decide_people(); !status) return status.error();
    auto places = find_places(mapper_, journal_, options_);
    if (!places) return places.error();
    find_members(*places, people_);
    auto writer = journal_.begin_plan();
    if (!writer) return writer.error();
    if (auto status = write(**writer, *places); !status) return status.error();
    return finish(*places);
  }

 private:
  Status decide_people() {
    if (auto status = people_.begin(); !status) return status;
    std::vector<MappedPerson> listed;
    auto read = mapper_.people([&](const MappedPerson& person) {
      listed.push_back(person);
      return true;
    });
    if (!read) return read;
    auto added = people_.add(std::move(listed), [this](std::size_t done, std::size_t all) {
      PlanMoment moment;
      moment.people_done = done;
      moment.people = all;
      show(moment);
    });
    return added.ok() ? people_.add_decided() : added;
  }

  Status write(journal::PlanWriter& writer, Places& places) {
    for (const auto& [key, value] : options_.meta) {
      if (auto status = writer.put_meta(key, value); !status) return status;
    }
    if (auto status = writer.put_meta("limits", limits::in_force().overrides_json()); !status) return status;
    if (auto status = writer.drop_meta("script "); !status) return status;
    for (const auto& [path, sha256] : options_.scripts) {
      if (auto status = writer.put_meta("script " + path, sha256); !status) return status;
    }
    if (auto status = plan_conversations(writer, places); !status) return status;
    if (auto missing = people_.missing()) return *missing;
    if (auto status = write_bodies(places, options_); !status) return status;
    for (const auto& team : places.teams) {
      const bool used = team.state == "planned" ? !team.body.empty() : team.state != "existing" || fills(places, team);
      if (auto status = used ? writer.put_team(team) : done(); !status) return status;
    }
    for (const auto& place : places.places) {
      if (auto status = writer.put_conversation(place.conversation); !status) return status;
    }
    if (auto status = write_members(writer, places); !status) return status;
    for (const auto& author : people_.all()) {
      if (!people_.is_in_export(author)) continue;
      if (auto status = writer.put_person(to_journal(author)); !status) return status;
    }
    if (auto status = writer.count_export("records", summary_.records - summary_.added); !status) return status;
    if (auto status = writer.count_export("added", summary_.added); !status) return status;
    return writer.finish();
  }

  Status write_members(journal::PlanWriter& writer, const Places& places) {
    for (const auto& member : team_members(places, people_)) {
      if (auto status = writer.put_member(member); !status) return status;
    }
    for (const auto& place : places.places) {
      for (const auto& member : place.members) {
        // Who is in a chat of two is settled by what it is.
        const bool own = place.carried() && member.conversation != 0 && place.conversation.type != "oneOnOne";
        if (auto status = own ? writer.put_member(member) : done(); !status) return status;
      }
    }
    return done();
  }

  static bool fills(const Places& places, const journal::Team& team) {
    return std::any_of(places.places.begin(), places.places.end(), [&](const PlannedPlace& place) {
      return place.carried() && place.conversation.team == team.id;
    });
  }

  Status plan_conversations(journal::PlanWriter& writer, Places& places) {
    PlanMoment moment;
    moment.conversations = places.places.size();
    const PlanShared shared{people_,
                            [this](MappedPerson person) { return people_.stranger(std::move(person)); },
                            places.names,
                            options_,
                            places.teams,
                            options_.clock->now(),
                            [&](std::int64_t more) {
                              moment.records += more;
                              show(moment);
                            }};
    auto outcomes = plan_all(shared, writer, places.places, moment);
    if (!outcomes) return outcomes.error();
    show(moment);
    for (auto& outcome : *outcomes) {
      if (auto status = take(writer, outcome); !status) return status;
    }
    return done();
  }

  Result<std::vector<ConversationOutcome>> plan_all(const PlanShared& shared, journal::PlanWriter& writer,
                                                    std::vector<PlannedPlace>& places, PlanMoment& moment) {
    WorkersOptions how;
    const auto sizes = sizes_of(places);
    how.order = longest_first(sizes);
    how.workers = workers_for(sizes);
    warnings_ = mapper_.warnings();  // of people and places
    if (const auto another = how.workers > 1 ? mapper_.another() : nullptr) {
      how.progress = [&](std::int64_t more, std::size_t done) {
        if (more == 0 && done == moment.conversations_done) return;
        moment.records += more;
        moment.conversations_done = done;
        show(moment);
      };
      return plan_on_workers(shared, people_, another, journal_, writer, places, how);
    }
    DirectJournal journal(journal_, writer);
    std::vector<ConversationOutcome> outcomes(places.size());
    for (const std::size_t at : how.order) {
      moment.conversation = places[at].conversation.displayName;
      show(moment);
      auto outcome = plan_conversation(shared, mapper_, journal, places[at]);
      if (!outcome) return outcome.error();
      outcomes[at] = std::move(*outcome);
      ++moment.conversations_done;
    }
    return outcomes;
  }

  std::vector<std::uint64_t> sizes_of(const std::vector<PlannedPlace>& places) {
    std::vector<std::uint64_t> sizes(places.size());
    for (std::size_t i = 0; i < places.size(); ++i) {
      for (const auto& part : places[i].parts) sizes[i] += mapper_.size_of(part.place);
    }
    return sizes;
  }

  // A worker loads the script and reads people and rooms for itself: too much for a few messages.
  std::size_t workers_for(const std::vector<std::uint64_t>& sizes) const {
    if (options_.workers) return std::min(*options_.workers, sizes.size());
    const std::size_t cores = std::max(1u, std::thread::hardware_concurrency());
    const auto size = std::accumulate(sizes.begin(), sizes.end(), std::uint64_t{0});
    return std::min({cores, sizes.size(), static_cast<std::size_t>(1 + size / kWorthAWorker)});
  }

  Status take(journal::PlanWriter& writer, ConversationOutcome& outcome) {
    const PlanSummary& part = outcome.summary;
    for (auto sum :
         {&PlanSummary::records, &PlanSummary::planned, &PlanSummary::skipped, &PlanSummary::failed,
          &PlanSummary::messages, &PlanSummary::added, &PlanSummary::conversations, &PlanSummary::conversations_skipped,
          &PlanSummary::fresh, &PlanSummary::changed_after_sent, &PlanSummary::vanished, &PlanSummary::forgotten}) {
      summary_.*sum += part.*sum;
    }
    summary_.longest_lane = std::max(summary_.longest_lane, part.longest_lane);
    for (const auto& entry : outcome.authors->all()) people_.count(*entry.author, entry.messages);
    outcome.authors.reset();
    for (auto& warning : outcome.warnings) {
      if (std::find(warnings_.begin(), warnings_.end(), warning) == warnings_.end()) {
        warnings_.push_back(std::move(warning));
      }
    }
    for (const auto& finding : outcome.findings) {
      if (auto status = writer.put_finding(finding.kind, finding.message, finding.text); !status) return status;
    }
    return done();
  }

  void show(const PlanMoment& moment) {
    if (progress_) progress_(moment);
  }

  Result<PlanSummary> finish(const Places& places) {
    const auto totals = journal_.totals();
    summary_.records -= summary_.added;
    for (const auto& team : places.teams) summary_.teams += !team.body.empty();
    for (const auto& author : people_.all()) {
      if (author.messages == 0 && author.decision != Author::Decision::skip) continue;
      ++(author.decision == Author::Decision::map        ? summary_.people_mapped
         : author.decision == Author::Decision::fallback ? summary_.people_fallback
                                                         : summary_.people_skipped);
    }
    summary_.forecast_seconds = std::max(static_cast<double>(summary_.longest_lane) / options_.messages_per_second,
                                         static_cast<double>(totals.open()) / options_.tenant_per_second);
    summary_.limits = beyond_limits(places, summary_, totals.open(), options_);
    warn(totals.skipped_by_reason);
    const auto expected = summary_.planned + summary_.skipped + summary_.failed;
    if (expected != summary_.records || totals.records() != expected) {
      return Error::state("plan_accounting",
                          fmt::format("{} records were read, the plan has {}, the journal {}; this is a fault of "
                                      "teamferry, please report it",
                                      summary_.records, expected, totals.records()));
    }
    return std::move(summary_);
  }

  void warn(const std::map<std::string, std::int64_t>& skip_reasons) {
    auto& warnings = summary_.warnings;
    warnings = std::move(warnings_);
    const auto undecided = people_.warnings();
    warnings.insert(warnings.end(), undecided.begin(), undecided.end());
    const auto doubtful = doubtful_authors(people_);
    warnings.insert(warnings.end(), doubtful.begin(), doubtful.end());
    if (summary_.changed_after_sent > 0) {
      warnings.push_back(fmt::format("{} messages are mapped otherwise now than they were sent; they stay as they are",
                                     summary_.changed_after_sent));
    }
    if (summary_.vanished > 0) {
      warnings.push_back(fmt::format("{} messages that were sent are not in this export", summary_.vanished));
    }
    if (skip_reasons.size() > kManyReasons) {
      warnings.push_back(fmt::format(
          "records are skipped for {} different reasons, for example '{}'; a reason should be a short constant, with "
          "details in a loss",
          skip_reasons.size(), skip_reasons.begin()->first));
    }
  }

  Mapper& mapper_;
  journal::Journal& journal_;
  const PlanOptions& options_;
  const PlanProgress& progress_;
  People people_;
  PlanSummary summary_;
  std::vector<std::string> warnings_;  // of the mapper
};

}  // namespace

Result<PlanSummary> plan(Mapper& mapper, Directory& directory, journal::Journal& journal, const PlanOptions& options,
                         const PlanProgress& progress) {
  if (!options.clock) throw std::logic_error("plan: options.clock is not set");
  try {
    if (auto status = refuse_discarded(journal); !status) return status.error();
    return Planner(mapper, directory, journal, options, progress).run();
  } catch (const journal::Failure& failure) {
    return failure.error;
  }
}

}  // namespace teamferry::migrate
