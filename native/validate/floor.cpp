#include "native/validate/floor.h"

#include <fmt/format.h>

#include <algorithm>

#include "native/validate/json_fields.h"
#include "native/validate/times.h"

namespace teamferry::validate {
namespace {

using Action = StartDecision::Action;

// 0001-01-01T00:00:00.000Z, which the service refuses as a floor: it has to be later.
constexpr std::int64_t kYearOneMs = -62135596800000;

// A floor moves back by a second at least: what other tools do, and safely another second to whoever cuts there.
constexpr std::int64_t kLeastStepMs = 1000;

bool low_enough(const StartFacts& facts) {
  return facts.createdDateTime && *facts.createdDateTime < *facts.oldest;
}

}  // namespace

// Observed: https://github.com/MicrosoftDocs/msteams-docs/issues/13475; the order of team and channel follows from the
// article: https://learn.microsoft.com/microsoftteams/platform/graph-api/import-messages/
// import-external-messages-to-teams (2026-08)
void check_birth(std::optional<DateTime> team, std::optional<DateTime> channel, std::optional<DateTime> oldest_message,
                 Findings& findings) {
  if (team && channel && *team > *channel) {
    add_error(findings, "R6", "createdDateTime",
              fmt::format("{} is before the team's own {}", channel->to_string(), team->to_string()),
              "Let the team begin before its channels");
  }
  const auto begins = channel ? channel : team;
  if (!begins || !oldest_message || *begins < *oldest_message) return;
  add_error(findings, "R6", "createdDateTime",
            fmt::format("{} is not before the oldest message at {}", begins->to_string(), oldest_message->to_string()),
            "Let the team begin before its channels, and each channel before its oldest message");
}

StartDecision decide_start(const StartFacts& facts) {
  if (!facts.oldest) return {Action::none, {}, "no message is to be imported"};
  const auto oldest = facts.oldest->to_string();
  if (facts.oldest->ms <= kYearOneMs + 1) {
    return {
        Action::impossible,
        {},
        fmt::format("the message at {} is older than any conversation can be; skip it or correct its time", oldest)};
  }
  const auto created = facts.createdDateTime ? facts.createdDateTime->to_string() : std::string("unknown");
  if (facts.in_progress) {
    if (low_enough(facts) || !facts.createdDateTime) {
      return {Action::none, {}, fmt::format("it is in progress and begins at {}, before the oldest message", created)};
    }
    return {
        Action::impossible,
        {},
        fmt::format("it is in progress and begins at {}, not before the oldest message at {}; complete it first, then "
                    "start it again with an older time",
                    created, oldest)};
  }
  if (facts.started_before && low_enough(facts)) {
    return {Action::omit, {}, fmt::format("it begins at {}, before the oldest message at {}", created, oldest)};
  }
  const auto wanted = floor_below(*facts.oldest);
  const auto highest = facts.createdDateTime ? facts.createdDateTime->ms - kLeastStepMs : wanted.ms;
  const DateTime value{std::max(std::min({wanted.ms, highest, facts.oldest->ms - 1}), kYearOneMs + 1)};
  if (!facts.createdDateTime || value < *facts.createdDateTime) {
    return {Action::send, value, fmt::format("it begins at {}; the oldest message is of {}", created, oldest)};
  }
  // Only somebody who has been at the year 1 before comes here.
  return {Action::omit, {}, fmt::format("it begins at {}, and nothing older is taken", created)};
}

// R7, R8. Documented: strictly older than the present one, later than the year 1, only backwards; observed: equality is
// refused as well. Source: https://learn.microsoft.com/graph/api/channel-startmigration and chat-startmigration
// (2026-08)
Findings check_start_json(const Json& json, const StartFacts& facts) {
  constexpr FieldRule kStart[] = {{"conversationCreationDateTime"}};
  Findings findings;
  if (facts.in_progress) {
    add_error(findings, "R7", "migrationMode", "it is in progress; a start is answered with 400",
              "Import into it, or complete it first");
  }
  const Fields body(json.is_null() ? nullptr : &json, "", findings);
  body.check_names(kStart);
  const auto text = body.text("conversationCreationDateTime");
  if (text.empty()) {
    if (facts.oldest && facts.createdDateTime && !low_enough(facts)) {
      add_error(findings, "R7", "conversationCreationDateTime",
                fmt::format("it is missing, and {} is not before the oldest message at {}",
                            facts.createdDateTime->to_string(), facts.oldest->to_string()),
                "Write " + floor_below(*facts.oldest).to_string());
    }
    return findings;
  }
  const auto value = DateTime::parse(text);
  if (!value || value->ms <= kYearOneMs) {
    add_error(findings, "R7", "conversationCreationDateTime",
              fmt::format("'{}' is not a moment with its offset after the year 1 began", shown(text)),
              "Write it like 2019-01-07T08:00:00.000Z");
    return findings;
  }
  if (facts.createdDateTime && *value >= *facts.createdDateTime) {
    add_error(
        findings, "R7", "conversationCreationDateTime",
        fmt::format("{} is not older than the present {}", value->to_string(), facts.createdDateTime->to_string()),
        facts.oldest && low_enough(facts) ? "Leave the body out: the conversation begins early enough"
                                          : "Give an older time");
  } else if (facts.started_before && facts.oldest && low_enough(facts)) {
    add_warning(findings, "R8", "conversationCreationDateTime",
                "the conversation begins early enough, and every value makes the next start need an older one",
                "Leave the body out");
  }
  if (facts.oldest && *value >= *facts.oldest) {
    add_error(findings, "R5", "conversationCreationDateTime",
              fmt::format("{} is not before the oldest message at {}", value->to_string(), facts.oldest->to_string()),
              "Write " + floor_below(*facts.oldest).to_string());
  }
  return findings;
}

}  // namespace teamferry::validate
