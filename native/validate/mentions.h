#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "native/validate/finding.h"
#include "native/validate/markers.h"

namespace teamferry::validate {

// One entry of `mentions`. Views are only looked at during the call.
struct MentionFacts {
  std::optional<std::int64_t> id;  // nothing: absent, or not a whole number
  std::string_view mentionText;
  int kinds = 1;               // how many members `mentioned` has
  std::string_view kind;       // the first of them: "user", "conversation", "application", "tag"
  std::string_view target_id;  // its id
  std::string_view displayName;
  std::string_view identity_type;  // userIdentityType, conversationIdentityType
};

// R21 to R24: entries and the <at> elements of the body belong together, each entry names one thing of a kind that
// can be mentioned. `markers` is find_markers of the body.
// Source: https://learn.microsoft.com/graph/api/chatmessage-post (2026-08), examples 2 and 7 to 9, and the schema.
// Tested by tests/native/validate/mentions_test.cpp.
void check_mentions(std::span<const MentionFacts> mentions, std::string_view html, const Markers& markers,
                    Findings& findings);

// The number in an <at>'s id; nothing when it is not one that an entry can have.
std::optional<std::int32_t> mention_id(std::string_view text);

}  // namespace teamferry::validate
