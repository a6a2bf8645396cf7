#include "native/emulator/scenarios.h"

#include <fmt/format.h>

#include <algorithm>

// Each rule says in its name which report it stands for (sections 2, 5 and 8 of the fact sheet). How often a thing
// happens is nowhere reported: all frequencies are ours.
namespace teamferry::emulator {
namespace {

// 429s come in bursts, often without Retry-After (reports 33), beside 503s of a busy service.
constexpr std::string_view kBusyFriday = R"({"rules": [
  {"name": "burst of 429", "fault": "status", "status": 429, "retryAfter": 4, "on": ["imports", "reads"],
   "every": 60, "times": 5},
  {"name": "Retry-After is missing", "fault": "no-retry-after", "chance": 0.4},
  {"name": "busy backend, 503", "fault": "status", "status": 503, "retryAfter": 2, "on": "imports",
   "chance": 0.02, "per": "message", "times": 2},
  {"name": "busy backend, 503 on creation", "fault": "status", "status": 503, "on": "creations", "every": 7},
  {"name": "stored, but 504", "fault": "status", "status": 504, "acted": true, "on": "imports", "chance": 0.01,
   "per": "message"},
  {"name": "sign-in is throttled", "fault": "status", "status": 429, "retryAfter": 3, "on": "sign-in", "first": 1},
  {"name": "slow", "fault": "slow", "ms": 800, "chance": 0.05}
]})";

// A start soon after a completion sticks (report 2), one-on-one chats answer 412 (report 3), a completion that was
// refused for a moment (report 8), a chat that was never started answers 502 (report 9), reads show no change yet.
constexpr std::string_view kStuckSession = R"({"rules": [
  {"name": "completed, but still importing", "fault": "wedge", "ms": 60000},
  {"name": "412 on one-on-one chats", "fault": "oneonone-412", "times": 3},
  {"name": "a chat that stays at 412", "fault": "oneonone-412", "chance": 0.2, "times": "always"},
  {"name": "completion fails once", "fault": "status", "status": 500, "on": "completions", "per": "conversation",
   "chance": 0.5},
  {"name": "backend of the chat is away", "fault": "status", "status": 502, "on": "imports", "path": "/chats/*/messages",
   "per": "conversation", "times": 2},
  {"name": "inline images are refused", "fault": "inline-images-403", "chance": 0.5, "per": "message",
   "times": "always"}
]})";

// Everything appears late: teams and channels (2.4), their files folder (report 27), messages in reads; the first
// token was given out before the consent had arrived (report 35).
constexpr std::string_view kNewTenant = R"({"rules": [
  {"name": "provisioning takes its time", "fault": "provisioning", "ms": 20000},
  {"name": "the files folder comes later still", "fault": "files-delay", "ms": 45000},
  {"name": "reads lag", "fault": "read-lag", "ms": 5000},
  {"name": "404 after creation, team", "fault": "status", "status": 404, "path": "/teams/*", "method": "GET",
   "per": "path", "times": 2},
  {"name": "404 after creation, channel", "fault": "status", "status": 404, "path": "/teams/*/channels/*",
   "method": "GET", "per": "path", "times": 3},
  {"name": "404 after creation, chat", "fault": "status", "status": 404, "path": "/chats/*", "method": "GET",
   "per": "path"},
  {"name": "503 while the site is made", "fault": "status", "status": 503, "path": "/teams/*/channels/*/filesFolder",
   "per": "path", "times": 2},
  {"name": "consent has not arrived", "fault": "no-roles", "first": 1}
]})";

// A proxy between that resets, cuts, delays, and answers with pages of its own.
constexpr std::string_view kFlakyProxy = R"({"rules": [
  {"name": "reset before the request arrived", "fault": "reset-before", "chance": 0.02},
  {"name": "answer lost after the act", "fault": "reset-after", "chance": 0.02},
  {"name": "one message loses its answer three times", "fault": "reset-after", "on": "imports", "per": "message",
   "chance": 0.005, "times": 3},
  {"name": "half an answer", "fault": "half-answer", "chance": 0.01},
  {"name": "the proxy's own page", "fault": "gateway-html", "chance": 0.02},
  {"name": "the proxy's own page after the act", "fault": "gateway-html", "status": 504, "acted": true,
   "chance": 0.01},
  {"name": "the proxy has a bad minute", "fault": "gateway-html", "status": 503, "every": 400, "times": 15},
  {"name": "slow", "fault": "slow", "ms": 1500, "chance": 0.03}
]})";

}  // namespace

const std::vector<Scenario>& scenarios() {
  static const std::vector<Scenario> kAll = {
      {"busy-friday", "the table of limits, bursts of 429, often without Retry-After, and a busy backend", "table",
       kBusyFriday},
      {"stuck-session", "sessions that do not start, do not complete, or are completed and still importing", "",
       kStuckSession},
      {"new-tenant", "everything appears late, and the first token has no roles", "", kNewTenant},
      {"flaky-proxy", "resets, lost and half answers, pages of a proxy, delays", "", kFlakyProxy},
  };
  return kAll;
}

Result<const Scenario*> find_scenario(std::string_view name) {
  std::string names;
  for (const Scenario& scenario : scenarios()) {
    if (scenario.name == name) return &scenario;
    names += (names.empty() ? "" : ", ") + std::string(scenario.name);
  }
  return Error::argument("bad_scenario", fmt::format("there is no scenario '{}'; there are {}", name, names));
}

}  // namespace teamferry::emulator
