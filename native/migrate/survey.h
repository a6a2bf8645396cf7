#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "native/base/datetime.h"
#include "native/journal/journal.h"

// What a plan comes to, conversation by conversation: figures for a person who has not decided yet.
namespace teamferry::migrate {

struct ConversationSurvey {
  journal::ConversationId id = 0;
  std::int64_t messages = 0;  // that are, or will be, in Teams: replies and what was added too
  std::int64_t replies = 0;
  std::int64_t threads = 0;             // roots with replies
  std::optional<DateTime> first, last;  // of those messages
  std::int64_t body_bytes = 0;          // of their bodies, as they are sent
  std::int64_t largest_body_bytes = 0;
  std::int64_t pages = 0;  // requests that read all of it back
};

struct Survey {
  std::vector<ConversationSurvey> conversations;
  std::map<std::string, std::int64_t> months;  // messages by "2019-02", UTC
};

// Reads every row of a finished plan once, one in memory at a time.
// Tested by tests/native/migrate/survey_test.cpp.
Survey survey(journal::Journal& journal);

}  // namespace teamferry::migrate
