#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace teamferry::bindings {

// One time zone as /usr/share/zoneinfo has it: how far its clocks are from UTC at any moment. g++ 12 has no zones
// of its own, and libc's belong to the whole process.
// Source of the format: https://www.rfc-editor.org/rfc/rfc8536
// Tested by tests/bindings/zones_test.cpp.
class Zone {
 public:
  static std::optional<Zone> read(std::string_view tzif);

  // Seconds east of UTC at `utc` (seconds since 1970).
  std::int32_t offset_at(std::int64_t utc) const;

  // The same for a local time, given as if it were UTC. Of a time that occurs twice the first one counts; one that a
  // change to summer time skips is read with the clock of before.
  std::int32_t offset_of_local(std::int64_t local) const;

 private:
  // When summer time begins or ends, in the years after the last transition: "M3.5.0/2".
  struct Rule {
    enum class Kind { month_week_day, julian, day } kind = Kind::month_week_day;
    int month = 0, week = 0, day = 0;
    std::int32_t time = 7200;
    std::int64_t seconds_of(std::int64_t year) const;
  };
  bool read_footer(std::string_view text);
  static bool read_rule(std::string_view& text, Rule& rule);

  std::vector<std::int64_t> transitions_;
  std::vector<std::int32_t> offsets_;  // from each transition on
  std::int32_t first_ = 0;             // before all of them
  bool has_footer_ = false, has_summer_ = false;
  std::int32_t standard_ = 0, summer_ = 0;
  Rule to_summer_, to_standard_;
};

// The zones of this machine by name, each read once.
class Zones {
 public:
  explicit Zones(std::string folder = "/usr/share/zoneinfo") : folder_(std::move(folder)) {}
  const Zone* find(const std::string& name);  // nullptr: no zone of that name here
  bool any() const;                           // false: the machine has none at all

 private:
  std::string folder_;
  std::map<std::string, std::optional<Zone>> known_;
};

}  // namespace teamferry::bindings
