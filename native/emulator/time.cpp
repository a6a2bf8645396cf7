#include "native/emulator/time.h"

#include <fmt/format.h>

#include <array>

namespace teamferry::emulator {
namespace {

constexpr std::int64_t kDay = 86'400'000;

bool leap(int year) {
  return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

int days_in_month(int year, int month) {
  constexpr std::array<int, 12> kDays{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return month == 2 && leap(year) ? 29 : kDays[static_cast<std::size_t>(month - 1)];
}

// Days from 0001-01-01 to the first of January of `year`.
std::int64_t days_before_year(std::int64_t year) {
  const std::int64_t y = year - 1;
  return y * 365 + y / 4 - y / 100 + y / 400;
}

constexpr std::int64_t kEpochDay = 719'162;  // 1970-01-01, counted from 0001-01-01

struct Civil {
  int year, month, day, hour, minute, second, ms, weekday;
};

Civil to_civil(std::int64_t ms) {
  std::int64_t day = ms / kDay;
  std::int64_t rest = ms % kDay;
  if (rest < 0) {
    rest += kDay;
    --day;
  }
  day += kEpochDay;
  Civil c{};
  c.weekday = static_cast<int>((day + 1) % 7);  // 0001-01-01 was a Monday; 0 is Sunday
  std::int64_t year = day / 366 + 1;
  while (days_before_year(year + 1) <= day) ++year;
  c.year = static_cast<int>(year);
  int in_year = static_cast<int>(day - days_before_year(year));
  c.month = 1;
  while (in_year >= days_in_month(c.year, c.month)) in_year -= days_in_month(c.year, c.month++);
  c.day = in_year + 1;
  c.hour = static_cast<int>(rest / 3'600'000);
  c.minute = static_cast<int>(rest / 60'000 % 60);
  c.second = static_cast<int>(rest / 1000 % 60);
  c.ms = static_cast<int>(rest % 1000);
  return c;
}

// Takes text from the front; `ok` stays false once something was not as expected.
struct Reader {
  std::string_view rest;
  bool ok = true;

  int digits(int count) {
    int value = 0;
    for (int i = 0; i < count; ++i) {
      if (rest.empty() || rest[0] < '0' || rest[0] > '9') {
        ok = false;
        return 0;
      }
      value = value * 10 + (rest[0] - '0');
      rest.remove_prefix(1);
    }
    return value;
  }
  bool next(char c) {
    if (rest.empty() || rest[0] != c) return false;
    rest.remove_prefix(1);
    return true;
  }
  void expect(char c) {
    if (!next(c)) ok = false;
  }
};

// The milliseconds of ".5119999": digits beyond the third only have to be digits.
int read_fraction(Reader& in) {
  int ms = 0;
  int count = 0;
  while (!in.rest.empty() && in.rest[0] >= '0' && in.rest[0] <= '9') {
    if (count < 3) ms = ms * 10 + (in.rest[0] - '0');
    ++count;
    in.rest.remove_prefix(1);
  }
  if (count == 0 || count > 12) in.ok = false;
  for (int i = count; i < 3; ++i) ms *= 10;
  return ms;
}

std::int64_t read_offset_minutes(Reader& in) {
  if (in.next('Z') || in.next('z')) return 0;
  const bool west = in.next('-');
  if (!west) in.expect('+');
  const int hours = in.digits(2);
  in.expect(':');
  const int minutes = in.digits(2);
  if (minutes > 59 || hours * 60 + minutes > 14 * 60) in.ok = false;
  return (west ? -1 : 1) * (hours * 60 + minutes);
}

}  // namespace

std::optional<std::int64_t> read_time(std::string_view text) {
  Reader in{text};
  const int year = in.digits(4);
  in.expect('-');
  const int month = in.digits(2);
  in.expect('-');
  const int day = in.digits(2);
  if (!in.next('T') && !in.next('t')) in.ok = false;
  const int hour = in.digits(2);
  in.expect(':');
  const int minute = in.digits(2);
  const int second = in.next(':') ? in.digits(2) : 0;
  const int ms = in.next('.') ? read_fraction(in) : 0;
  const std::int64_t offset = read_offset_minutes(in);
  if (!in.ok || !in.rest.empty() || year < 1 || month < 1 || month > 12 || day < 1 ||
      day > days_in_month(year, month) || hour > 23 || minute > 59 || second > 59) {
    return std::nullopt;
  }
  std::int64_t days = days_before_year(year) + day - 1 - kEpochDay;
  for (int m = 1; m < month; ++m) days += days_in_month(year, m);
  return days * kDay + hour * 3'600'000LL + (minute - offset) * 60'000LL + second * 1000LL + ms;
}

std::string print_time(std::int64_t ms) {
  const Civil c = to_civil(ms);
  std::string out =
      fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", c.year, c.month, c.day, c.hour, c.minute, c.second);
  if (c.ms != 0) {
    out += fmt::format(".{:03}", c.ms);
    while (out.back() == '0') out.pop_back();
  }
  return out + 'Z';
}

std::string print_long_time(std::int64_t ms) {
  const Civil c = to_civil(ms);
  return fmt::format("{}.{:03}0000Z", print_plain_time(ms), c.ms);
}

std::string print_plain_time(std::int64_t ms) {
  const Civil c = to_civil(ms);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", c.year, c.month, c.day, c.hour, c.minute, c.second);
}

std::string print_spaced_time(std::int64_t ms) {
  std::string out = print_plain_time(ms) + 'Z';
  out[10] = ' ';
  return out;
}

std::string print_http_date(std::int64_t ms) {
  constexpr std::array<const char*, 7> kDays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array<const char*, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const Civil c = to_civil(ms);
  return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT", kDays[static_cast<std::size_t>(c.weekday)], c.day,
                     kMonths[static_cast<std::size_t>(c.month - 1)], c.year, c.hour, c.minute, c.second);
}

}  // namespace teamferry::emulator
