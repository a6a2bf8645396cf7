#pragma once

#include <deque>
#include <optional>
#include <utility>
#include <vector>

#include "native/base/datetime.h"
#include "native/migrate/plan_rows.h"

namespace teamferry::validate {
class TimeSlots;
}

namespace teamferry::migrate {

// What only all messages of a conversation together can tell: which are the same record, who answers whom, and at
// which millisecond each goes out. Knows no journal and no text but keys; the outcome depends on the rows alone.
//
//   duplicates  of equal keys the first counts, later ones are skipped
//   roots       a reply to a reply answers its root. When the root is not there, or is skipped, the first of its
//               replies becomes the root of the others; when it failed, they are blocked
//   times       a row that had a time keeps it. Others go, in the order of (source time, key), to the least free
//               millisecond at or after their own, replies after their root
//
// Tested by tests/native/migrate/plan_settle_test.cpp.
class Settler {
 public:
  Settler(std::deque<Row>& rows, Arena& arena) : rows_(rows), arena_(arena) {}

  // First. Pairs of (duplicate, the row it repeats); the duplicates are skipped now.
  std::vector<std::pair<std::uint32_t, std::uint32_t>> find_duplicates();

  // Second.
  void find_roots();

  // Third: the time of the oldest live message; nothing when there is none.
  std::optional<DateTime> oldest() const;

  // Fourth. `taken`: strangers' milliseconds. Rows that find no place fail, with the rule.
  void place_times(DateTime floor, DateTime now, const std::vector<DateTime>& taken);

 private:
  // Where the chain of replies above a row ends.
  struct End {
    enum class What : std::uint8_t { unknown, open, root, missing, nobody };
    What what = What::unknown;
    bool deep = false;      // more than one reply down
    std::uint32_t row = 0;  // root: its row; missing: the row that names the root that is missing
  };
  End end_of(std::uint32_t index);
  End step(std::uint32_t at, std::uint32_t& next) const;
  std::int64_t wished(const Row& row) const;
  void place_time(validate::TimeSlots& slots, Row& row, DateTime floor, DateTime now);
  void block_replies();

  std::deque<Row>& rows_;
  Arena& arena_;
  std::optional<KeyIndex> index_;
  std::vector<End> ends_;  // of the rows that were asked for, and of all above them
};

}  // namespace teamferry::migrate
