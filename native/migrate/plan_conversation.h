#pragma once

#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "native/migrate/authors.h"
#include "native/migrate/plan.h"
#include "native/migrate/plan_journal.h"
#include "native/migrate/plan_message.h"
#include "native/migrate/plan_places.h"
#include "native/migrate/plan_rows.h"

namespace teamferry::migrate {

// What came of one conversation besides its rows.
struct ConversationOutcome {
  struct Finding {
    std::string kind;
    journal::RowId message = 0;
    std::string text;
  };
  PlanSummary summary;  // of this conversation alone
  std::vector<Finding> findings;
  std::unique_ptr<Authors> authors;
  std::vector<std::string> warnings;
};

// What the planning of all conversations shares. Nobody changes it meanwhile.
struct PlanShared {
  const People& people;
  Authors::Decide decide;
  const ChannelNames& names;
  const PlanOptions& options;
  const std::vector<journal::Team>& teams;
  DateTime now;
  std::function<void(std::int64_t records)> tick;  // now and then: how many more were read
};

// Plans one conversation, on whichever thread `mapper` and `journal` belong to.
Result<ConversationOutcome> plan_conversation(const PlanShared& shared, Mapper& mapper, ConversationJournal& journal,
                                              PlannedPlace& place);

// What planning one conversation works with.
struct PlanContext {
  const PlanShared& shared;
  Mapper& mapper;
  ConversationJournal& journal;
  Authors& authors;
  MessageBuilder& builder;
  ConversationOutcome& outcome;
};

// Plans one conversation: reads and maps its records, writing each body at once, then settles what only all of them
// together can tell (plan_settle.h), then writes the rows. Sets `oldest`, floor and kind of the place. What came of it
// depends on nothing that another conversation holds.
class ConversationPlan {
 public:
  ConversationPlan(PlanContext& context, PlannedPlace& place);
  Status run();

 private:
  void load_known();
  Status read(const PlannedPlace::Part& part);
  Status take(const MappedMessage& message, const PlannedPlace::Part& part);
  Status take_mapped(const MappedMessage& message, std::uint32_t index);
  Status compare_with_sent(const Row& row, std::string_view body);
  std::string_view key_of(const MappedMessage& message);
  std::uint32_t row_for(std::string_view key);
  void skip(Row& row, std::string_view reason);
  void fail(Row& row, std::string_view reason);
  void recognise_sent();
  Status count_apart();

  Status drop_duplicates(const std::vector<std::pair<std::uint32_t, std::uint32_t>>& duplicates);
  Status write();
  Status write_row(const Row& row, bool with_time);
  Status write_losses(const Row& row);
  void find(std::string_view kind, const Row& row, std::string text);
  Status count();

  journal::RowId id_of(const Row& row) const { return journal::row_id(place_.conversation.id, row.ordinal); }
  std::string place_name() const;

  PlanContext& context_;
  PlannedPlace& place_;
  Arena arena_;
  std::deque<Row> rows_;
  std::unique_ptr<KeyIndex> known_;                                               // rows of earlier plans
  std::unordered_map<std::string_view, std::vector<std::uint32_t>> known_again_;  // further ones with a known key
  std::unordered_map<std::uint64_t, std::uint32_t> derived_;                      // how often a derived key was given
  std::uint32_t last_ordinal_ = 0;
  journal::RowId noting_ = 0;  // the row that losses belong to; 0: nowhere
  NoteLoss note_;
  Status failure_ = done();  // of a loss that could not be written
  std::string key_;
  std::int64_t read_ = 0, read_added_ = 0;
};

}  // namespace teamferry::migrate
