#include "bindings/zones.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

namespace teamferry::bindings {

namespace {

constexpr std::int64_t kDay = 86400;

std::int64_t days_of(std::int64_t year, int month, int day) {
  using namespace std::chrono;
  return sys_days(std::chrono::year(static_cast<int>(year)) / month / day).time_since_epoch().count();
}

bool leap(std::int64_t year) {
  return std::chrono::year(static_cast<int>(year)).is_leap();
}

std::int64_t year_of(std::int64_t seconds) {
  const auto days =
      std::chrono::sys_days(std::chrono::days(seconds >= 0 ? seconds / kDay : (seconds - kDay + 1) / kDay));
  return static_cast<int>(std::chrono::year_month_day(days).year());
}

// Big-endian numbers one after the other; `good` ends with the data.
class Reader {
 public:
  explicit Reader(std::string_view data) : data_(data) {}
  std::int64_t number(int bytes) {
    if (data_.size() < static_cast<std::size_t>(bytes)) return good_ = false, 0;
    std::int64_t value = static_cast<signed char>(data_[0]);
    for (int i = 1; i < bytes; ++i)
      value = value * 256 + static_cast<unsigned char>(data_[static_cast<std::size_t>(i)]);
    data_.remove_prefix(static_cast<std::size_t>(bytes));
    return value;
  }
  void skip(std::int64_t bytes) {
    if (bytes < 0 || data_.size() < static_cast<std::size_t>(bytes)) {
      good_ = false;
    } else {
      data_.remove_prefix(static_cast<std::size_t>(bytes));
    }
  }
  bool good() const { return good_; }
  std::string_view rest() const { return data_; }

