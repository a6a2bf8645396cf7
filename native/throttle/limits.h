#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "native/limits/request_class.h"

namespace teamferry::throttle {

// How fast requests of one class may go. Per second; 0: no limit.
struct ClassPace {
  double resource_rate = 0;   // of one conversation or team
  double resource_floor = 0;  // no 429 slows it below
  double tenant_rate = 0;     // of all of them together: where we begin ...
  double tenant_most = 0;     // ... and what is never passed
};

// A profile: what we believe the service allows, and how we follow it when it allows less. Its numbers are those of
// native/limits/service.json, which says who says so and when, and of which a project may override any line.
struct Limits {
  std::string name;
  std::array<ClassPace, limits::kRequestClasses.size()> classes{};
  double step = 0;     // after a 429, a resource is this much faster again ...
  int step_after = 0;  // ... per so many requests that passed

  const ClassPace& of(limits::RequestClass which) const { return classes[static_cast<std::size_t>(which)]; }
  ClassPace& of(limits::RequestClass which) { return classes[static_cast<std::size_t>(which)]; }
};

// `article`: five imports a second and channel, as the import article says; so do other requests of which the table
// allows one a second and conversation, since one of the two is wrong. What the tenant takes is not known then: 40 a
// second, doubled until the service objects. Requests of which the article says nothing keep the table.
Limits article_limits();
// `strict`: the article's, with room for a network that squeezes requests together.
Limits strict_limits();
// `table`: four fifths of each row of Microsoft's table of limits.
Limits table_limits();
// `off`: no pace of our own; Retry-After is still kept. For a service of one's own.
Limits no_limits();

// By name; nothing if there is none of that name.
std::optional<Limits> limits_named(std::string_view name);
// "article, table, strict or off"
std::string limits_names();

}  // namespace teamferry::throttle
