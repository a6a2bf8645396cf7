#pragma once

#include <functional>
#include <unordered_map>

#include "native/migrate/plan.h"
#include "native/migrate/plan_message.h"
#include "native/migrate/plan_places.h"
#include "native/migrate/plan_rows.h"

namespace teamferry::migrate {

// What the planning of all conversations shares.
struct PlanContext {
  Mapper& mapper;
  journal::Journal& journal;
  journal::PlanWriter& writer;
  People& people;
  MessageBuilder& builder;
  const PlanOptions& options;
  const std::vector<journal::Team>& teams;
  DateTime now;
  PlanSummary& summary;
  std::function<void()> tick;  // called now and then while records are read
};

// Plans one conversation: reads and maps its records, writing each body at once, then settles what only all of them
// together can tell (plan_settle.h), then writes the rows. Sets `oldest`, floor and kind of the place.
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
  Status recognise_sent();
  Status count_apart();

  Status drop_duplicates(const std::vector<std::pair<std::uint32_t, std::uint32_t>>& duplicates);
  Status write();
  Status write_row(const Row& row, bool with_time);
  Status write_losses(const Row& row);
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