 private:
  std::string_view data_;
  bool good_ = true;
};

struct Header {
  std::int64_t is_ut = 0, is_std = 0, leaps = 0, times = 0, types = 0, names = 0;
};

std::optional<Header> read_header(Reader& in) {
  if (!in.rest().starts_with("TZif")) return std::nullopt;
  in.skip(20);
  Header header;
  for (auto* count : {&header.is_ut, &header.is_std, &header.leaps, &header.times, &header.types, &header.names}) {
    *count = in.number(4);
    if (*count < 0 || *count > 100000) return std::nullopt;
  }
  if (!in.good()) return std::nullopt;
  return header;
}

bool read_number(std::string_view& text, int& value) {
  std::size_t digits = 0;
  value = 0;
  while (digits < text.size() && text[digits] >= '0' && text[digits] <= '9')
    value = value * 10 + (text[digits++] - '0');
  text.remove_prefix(digits);
  return digits > 0 && digits < 6;
}

bool take(std::string_view& text, char c) {
  if (!text.starts_with(c)) return false;
  text.remove_prefix(1);
  return true;
}

// "[+-]hh[:mm[:ss]]", in seconds.
bool read_span(std::string_view& text, std::int32_t& seconds) {
  const int sign = take(text, '-') ? -1 : (take(text, '+'), 1);
  int hours = 0, minutes = 0, rest = 0;
  if (!read_number(text, hours)) return false;
  if (take(text, ':') && !read_number(text, minutes)) return false;
  if (take(text, ':') && !read_number(text, rest)) return false;
  seconds = sign * (hours * 3600 + minutes * 60 + rest);
  return true;
}

bool skip_name(std::string_view& text) {
  std::size_t end = 0;
  if (text.starts_with('<')) {
    end = text.find('>');
    if (end == std::string_view::npos) return false;
    ++end;
  } else {
    while (end < text.size() && std::isalpha(static_cast<unsigned char>(text[end]))) ++end;
  }
  text.remove_prefix(end);
  return end > 0;
}

}  // namespace

bool Zone::read_rule(std::string_view& text, Rule& rule) {
  if (!take(text, ',')) return false;
  if (take(text, 'M')) {
    rule.kind = Rule::Kind::month_week_day;
    if (!read_number(text, rule.month) || !take(text, '.') || !read_number(text, rule.week) || !take(text, '.') ||
        !read_number(text, rule.day)) {
      return false;
    }
    if (rule.month < 1 || rule.month > 12 || rule.week < 1 || rule.week > 5 || rule.day > 6) return false;
  } else {
    rule.kind = take(text, 'J') ? Rule::Kind::julian : Rule::Kind::day;
    if (!read_number(text, rule.day)) return false;
  }
  return !take(text, '/') || read_span(text, rule.time);
}

// "CET-1CEST,M3.5.0,M10.5.0/3": POSIX counts offsets west of Greenwich.
bool Zone::read_footer(std::string_view text) {
  if (!skip_name(text) || !read_span(text, standard_)) return false;
  standard_ = -standard_;
  if (text.empty()) return true;
  if (!skip_name(text)) return false;
  summer_ = standard_ + 3600;
  if (!text.starts_with(',')) {
    if (!read_span(text, summer_)) return false;
    summer_ = -summer_;
  }
  return has_summer_ = read_rule(text, to_summer_) && read_rule(text, to_standard_);
}

std::int64_t Zone::Rule::seconds_of(std::int64_t year) const {
  std::int64_t days = 0;
  if (kind == Kind::julian) {  // 1 to 365, no 29 February
    days = days_of(year, 1, 1) + day - 1 + (leap(year) && day > 59 ? 1 : 0);
  } else if (kind == Kind::day) {
    days = days_of(year, 1, 1) + day;
  } else {
    const std::int64_t first = days_of(year, month, 1);
    const int weekday = static_cast<int>(((first + 4) % 7 + 7) % 7);  // 1970 began on a Thursday
    days = first + (day - weekday + 7) % 7 + (week - 1) * 7;
    const std::int64_t next = month == 12 ? days_of(year + 1, 1, 1) : days_of(year, month + 1, 1);
    while (days >= next) days -= 7;  // week 5 is the last
  }
  return days * kDay + time;
}

std::optional<Zone> Zone::read(std::string_view tzif) {
  Reader in(tzif);
  auto header = read_header(in);
  if (!header || tzif[4] < '2') return std::nullopt;  // version 1 ends in 2038 and is long gone
  in.skip(header->times * 5 + header->types * 6 + header->names + header->leaps * 8 + header->is_std + header->is_ut);
  header = read_header(in);
  if (!header || header->types == 0) return std::nullopt;

  Zone zone;
  for (std::int64_t i = 0; i < header->times; ++i) zone.transitions_.push_back(in.number(8));
  std::vector<std::int64_t> type_of;
  for (std::int64_t i = 0; i < header->times; ++i) type_of.push_back(in.number(1) & 0xFF);
  std::vector<std::int32_t> types;
  for (std::int64_t i = 0; i < header->types; ++i) {
    types.push_back(static_cast<std::int32_t>(in.number(4)));
    in.skip(2);
  }
  in.skip(header->names + header->leaps * 12 + header->is_std + header->is_ut);
  if (!in.good() || !std::ranges::is_sorted(zone.transitions_)) return std::nullopt;
  for (const auto type : type_of) {
    if (static_cast<std::size_t>(type) >= types.size()) return std::nullopt;
    zone.offsets_.push_back(types[static_cast<std::size_t>(type)]);
  }
  zone.first_ = types.front();
  std::string_view footer = in.rest();
  if (take(footer, '\n')) {
    footer = footer.substr(0, footer.find('\n'));
    zone.has_footer_ = !footer.empty() && zone.read_footer(footer);
  }
  return zone;
}

std::int32_t Zone::offset_at(std::int64_t utc) const {
  const auto next = std::ranges::upper_bound(transitions_, utc);
  const bool past = next == transitions_.end();
  if (!past || !has_footer_) {
    return next == transitions_.begin() ? first_ : offsets_[static_cast<std::size_t>(next - transitions_.begin() - 1)];
  }
  if (!has_summer_) return standard_;
  const std::int64_t year = year_of(utc + standard_);
  const std::int64_t begin = to_summer_.seconds_of(year) - standard_, end = to_standard_.seconds_of(year) - summer_;
  const bool summer = begin < end ? utc >= begin && utc < end : utc >= begin || utc < end;
  return summer ? summer_ : standard_;
}

std::int32_t Zone::offset_of_local(std::int64_t local) const {
  // Only offsets in force within a day of the time can be meant. The largest gives the first of two moments.
  std::set<std::int32_t, std::greater<>> candidates;
  for (const std::int64_t away : {-kDay, std::int64_t{0}, kDay}) candidates.insert(offset_at(local + away));
  for (const std::int32_t offset : candidates) {
    if (offset_at(local - offset) == offset) return offset;
  }
  return offset_at(local - kDay);
}

bool Zones::any() const {
  std::error_code error;
  return std::filesystem::is_directory(folder_, error);
}

const Zone* Zones::find(const std::string& name) {
  auto [known, fresh] = known_.try_emplace(name);
  if (fresh) {
    const bool sane = !name.empty() && name.size() < 64 && name.front() != '/' &&
                      name.find("..") == std::string::npos &&
                      name.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-/") ==
                          std::string::npos;
    if (sane) {
      std::ifstream in(folder_ + "/" + name, std::ios::binary);
      const std::string text{std::istreambuf_iterator<char>(in), {}};
      known->second = Zone::read(text);
    }
  }
  return known->second ? &*known->second : nullptr;
}

}  // namespace teamferry::bindings
