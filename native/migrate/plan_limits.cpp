#include "native/migrate/plan_limits.h"

#include <fmt/format.h>

#include <map>

#include "native/limits/limits.h"

namespace teamferry::migrate {
namespace {

constexpr double kDaySeconds = 86'400;

// "[counts.channels_per_team, https://..., 2026-08]"
std::string cited(std::string_view name) {
  const auto& from = limits::in_force().provenance(name);
  return from.as_of.empty() ? fmt::format("[{}, {}]", name, from.source)
                            : fmt::format("[{}, {}, {}]", name, from.source, from.as_of);
}

}  // namespace

std::vector<std::string> beyond_limits(const Places& places, const PlanSummary& summary, std::int64_t open,
                                       const PlanOptions& options) {
  std::vector<std::string> findings;
  const auto& now = limits::in_force();

  std::map<int, std::int64_t> channels;
  for (const auto& place : places.places) {
    if (place.conversation.kind == "channel" && !place.conversation.general) ++channels[place.conversation.team];
  }
  for (const auto& team : places.teams) {
    const std::int64_t with_general = channels[team.id] + 1;
    if (with_general <= now.counts.channels_per_team) continue;
    findings.push_back(fmt::format(
        "team '{}' would have {} channels with General, the limit is {} {}: let the step place put some into another "
        "team",
        team.displayName, with_general, now.counts.channels_per_team, cited("counts.channels_per_team")));
  }

  const double days = summary.forecast_seconds / kDaySeconds;
  if (days > now.times.long_sending_days) {
    const double longest = static_cast<double>(summary.longest_lane) / options.messages_per_second;
    if (longest >= summary.forecast_seconds) {
      findings.push_back(fmt::format(
          "sending takes about {:.1f} days: the longest conversation has {} messages, and one takes {} a second {}: "
          "nothing makes it faster but fewer messages in it",
          days, summary.longest_lane, options.messages_per_second, cited("pace.article_per_second")));
    } else {
      findings.push_back(fmt::format(
          "sending takes about {:.1f} days: {} messages, and a tenant takes about {} a second of one application {}: "
          "nothing makes it faster but fewer messages",
          days, open, options.tenant_per_second, cited("requests.import_to_channel.tenant_per_second")));
    }
  }
  return findings;
}

}  // namespace teamferry::migrate
