#include "native/migrate/plan_conversation.h"

#include <fmt/format.h>

#include <algorithm>

#include "native/migrate/plan_settle.h"
#include "native/validate/times.h"

namespace teamferry::migrate {
namespace {

using journal::State;

constexpr std::size_t kLongestKey = 512;
constexpr std::size_t kLongestReason = 8192;  // a traceback
constexpr std::int64_t kTick = 1000;

// 0001-01-01 and 9999-12-31T23:59:59.999: what the service's times can hold.
constexpr std::int64_t kFirstMs = -62135596800000;
constexpr std::int64_t kLastMs = 253402300799999;

std::uint64_t mix(std::uint64_t hash, std::string_view text) {  // FNV-1a: the same on every machine
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211u;
  return (hash ^ 0xff) * 1099511628211u;
}

// What its messages have to be later than. One that will be opened by a start can still be moved back by it (R8).
DateTime earliest(const PlannedPlace& place) {
  const auto& conversation = place.conversation;
  const bool starts = conversation.state == "completed" || (conversation.state == "created" && !place.born());
  return starts ? std::min(conversation.floor, validate::floor_below(place.oldest)) : conversation.floor;
}

// A key that is too long to keep, by its front and a hash.
std::string_view shortened(std::string_view key, std::string& buffer) {
  if (key.size() <= kLongestKey) return key;
  buffer = fmt::format("{}~{:016x}", key.substr(0, 64), mix(14695981039346656037u, key));
  return buffer;
}

}  // namespace

ConversationPlan::ConversationPlan(PlanContext& context, PlannedPlace& place) : context_(context), place_(place) {
  note_ = [this](std::string_view kind, std::string_view detail) {
    if (noting_ == 0 || !failure_) return;
    failure_ = context_.journal.put_loss(noting_, kind, detail);
  };
}

std::string ConversationPlan::place_name() const {
  return place_.parts.empty() ? place_.conversation.displayName : place_.place().displayName;
}

Status ConversationPlan::run() {
  load_known();
  const auto id = place_.conversation.id;
  if (auto status = context_.journal.begin_conversation(id); !status) return status;
  for (const auto& part : place_.parts) {
    if (auto status = read(part); !status) return status;
  }
  known_.reset();
  recognise_sent();

  Settler settler(rows_, arena_);
  const auto duplicates = settler.find_duplicates();
  if (auto status = drop_duplicates(duplicates); !status) return status;
  settler.find_roots();
  auto& conversation = place_.conversation;
  if (const auto oldest = settler.oldest()) {
    place_.oldest = *oldest;
    conversation.floor = floor_of(place_, context_.shared.teams);
    settler.place_times(earliest(place_), context_.shared.now, context_.journal.taken(id));
  }
  const bool live =
      std::any_of(rows_.begin(), rows_.end(), [](const Row& row) { return row.live() && (row.seen || row.ghost); });
  if (!live && place_.carried() && !place_.created()) {
    conversation.kind = "skipped";
    conversation.reason = "empty";
  }
  if (auto status = write(); !status) return status;
  if (auto status = count(); !status) return status;
  return context_.journal.conversation_done(id);
}

void ConversationPlan::load_known() {
  context_.journal.each_known(place_.conversation.id, [this](const journal::KnownRow& known) {
    Row row;
    row.key = arena_.add(known.key);
    row.ordinal = journal::ordinal_of(known.id);
    row.state = known.state;
    row.known = true;
    row.frozen = known.frozen();
    row.added = row.was_added = known.added;
    if (row.frozen) row.record = arena_.add(known.record);
    row.had_time = known.time.has_value();
    row.time = known.time ? known.time->ms : kNoTime;
    row.root = known.root == 0 ? kNone : journal::ordinal_of(known.root);  // an index below
    last_ordinal_ = std::max(last_ordinal_, row.ordinal);
    rows_.push_back(row);
  });
  known_ = std::make_unique<KeyIndex>(rows_.size(), [this](std::uint32_t i) { return arena_.view(rows_[i].key); });
  for (std::uint32_t i = 0; i < rows_.size(); ++i) {
    Row& row = rows_[i];
    row.ghost = row.frozen;  // until the export shows it
    if (row.root != kNone) {
      const auto root = std::lower_bound(rows_.begin(), rows_.end(), row.root,
                                         [](const Row& r, std::uint32_t ordinal) { return r.ordinal < ordinal; });
      const bool found = row.frozen && root != rows_.end() && root->ordinal == row.root;
      row.root = found ? static_cast<std::uint32_t>(root - rows_.begin()) : kNone;
    }
    if (!known_->add(i)) known_again_[arena_.view(row.key)].push_back(i);
  }
}

Status ConversationPlan::read(const PlannedPlace::Part& part) {
  const bool map = part.skip_reason.empty() && part.place.error.empty();
  Status status = done();
  auto ended = context_.mapper.messages(part.place, map, [&](const MappedMessage& message) {
    status = take(message, part);
    return status.ok();
  });
  return status.ok() ? ended : status;
}

// The record's key, or one made of its time, author and text.
std::string_view ConversationPlan::key_of(const MappedMessage& message) {
  if (!message.key.empty()) return shortened(message.key, key_);
  std::uint64_t hash = 14695981039346656037u;
  hash = mix(hash, message.createdDateTime ? message.createdDateTime->to_string() : std::string());
  hash =
      mix(hash, message.from.empty() && message.introduces ? std::string_view(message.introduces->id) : message.from);
  hash = mix(hash, message.content);
  key_ = fmt::format("~{:016x}-{}", hash, ++derived_[hash]);
  return key_;
}

// The row that this record had in an earlier plan, or a new one.
std::uint32_t ConversationPlan::row_for(std::string_view key) {
  std::uint32_t index = known_->find(key);
  if (index != kNone && rows_[index].seen) {
    const auto again = known_again_.find(key);
    const auto unseen = [this](std::uint32_t i) { return !rows_[i].seen; };
    index = kNone;
    if (again != known_again_.end()) {
      const auto found = std::find_if(again->second.begin(), again->second.end(), unseen);
      if (found != again->second.end()) index = *found;
    }
  }
  if (index == kNone) {
    index = static_cast<std::uint32_t>(rows_.size());
    Row row;
    row.key = arena_.add(key);
    row.ordinal = ++last_ordinal_;
    rows_.push_back(row);
  }
  Row& row = rows_[index];
  row.seen = true;
  row.ghost = false;
  if (!row.frozen) row.state = State::planned;
  return index;
}

void ConversationPlan::skip(Row& row, std::string_view reason) {
  if (row.frozen) return;
  row.state = State::skipped;
  row.reason = arena_.add(reason);
}

void ConversationPlan::fail(Row& row, std::string_view reason) {
  if (row.frozen) return;
  row.state = State::failed;
  row.reason = arena_.add(reason.substr(0, kLongestReason));
}

Status ConversationPlan::take(const MappedMessage& message, const PlannedPlace::Part& part) {
  ++(message.added ? read_added_ : read_);
  if (++context_.outcome.summary.records % kTick == 0) context_.shared.tick(kTick);
  const std::uint32_t index = row_for(key_of(message));
  Row& row = rows_[index];
  row.added = message.added;
  row.keyless = message.key.empty() && (message.outcome != MappedMessage::Outcome::mapped ||
                                        !part.place.error.empty() || !part.skip_reason.empty());
  row.record = arena_.add(message.record);
  if (!message.reply_to.empty()) {
    std::string buffer;
    row.reply_to = arena_.add(shortened(message.reply_to, buffer));
  }
  if (message.createdDateTime) row.source = message.createdDateTime->ms;

  if (!part.place.error.empty()) {
    fail(row, "conversation: " + part.place.error);
  } else if (!part.skip_reason.empty()) {
    skip(row, "conversation: " + part.skip_reason);
  } else if (message.outcome == MappedMessage::Outcome::skipped) {
    skip(row, message.reason.empty() ? "no reason given" : message.reason);
  } else if (message.outcome == MappedMessage::Outcome::parked) {
    fail(row, message.reason.empty() ? "mapping failed" : message.reason);
  } else {
    return take_mapped(message, index);
  }
  return done();
}

Status ConversationPlan::take_mapped(const MappedMessage& message, std::uint32_t index) {
  Row& row = rows_[index];
  if (row.source == kNoTime || row.source < kFirstMs || row.source > kLastMs) {
    return fail(row, "R1 createdDateTime: it is missing or outside the years 1 to 9999. Give every message its time"),
           done();
  }
  const MappedPerson* introduces = message.introduces ? &*message.introduces : nullptr;
  if (message.from.empty() && (!introduces || introduces->id.empty())) {
    return fail(row, "from is missing: the record names no author"), done();
  }
  auto found = context_.authors.author(message.from, introduces);
  if (!found) return found.error();
  const Author& author = *(*found)->author;
  if (author.decision == Author::Decision::skip) return skip(row, "author: " + author.decided_by), done();
  ++(*found)->messages;

  noting_ = row.frozen ? 0 : id_of(row);
  if (message.losses) {
    for (const auto& loss : *message.losses) note_(loss.kind, loss.detail);
  }
  const auto built = context_.builder.build(message, author, note_);
  noting_ = 0;
  if (!failure_) return failure_;
  row.hash = static_cast<std::uint32_t>(std::hash<std::string_view>()(built.body));
  if (row.frozen) return compare_with_sent(row, built.body);
  if (!built.failure.empty()) fail(row, built.failure);
  row.bodied = true;
  return context_.journal.put_body(id_of(row), built.body);
}

Status ConversationPlan::compare_with_sent(const Row& row, std::string_view body) {
  const auto sent = context_.journal.body(id_of(row));
  if (sent && *sent == body) return done();
  ++context_.outcome.summary.changed_after_sent;
  find("changed_after_sent", row, "it is mapped otherwise now, and stays as it was sent");
  return done();
}

// A record that is left out before it is mapped has no key. If it was sent by an earlier plan, it is that message
// still: where it stands in the export tells.
void ConversationPlan::recognise_sent() {
  std::unordered_map<std::string_view, std::uint32_t> ghosts;
  for (std::uint32_t i = 0; i < rows_.size(); ++i) {
    if (rows_[i].ghost) ghosts.emplace(arena_.view(rows_[i].record), i);
  }
  if (ghosts.empty()) return;
  for (auto& row : rows_) {
    if (!row.keyless || !row.seen || row.frozen) continue;
    const auto found = ghosts.find(arena_.view(row.record));
    if (found == ghosts.end() || !rows_[found->second].ghost) continue;
    Row& sent = rows_[found->second];
    sent.ghost = false;
    sent.seen = true;
    sent.added = row.added;
    row.seen = false;
    ++context_.outcome.summary.changed_after_sent;
    find("changed_after_sent", sent,
         fmt::format("it would be left out now ({}), and stays as it was sent", arena_.view(row.reason)));
  }
}

// What was sent and is in this export no longer is counted apart, until an export shows it again.
Status ConversationPlan::count_apart() {
  for (auto& row : rows_) {
    if (!row.frozen) continue;
    if (row.ghost) row.added = true;
    if (row.added == row.was_added) continue;
    if (auto status = context_.journal.set_added(id_of(row), row.added); !status) return status;
  }
  return done();
}

Status ConversationPlan::drop_duplicates(const std::vector<std::pair<std::uint32_t, std::uint32_t>>& duplicates) {
  for (const auto& [again, first] : duplicates) {
    const Row& row = rows_[again];
    if (auto status = context_.journal.drop(id_of(row)); !status) return status;
    if (row.hash == rows_[first].hash || rows_[first].hash == 0) continue;
    find("duplicate", row,
         fmt::format("{} has the id '{}' that {} has too, and another text; only the latter is planned. Give each "
                     "message an id of its own",
                     arena_.view(row.record), arena_.view(row.key), arena_.view(rows_[first].record)));
  }
  return done();
}

Status ConversationPlan::write() {
  auto& writer = context_.journal;
  if (auto status = count_apart(); !status) return status;
  const bool goes = place_.carried();
  for (std::size_t i = 0; goes && i < place_.losses.size(); ++i) {
    const auto& loss = place_.losses[i];
    if (auto status = writer.put_loss(journal::row_id(place_.conversation.id, 0), loss.kind, loss.detail); !status) {
      return status;
    }
  }
  // Milliseconds that rows give up must be free before others take them.
  const auto retires = [](const Row& row) { return row.known && row.had_time && !row.live(); };
  for (const auto& row : rows_) {
    if (row.frozen || !row.known) continue;
    if (!row.seen) {
      ++context_.outcome.summary.forgotten;
      if (auto status = writer.forget(id_of(row)); !status) return status;
    } else if (row.released || retires(row)) {
      if (auto status = write_row(row, !row.released); !status) return status;
    }
  }
  for (const auto& row : rows_) {
    if (row.frozen || !row.seen) continue;
    if (row.known && !row.bodied) {  // an earlier plan may have given it one
      if (auto status = writer.put_body(id_of(row), {}); !status) return status;
    }
    if (retires(row)) continue;
    if (auto status = write_row(row, true); !status) return status;
    if (!row.live()) continue;
    if (auto status = write_losses(row); !status) return status;
  }
  return done();
}

Status ConversationPlan::write_row(const Row& row, bool with_time) {
  journal::PlanRow put;
  put.id = id_of(row);
  put.key = arena_.view(row.key);
  put.record = arena_.view(row.record);
  put.state = row.state;
  if (with_time && row.time != kNoTime && row.state != State::skipped) put.time = DateTime{row.time};
  if (put.time && !row.had_time) put.planned_time = put.time;
  if (row.root != kNone) put.root = id_of(rows_[row.root]);
  put.reason = arena_.view(row.reason);
  put.added = row.added;
  return context_.journal.put(put);
}

Status ConversationPlan::write_losses(const Row& row) {
  noting_ = id_of(row);
  if (row.orphan) note_("orphan", fmt::format("its root {} is not migrated", arena_.view(row.reply_to)));
  if (row.flattened) note_("thread_flattened", "it answered a reply");
  if (row.time != row.source) note_("time_moved", fmt::format("by {} ms", row.time - row.source));
  noting_ = 0;
  return failure_;
}

void ConversationPlan::find(std::string_view kind, const Row& row, std::string text) {
  context_.outcome.findings.push_back({std::string(kind), id_of(row), std::move(text)});
}

// Sums this conversation up.
Status ConversationPlan::count() {
  auto& summary = context_.outcome.summary;
  std::int64_t planned = 0, skipped = 0, failed = 0, lane = 0;
  for (const auto& row : rows_) {
    if (row.ghost) ++summary.vanished;
    if (!row.seen) continue;
    const bool alive = row.live() && row.state != State::blocked;
    if (alive) ++summary.messages;
    if (alive && !row.known) ++summary.fresh;
    if (alive && !row.frozen) ++lane;
    if (row.added) {
      ++summary.added;
      continue;
    }
    ++(alive ? planned : row.state == State::skipped ? skipped : failed);
  }
  summary.planned += planned;
  summary.skipped += skipped;
  summary.failed += failed;
  summary.longest_lane = std::max(summary.longest_lane, lane);
  if (planned + skipped + failed == read_) return done();
  return Error::state("plan_accounting",
                      fmt::format("{}: {} records were read, but {} planned, {} skipped and {} failed; this is a fault "
                                  "of teamferry, please report it",
                                  place_name(), read_, planned, skipped, failed));
}

Result<ConversationOutcome> plan_conversation(const PlanShared& shared, Mapper& mapper, ConversationJournal& journal,
                                              PlannedPlace& place) {
  ConversationOutcome outcome;
  outcome.authors = std::make_unique<Authors>(shared.people, shared.decide);
  MessageBuilder builder(*outcome.authors, shared.names, shared.options);
  PlanContext context{shared, mapper, journal, *outcome.authors, builder, outcome};
  if (auto status = ConversationPlan(context, place).run(); !status) return status.error();
  shared.tick(outcome.summary.records % kTick);
  ++(place.carried() ? outcome.summary.conversations : outcome.summary.conversations_skipped);
  outcome.warnings = mapper.warnings();
  return outcome;
}

}  // namespace teamferry::migrate
