#include "native/validate/times.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <chrono>

#include "native/limits/limits.h"

namespace teamferry::validate {
namespace {

constexpr std::int64_t kEmpty = INT64_MIN;

constexpr std::int64_t floor_div(std::int64_t value, std::int64_t by) {
  return value / by - (value % by != 0 && (value < 0) != (by < 0));
}

}  // namespace

Result<DateTime> parse_planned_time(std::string_view text) {
  const auto parsed = DateTime::parse(text);
  if (!parsed) {
    return Error::argument("R1", fmt::format("R1 createdDateTime: '{}' is not a moment with its offset. Write it like "
                                             "2019-02-04T19:58:15.511Z",
                                             text));
  }
  if (parsed->to_string() != text) {
    return Error::argument("R1", fmt::format("R1 createdDateTime: '{}' is not in the form that is sent. Write {}", text,
                                             parsed->to_string()));
  }
  return *parsed;
}

DateTime cut_microseconds(std::int64_t microseconds) {
  return {floor_div(microseconds, 1'000)};
}
DateTime cut_nanoseconds(std::int64_t nanoseconds) {
  return {floor_div(nanoseconds, 1'000'000)};
}

DateTime floor_below(DateTime oldest) {
  using namespace std::chrono;
  const auto year_one = sys_days{year{1} / January / 2};
  const auto day = std::max(floor<days>(sys_time<milliseconds>{milliseconds{oldest.ms}}), year_one + days{62});
  const year_month_day date{day};
  const auto month_before = sys_days{(date.year() / date.month() - months{1}) / 1};
  const auto earlier =
      std::min<sys_time<milliseconds>>(month_before, sys_time<milliseconds>{milliseconds{oldest.ms}} - days{30});
  return {std::max<sys_time<milliseconds>>(earlier, year_one).time_since_epoch().count()};
}

TimeSlots::TimeSlots(std::size_t expected) {
  grow(std::bit_ceil(std::max<std::size_t>(expected + expected / 2, 16)));
}

// Neighbouring milliseconds lie side by side, so that looking for the next free one stays in the cache, and
// the blocks of 64 are spread by a multiplication.
std::size_t TimeSlots::home(std::int64_t ms) const {
  const auto value = static_cast<std::uint64_t>(ms);
  const auto block = (value >> 6) * 0x9E3779B97F4A7C15u;
  return ((block >> 20) + (value & 63)) & (slots_.size() - 1);
}

std::size_t TimeSlots::find(std::int64_t ms) const {
  auto at = home(ms);
  while (slots_[at] != kEmpty && slots_[at] != ms) at = (at + 1) & (slots_.size() - 1);
  return at;
}

void TimeSlots::grow(std::size_t slots) {
  auto old = std::exchange(slots_, std::vector<std::int64_t>(slots, kEmpty));
  for (const auto ms : old) {
    if (ms != kEmpty) slots_[find(ms)] = ms;
  }
}

bool TimeSlots::free(DateTime time) const {
  return slots_[find(time.ms)] == kEmpty;
}

std::optional<DateTime> TimeSlots::least_free_at_or_after(DateTime time, std::int64_t most_ms) const {
  for (std::int64_t moved = 0; moved <= most_ms; ++moved) {
    if (const DateTime wished{time.ms + moved}; free(wished)) return wished;
  }
  return std::nullopt;
}

bool TimeSlots::reserve(DateTime time) {
  if (slots_[find(time.ms)] != kEmpty) return false;
  if ((size_ + 1) * 3 > slots_.size() * 2) grow(slots_.size() * 2);
  slots_[find(time.ms)] = time.ms;
  ++size_;
  return true;
}

void TimeSlots::release(DateTime time) {
  auto hole = find(time.ms);
  if (slots_[hole] == kEmpty) return;
  --size_;
  // Whatever was pushed past the hole moves back into it, so that no search ends too early.
  const auto mask = slots_.size() - 1;
  for (auto at = (hole + 1) & mask; slots_[at] != kEmpty; at = (at + 1) & mask) {
    const auto way = (at - home(slots_[at])) & mask;
    if (way >= ((at - hole) & mask)) {
      slots_[hole] = slots_[at];
      hole = at;
    }
  }
  slots_[hole] = kEmpty;
}

Result<Placed> place(TimeSlots& slots, const Wish& wish) {
  if (wish.floor && wish.time <= *wish.floor) {
    return Error::argument("R5", fmt::format("R5 createdDateTime: {} is not later than the conversation's own time {}. "
                                             "Let the conversation begin earlier",
                                             wish.time.to_string(), wish.floor->to_string()));
  }
  const DateTime from =
      wish.root_time && wish.time <= *wish.root_time ? DateTime{wish.root_time->ms + 1} : wish.time;  // R9
  const auto largest_shift = limits::in_force().times.largest_shift_ms;
  const auto time = slots.least_free_at_or_after(from, largest_shift);
  if (!time) {
    return Error::argument("R4", fmt::format("R4 createdDateTime: every millisecond from {} to {} ms later is taken in "
                                             "this conversation. Move the record in its source or skip it",
                                             from.to_string(), largest_shift));
  }
  slots.reserve(*time);
  return Placed{*time, time->ms - wish.time.ms};
}

}  // namespace teamferry::validate
