#include "native/base/datetime.h"

#include <fmt/format.h>

#include <chrono>

namespace teamferry {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// Takes exactly `count` digits off the front.
std::optional<int> take_digits(std::string_view& text, int count) {
  int value = 0;
  for (int i = 0; i < count; ++i) {
    if (text.empty() || !is_digit(text.front())) return std::nullopt;
    value = value * 10 + (text.front() - '0');
    text.remove_prefix(1);
  }
  return value;
}

bool take(std::string_view& text, char c) {
  if (text.empty() || text.front() != c) return false;
  text.remove_prefix(1);
  return true;
}

// The first three fraction digits as milliseconds; the rest, up to twelve, is cut.
std::optional<int> take_fraction(std::string_view& text) {
  int ms = 0;
  int count = 0;
  for (; !text.empty() && is_digit(text.front()); ++count) {
    if (count < 3) ms = ms * 10 + (text.front() - '0');
    text.remove_prefix(1);
  }
  if (count == 0 || count > 12) return std::nullopt;
  for (; count < 3; ++count) ms *= 10;
  return ms;
}

std::optional<int> take_offset_minutes(std::string_view& text) {
  if (take(text, 'Z') || take(text, 'z')) return 0;
  if (text.empty() || (text.front() != '+' && text.front() != '-')) return std::nullopt;
  const int sign = text.front() == '+' ? 1 : -1;
  text.remove_prefix(1);
  const auto hours = take_digits(text, 2);
  if (!hours || !take(text, ':')) return std::nullopt;
  const auto minutes = take_digits(text, 2);
  if (!minutes || *hours > 14 || *minutes > 59) return std::nullopt;
  return sign * (*hours * 60 + *minutes);
}

}  // namespace

std::optional<DateTime> DateTime::parse(std::string_view text) {
  using namespace std::chrono;
  const auto y = take_digits(text, 4);
  if (!y || !take(text, '-')) return std::nullopt;
  const auto mo = take_digits(text, 2);
  if (!mo || !take(text, '-')) return std::nullopt;
  const auto d = take_digits(text, 2);
  if (!d || !(take(text, 'T') || take(text, 't'))) return std::nullopt;
  const auto h = take_digits(text, 2);
  if (!h || !take(text, ':')) return std::nullopt;
  const auto mi = take_digits(text, 2);
  if (!mi || !take(text, ':')) return std::nullopt;
  const auto s = take_digits(text, 2);
  if (!s) return std::nullopt;
  int fraction_ms = 0;
  if (take(text, '.')) {
    const auto fraction = take_fraction(text);
    if (!fraction) return std::nullopt;
    fraction_ms = *fraction;
  }
  const auto offset = take_offset_minutes(text);
  if (!offset || !text.empty()) return std::nullopt;

  const year_month_day day{year{*y}, month{static_cast<unsigned>(*mo)}, std::chrono::day{static_cast<unsigned>(*d)}};
  if (!day.ok() || *h > 23 || *mi > 59 || *s > 59) return std::nullopt;
  const auto moment =
      sys_days{day} + hours{*h} + minutes{*mi} + seconds{*s} + milliseconds{fraction_ms} - minutes{*offset};
  return DateTime{duration_cast<milliseconds>(moment.time_since_epoch()).count()};
}

std::string DateTime::to_string() const {
  using namespace std::chrono;
  const sys_time<milliseconds> moment{milliseconds{ms}};
  const auto day = floor<days>(moment);
  const year_month_day date{day};
  const hh_mm_ss time{moment - day};
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), time.hours().count(),
                     time.minutes().count(), time.seconds().count(), time.subseconds().count());
}

}  // namespace teamferry
