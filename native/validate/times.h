#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "native/base/datetime.h"
#include "native/base/result.h"

namespace teamferry::validate {

// R1: the one form that is sent, "2019-02-04T19:58:15.511Z". Fails with rule, value and cure for any other,
// also for those that DateTime::parse would read.
Result<DateTime> parse_planned_time(std::string_view text);

// R3: cut to the millisecond towards the past, never rounded, also before 1970.
DateTime cut_microseconds(std::int64_t microseconds);
DateTime cut_nanoseconds(std::int64_t nanoseconds);

// R5, R6: the createdDateTime of a conversation that may take a message of `oldest`: the first day of the
// month before, or thirty days before, whichever is older. Teams was seen to show the whole history only
// when the floor lies well below the first message. Never below the year 1, which the service refuses.
DateTime floor_below(DateTime oldest);

// The milliseconds of one conversation that are taken: roots and replies together, and whatever lives there
// already (R4). About 16 bytes a message; a million of them reserve and search in constant time.
// Not thread-safe. Tested by tests/native/validate/times_test.cpp.
class TimeSlots {
 public:
  explicit TimeSlots(std::size_t expected = 0);

  bool free(DateTime time) const;

  // The least free millisecond at or after `time`; nothing when it is more than `most_ms` away.
  std::optional<DateTime> least_free_at_or_after(DateTime time, std::int64_t most_ms = INT64_MAX) const;

  // Takes the millisecond; false when it was taken before.
  bool reserve(DateTime time);

  // Gives it back: a row has moved.
  void release(DateTime time);

  std::size_t size() const { return size_; }

 private:
  std::size_t home(std::int64_t ms) const;
  std::size_t find(std::int64_t ms) const;
  void grow(std::size_t slots);

  std::vector<std::int64_t> slots_;  // open addressing, a power of two, at most two thirds full
  std::size_t size_ = 0;
};

// R4, R5, R9 together: the time a new message gets: its own, cut; later than the floor and than its root;
// the least free millisecond from there. Reserves it. Fails, naming the rule, when the message is at or
// below the floor, or no millisecond is free within limits::Times::largest_shift_ms above the wished one.
struct Wish {
  DateTime time;
  std::optional<DateTime> floor;      // the message must be later
  std::optional<DateTime> root_time;  // a reply must be later; it is moved when it is not
};
struct Placed {
  DateTime time;
  std::int64_t moved_ms = 0;
};
Result<Placed> place(TimeSlots& slots, const Wish& wish);

}  // namespace teamferry::validate
