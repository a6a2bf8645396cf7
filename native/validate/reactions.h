#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "native/base/datetime.h"
#include "native/validate/finding.h"

namespace teamferry::validate {

// One entry of `reactions`. Views are only looked at during the call.
struct ReactionFacts {
  std::string_view reactionType, createdDateTime, user_id, reactionContentUrl;
};

struct ReactionContext {
  std::optional<DateTime> message_time, now;
};

// R30, R31. Tested by tests/native/validate/reactions_test.cpp.
void check_reactions(std::span<const ReactionFacts> reactions, const ReactionContext& context, Findings& findings);

// R30: one of the service's old words, or the character itself: "like", "👍".
bool is_reaction_type(std::string_view type);

}  // namespace teamferry::validate
