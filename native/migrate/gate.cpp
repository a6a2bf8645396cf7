#include "native/migrate/gate.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "native/migrate/where.h"

namespace teamferry::migrate {

using journal::Conversation;
using journal::State;

namespace {

// What this completion ends: its missing messages never come. A conversation that was completed before was judged then.
bool is_due(const Conversation& conversation, bool first) {
  if (!is_carried(conversation)) return first;  // what failed with its room
  if (is_switched(conversation)) return conversation.state == "inProgress";
  return conversation.state != "completed";
}

std::map<State, std::int64_t> due_messages(journal::Journal& journal) {
  const auto conversations = journal.conversations();
  const bool first = std::none_of(conversations.begin(), conversations.end(),
                                  [](const Conversation& c) { return c.state == "completed"; });
  std::map<State, std::int64_t> due;
  for (const auto& conversation : conversations) {
    if (!is_due(conversation, first)) continue;
    for (const auto& [state, count] : journal.totals(conversation.id).by_state) due[state] += count;
  }
  return due;
}

}  // namespace

Result<std::int64_t> check_gate(journal::Journal& journal, const Options& options) {
  const auto due = due_messages(journal);
  std::string parts;
  std::int64_t missing = 0;
  for (const State state : {State::planned, State::sending, State::failed, State::blocked, State::doubt}) {
    const auto found = due.find(state);
    if (found == due.end() || found->second == 0) continue;
    missing += found->second;
    parts += fmt::format("{}{} {}", parts.empty() ? "" : ", ", found->second, journal::name(state));
  }
  const auto accepted = options.accept_failures;
  if (missing == 0) return missing;
  if (!accepted) {
    return Error::state(
        "unsettled", fmt::format("{} messages are not in Teams ({}), and after completion none can follow; run again, "
                                 "cure what failed, or say that {} may stay behind and why",
                                 missing, parts, missing));
  }
  if (*accepted < missing) {
    return Error::state("unsettled",
                        fmt::format("{} messages are not in Teams ({}), but only {} may stay behind; look at "
                                    "what is new among them",
                                    missing, parts, *accepted));
  }
  if (options.accept_reason.empty()) {
    return Error::state("no_reason",
                        fmt::format("say why {} messages may stay behind: the reason is recorded", missing));
  }
  return missing;
}

}  // namespace teamferry::migrate
