#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

// Times as the service reads and prints them, in whole milliseconds since 1970, UTC. The emulator's own, so that a
// mistake in the client's time code cannot hide behind the same mistake here.
// Tested by tests/native/emulator/time_test.cpp.
namespace teamferry::emulator {

// An Edm.DateTimeOffset: 0 to 12 digits of fraction, cut to the millisecond, and an offset, which is required.
// Nothing for any other text.
std::optional<std::int64_t> read_time(std::string_view text);

// "2019-02-04T19:58:15.5Z": the service drops trailing zeros of the fraction.
std::string print_time(std::int64_t ms);

// "2019-02-04T19:58:15.5000000Z": as in operations.
std::string print_long_time(std::int64_t ms);

// "2019-02-04T19:58:15": innerError.date, UTC without saying so.
std::string print_plain_time(std::int64_t ms);

// "2019-02-04 19:58:15Z": errors of the sign-in.
std::string print_spaced_time(std::int64_t ms);

// "Mon, 04 Feb 2019 19:58:15 GMT": the Date header.
std::string print_http_date(std::int64_t ms);

// The smallest value of a DateTimeOffset, 0001-01-01T00:00:00Z.
inline constexpr std::int64_t kMinTime = -62'135'596'800'000;

}  // namespace teamferry::emulator
