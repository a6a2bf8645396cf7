#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace teamferry {

// A moment in UTC, in whole milliseconds since 1970: the precision that Graph's migration keeps.
// Finer digits are cut, never rounded, also before 1970 (R3 in the fact sheet of the service).
// Tested by tests/native/base/datetime_test.cpp.
struct DateTime {
  std::int64_t ms = 0;

  // Reads every form the service prints: "2019-02-04T19:58:15.511Z", 0 to 12 fraction digits, Z or +hh:mm.
  // Nothing for text without an offset, a day that does not exist, or anything behind the offset.
  static std::optional<DateTime> parse(std::string_view text);

  // The 24 characters that are sent and shown everywhere: "2019-02-04T19:58:15.511Z".
  // Requires a year from 0000 to 9999.
  std::string to_string() const;

  auto operator<=>(const DateTime&) const = default;
};

}  // namespace teamferry
