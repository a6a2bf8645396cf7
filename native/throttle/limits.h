#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace teamferry::throttle {

// What a service allows one conversation, and how we follow it when it allows less. Data with a date: when
// Microsoft changes a page, a line changes here. A project may override any of it.
struct Limits {
  std::string name;
  double rate = 0;     // requests a second and conversation; 0: no limit
  int burst = 1;       // how many at once; 1 keeps any six apart by a whole second at 5.0
  double floor = 0;    // a conversation is not slowed below this
  double step = 0;     // after a 429, this much faster again ...
  int step_after = 0;  // ... per so many requests that passed
  std::string source;  // who says so
  std::string as_of;   // when it was read
};

// `article`: five messages a second and channel, as the import article says.
Limits article_limits();
// `off`: no pace of our own; Retry-After is still kept. For a service of one's own.
Limits no_limits();
// By name; nothing if there is none of that name.
std::optional<Limits> limits_named(std::string_view name);

}  // namespace teamferry::throttle
