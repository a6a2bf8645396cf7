#include "native/throttle/limits.h"

namespace teamferry::throttle {

Limits article_limits() {
  Limits limits;
  limits.name = "article";
  limits.rate = 5.0;
  limits.burst = 1;
  limits.floor = 0.8;
  limits.step = 0.2;
  limits.step_after = 200;
  limits.source =
      "https://learn.microsoft.com/microsoftteams/platform/graph-api/import-messages/import-external-messages-to-teams";
  limits.as_of = "2026-08";
  return limits;
}

Limits no_limits() {
  Limits limits;
  limits.name = "off";
  return limits;
}

std::optional<Limits> limits_named(std::string_view name) {
  for (auto limits : {article_limits(), no_limits()}) {
    if (limits.name == name) return limits;
  }
  return std::nullopt;
}

}  // namespace teamferry::throttle
