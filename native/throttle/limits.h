#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace teamferry::throttle {

// What a service allows one conversation, and how we follow it when it allows less: from native/limits/service.json,
// which says who says so and when, and of which a project may override any line.
struct Limits {
  std::string name;
  double rate = 0;     // requests a second and conversation; 0: no limit
  int burst = 1;       // how many at once; 1 keeps any six apart by a whole second at 5.0
  double floor = 0;    // a conversation is not slowed below this
  double step = 0;     // after a 429, this much faster again ...
  int step_after = 0;  // ... per so many requests that passed
};

// `article`: as the import article says.
Limits article_limits();
// `off`: no pace of our own; Retry-After is still kept. For a service of one's own.
Limits no_limits();
// By name; nothing if there is none of that name.
std::optional<Limits> limits_named(std::string_view name);

}  // namespace teamferry::throttle
