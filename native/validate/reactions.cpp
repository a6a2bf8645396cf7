#include "native/validate/reactions.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "native/limits/limits.h"
#include "native/validate/author.h"
#include "native/validate/text.h"

namespace teamferry::validate {
namespace {

constexpr std::string_view kWords[] = {"like", "angry", "sad", "laugh", "heart", "surprised"};
constexpr std::size_t kLongestEmoji = 16;  // characters; a family of four with their tones takes eleven

std::string field(std::size_t index, const char* member) {
  return fmt::format("reactions[{}].{}", index, member);
}

// R30, the shape: none of reactionType, createdDateTime and user can be null.
// Source: https://learn.microsoft.com/graph/api/resources/chatmessagereaction (2026-08)
void check_shape(const ReactionFacts& facts, std::size_t index, Findings& findings) {
  if (facts.reactionType == "custom") {
    if (facts.reactionContentUrl.empty()) {
      add_error(findings, "R30", field(index, "reactionContentUrl"), "a custom reaction has no picture",
                "Give its address, or write the reaction as text");
    }
  } else if (!is_reaction_type(facts.reactionType)) {
    add_error(findings, "R30", field(index, "reactionType"),
              facts.reactionType.empty() ? "it is missing" : fmt::format("'{}' is no emoji", shown(facts.reactionType)),
              "Write the character, or one of like, angry, sad, laugh, heart, surprised");
  }
  if (!is_object_id(facts.user_id)) {
    add_error(
        findings, "R30", field(index, "user.user.id"),
        facts.user_id.empty() ? "it is missing" : fmt::format("'{}' is not a user's object id", shown(facts.user_id)),
        "Leave out the reactions of people who are nobody in the tenant");
  }
}

// R30 for the time's form, R31 for where it lies. Inferred.
void check_time(const ReactionFacts& facts, const ReactionContext& context, std::size_t index, Findings& findings) {
  const auto time = DateTime::parse(facts.createdDateTime);
  if (!time) {
    return add_error(findings, "R30", field(index, "createdDateTime"),
                     facts.createdDateTime.empty()
                         ? "it is missing"
                         : fmt::format("'{}' is not a moment with its offset", shown(facts.createdDateTime)),
                     "Give the message's time when the reaction's is not known");
  }
  if (context.message_time && *time < *context.message_time) {
    add_warning(findings, "R31", field(index, "createdDateTime"),
                fmt::format("{} is before the message", time->to_string()),
                "Move it to " + context.message_time->to_string());
  } else if (context.now && *time > *context.now) {
    add_warning(findings, "R31", field(index, "createdDateTime"), fmt::format("{} is in the future", time->to_string()),
                "Correct the time zone of the source");
  }
}

// What emoji are made of: signs beyond Latin letters, and the digits of keycaps.
bool is_sign(char32_t point) {
  if (point == 0xA9 || point == 0xAE || point == 0x200D || point == 0xFE0F || point == 0x20E3) return true;
  return (point >= 0x203C && point <= 0x3299) || (point >= 0x1F000 && point <= 0x1FAFF) ||
         (point >= 0xE0020 && point <= 0xE007F);
}

}  // namespace

bool is_reaction_type(std::string_view type) {
  if (std::find(std::begin(kWords), std::end(kWords), type) != std::end(kWords)) return true;
  const bool keycap = type.ends_with("\xE2\x83\xA3");
  std::size_t characters = 0;
  while (!type.empty()) {
    const auto character = character_at(type);
    const bool key =
        keycap && characters == 0 && character.size == 1 && std::string_view("0123456789#*").find(type[0]) != type.npos;
    if (!character.valid || (!is_sign(character.point) && !key) || ++characters > kLongestEmoji) return false;
    type.remove_prefix(character.size);
  }
  return characters > 0;
}

void check_reactions(std::span<const ReactionFacts> reactions, const ReactionContext& context, Findings& findings) {
  if (reactions.empty()) return;
  Findings found;
  const auto most = static_cast<std::size_t>(limits::in_force().counts.reactions_per_message);
  if (reactions.size() > most) {
    add_error(found, "R30", "reactions", fmt::format("there are {}, the limit is {}", reactions.size(), most),
              "Keep the first of them, and count the others as a loss");
  }
  std::set<std::pair<std::string_view, std::string_view>> seen;
  for (std::size_t i = 0; i < reactions.size() && found.size() < kMostFindings; ++i) {
    check_shape(reactions[i], i, found);
    check_time(reactions[i], context, i, found);
    if (!seen.insert({reactions[i].user_id, reactions[i].reactionType}).second) {
      add_error(found, "R30", field(i, "reactionType"),
                fmt::format("{} gave {} twice", shown(reactions[i].user_id), shown(reactions[i].reactionType)),
                "Leave one of them out");
    }
  }
  add_first(findings, std::move(found));
}

}  // namespace teamferry::validate
