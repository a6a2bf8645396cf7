#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <unordered_map>

#include "native/base/sha256.h"
#include "native/migrate/discard.h"
#include "native/migrate/engine.h"
#include "native/migrate/engine_state.h"
#include "native/migrate/evidence_journal.h"
#include "native/migrate/pilot.h"
#include "native/migrate/read.h"
#include "native/migrate/visible_text.h"
#include "native/migrate/where.h"

// Reads back what is in Graph and compares it, message by message, with what the journal says was sent.
namespace teamferry::migrate {

using journal::Conversation;
using journal::State;

namespace {

constexpr int kConversationsAtOnce = 8;
constexpr std::size_t kExamples = 100;

// What is kept of a living message: enough to compare it, so that a million of them fit.
struct Living {
  std::size_t id = 0, author = 0, parent = 0, text = 0;
  std::array<char, 32> read{};  // what goes into evidence
  bool reply = false;
  bool deleted = false;
  bool matched = false;
};

std::size_t digest(std::string_view text) {
  return std::hash<std::string_view>()(text);
}

std::string lower(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

std::size_t digest_guid(std::string text) {
  return digest(lower(std::move(text)));
}

struct Listing {
  std::unordered_map<std::int64_t, Living> by_time;
  std::int64_t found = 0, system = 0;
};

void take_in(Listing& listing, const graph::Message& message) {
  const bool system = !message.messageType.empty() && message.messageType != "message";
  if (system || !message.createdDateTime) {
    ++listing.system;
    return;
  }
  ++listing.found;
  Living living;
  living.id = digest(message.id);
  living.author = digest_guid(message.from_user_id);
  living.parent = digest(message.replyToId);
  const std::string text = visible_text(message.contentType, message.content);
  living.text = digest(text);
  const std::string read = sha256(fmt::format("{}\n{}\n{}\n{}\n{}\n", message.createdDateTime->to_string(), message.id,
                                              lower(message.from_user_id), message.replyToId, text));
  std::copy(read.begin(), read.end(), living.read.begin());
  living.reply = !message.replyToId.empty();
  living.deleted = message.deleted;
  listing.by_time[message.createdDateTime->ms] = living;
}

struct Compared {
  VerifySummary::Conversation sums;
  std::map<std::string, std::int64_t> by_kind;
  std::vector<Difference> examples;
  std::map<journal::RowId, std::string> different;  // the kind; of rows that were sent

  void differ(std::string kind, const Conversation& conversation, const journal::MessageRow& row) {
    ++by_kind[kind];
    if (row.state == State::sent) different.emplace(row.id, kind);
    if (kind == "missing") {
      ++sums.missing;
    } else {
      ++sums.different;
    }
    if (examples.size() < kExamples) {
      examples.push_back({std::move(kind), conversation.displayName, row.record, row.graph_id, row.time});
    }
  }
};

// The kind of the first difference; nothing if there is none.
std::optional<std::string> difference(const Living& living, const Expected& expected, bool reply,
                                      std::optional<std::size_t> parent) {
  if (living.author != digest_guid(expected.author)) return "author";
  if (living.reply != reply || (parent && living.parent != *parent)) return "parent";
  if (living.text != digest(expected.text)) return living.deleted ? "deleted" : "text";
  return std::nullopt;
}

Compared compare(journal::Journal& journal, const Conversation& conversation, Listing& listing) {
  Compared result;
  auto& sums = result.sums;
  sums.displayName = conversation.displayName;
  sums.found = listing.found;
  sums.system = listing.system;
  std::unordered_map<journal::RowId, std::size_t> roots;  // graph ids, digested; 0: unknown
  std::vector<journal::MessageRow> absent;                // sent, but not at their time
  journal.each_message(conversation.id, [&](const journal::MessageRow& row) {
    const auto found = listing.by_time.find(row.time.ms);
    const bool there = found != listing.by_time.end() && !found->second.matched;
    if (row.state != State::sent) {
      const bool open = row.state == State::sending || row.state == State::doubt || row.state == State::failed;
      if (!there || !open || row.time.ms == 0) return true;
      const Expected expected = expected_message(row.body, row.time, "");
      if (found->second.author != digest_guid(expected.author) || found->second.text != digest(expected.text))
        return true;
      found->second.matched = true;
      result.differ("unsettled", conversation, row);
      return true;
    }
    ++sums.expected;
    if (row.root == 0) roots[row.id] = row.graph_id.empty() ? 0 : digest(row.graph_id);
    if (!there) {
      absent.push_back(row);
      absent.back().body.clear();
      return true;
    }
    found->second.matched = true;
    const auto root = roots.find(row.root);
    std::optional<std::size_t> parent;
    if (row.root != 0 && root != roots.end() && root->second != 0) parent = root->second;
    const auto kind = difference(found->second, expected_message(row.body, row.time, ""), row.root != 0, parent);
    if (kind) {
      result.differ(*kind, conversation, row);
    } else {
      ++sums.equal;
      if (found->second.deleted) ++sums.marked_deleted;
    }
    return true;
  });
  std::unordered_map<std::size_t, std::int64_t> unmatched;  // id -> time
  for (const auto& [time, living] : listing.by_time) {
    if (!living.matched) unmatched.emplace(living.id, time);
  }
  for (const auto& row : absent) {
    const auto elsewhere = row.graph_id.empty() ? unmatched.end() : unmatched.find(digest(row.graph_id));
    if (elsewhere != unmatched.end()) unmatched.erase(elsewhere);
    result.differ(elsewhere == unmatched.end() ? "missing" : "time", conversation, row);
  }
  sums.extra = static_cast<std::int64_t>(unmatched.size());
  if (sums.extra > 0) result.by_kind["extra"] += sums.extra;
  for (const auto& [id, time] : unmatched) {
    if (result.examples.size() < kExamples) {
      result.examples.push_back({"extra", conversation.displayName, "", "", DateTime{time}});
    }
  }
  return result;
}

struct Work {
  RunState& run;
  std::map<int, std::string> teams;  // graph ids
  std::vector<Conversation> conversations;
  std::vector<std::size_t> todo;  // indices into conversations
  std::vector<Compared> results;
  std::optional<JournalEvidence> evidence;
  bool last_round = false;
};

// Of one conversation, as soon as nothing about it can change any more.
void give_evidence(Work& work, const Conversation& conversation, const Compared& compared, const Listing& listing) {
  if (!work.evidence || (compared.sums.missing > 0 && !work.last_round)) return;
  const ReadBackOf read_back = [&](const journal::MessageRow& row) {
    const auto differs = compared.different.find(row.id);
    const auto living = listing.by_time.find(row.time.ms);
    ReadBack back{differs == compared.different.end() ? "equal" : differs->second, ""};
    const bool there = living != listing.by_time.end() && back.found != "missing" && back.found != "time";
    if (there) back.read = hex({living->second.read.data(), living->second.read.size()});
    return back;
  };
  work.evidence->conversation(conversation, read_back, &compared.sums);
}

Task<void> verify_next(Work& work, std::size_t& next) {
  while (next < work.todo.size() && !work.run.closing()) {
    const std::size_t at = work.todo[next++];
    const Conversation& conversation = work.conversations[at];
    Listing listing;
    if (!conversation.graph_id.empty()) {
      work.run.tell("reading " + shown(conversation));
      Reader reader(work.run, where(conversation, work.teams[conversation.team]));
      Reader::Each each = [&listing](const graph::Message& message) { take_in(listing, message); };
      auto reading = reader.each_living(std::nullopt, std::move(each));
      Status status = co_await std::move(reading);
      if (!status) {
        Error error = status.error();
        error.message = fmt::format("#{} cannot be read: {}", conversation.displayName, error.message);
        work.run.end(std::move(error));
        co_return;
      }
    }
    Compared& compared = work.results[at];
    compared = compare(work.run.session.journal, conversation, listing);
    give_evidence(work, conversation, compared, listing);
    compared.different.clear();
  }
}

Task<void> verify_todo(Work& work) {
  std::size_t next = 0;
  TaskGroup group;
  for (int i = 0; i < kConversationsAtOnce; ++i) group.add(verify_next(work, next));
  auto all = group.wait();
  co_await std::move(all);
}

// A pilot proves nothing about the whole.
Status begin_evidence(Work& work) {
  const Session& session = work.run.session;
  if (session.options.evidence_file.empty() || !session.options.pilot.empty()) return done();
  auto begun = JournalEvidence::begin(session.journal, "verify", session.clock.now(), session.options.evidence_file,
                                      session.options.evidence_key);
  if (!begun) return begun.error();
  work.evidence.emplace(std::move(*begun));
  return done();
}

VerifySummary sum_up(const Work& work) {
  VerifySummary summary;
  for (const auto& result : work.results) {
    summary.conversations.push_back(result.sums);
    for (const auto& [kind, n] : result.by_kind) summary.by_kind[kind] += n;
    for (const auto& example : result.examples) {
      if (summary.examples.size() < kExamples) summary.examples.push_back(example);
    }
  }
  return summary;
}

}  // namespace

bool VerifySummary::ok() const {
  return std::all_of(conversations.begin(), conversations.end(),
                     [](const Conversation& c) { return c.missing == 0 && c.different == 0; });
}

Task<Result<VerifySummary>> verify(Session& session) {
  const auto begun = session.loop.now();
  if (auto status = refuse_discarded(session.journal); !status) co_return status.error();
  const auto pilot = find_pilot(session.journal, session.options.pilot);
  if (!pilot) co_return pilot.error();
  RunState run(session);
  Work work{run, {}, {}, {}, {}, {}};
  if (auto started = begin_evidence(work); !started) co_return started.error();
  for (const auto& team : session.journal.teams()) work.teams[team.id] = team.graph_id;
  for (auto& conversation : session.journal.conversations()) {
    if (!is_carried(conversation)) {
      if (work.evidence) work.evidence->conversation(conversation, {}, nullptr);
      continue;
    }
    if (!*pilot || conversation.id == **pilot) work.conversations.push_back(std::move(conversation));
  }
  work.results.resize(work.conversations.size());
  for (std::size_t i = 0; i < work.conversations.size(); ++i) work.todo.push_back(i);
  // What is missing may only not be readable yet: those conversations are read again after a while.
  for (std::size_t k = 0; !work.todo.empty(); ++k) {
    work.last_round = k == session.options.read_lag.size();
    try {
      auto reading = verify_todo(work);
      co_await std::move(reading);
    } catch (const journal::Failure& failure) {
      co_return failure.error;
    }
    if (run.summary.error) co_return *run.summary.error;
    if (run.closing()) co_return Error::state("interrupted", "stopped before everything was read; verify again");
    std::erase_if(work.todo, [&work](std::size_t i) { return work.results[i].sums.missing == 0; });
    if (work.todo.empty() || work.last_round) break;
    run.tell_wait("messages that are not readable yet", session.options.read_lag[k]);
    auto nap = run.nap(session.options.read_lag[k]);
    co_await std::move(nap);
  }
  VerifySummary summary = sum_up(work);
  if (work.evidence) {
    auto evidence = work.evidence->finish(summary.ok());
    if (!evidence) co_return evidence.error();
    summary.evidence = std::move(*evidence);
  }
  summary.seconds = std::chrono::duration<double>(session.loop.now() - begun).count();
  co_return summary;
}

}  // namespace teamferry::migrate
