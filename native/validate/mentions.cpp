#include "native/validate/mentions.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>

#include "native/validate/author.h"
#include "native/validate/html_token.h"

namespace teamferry::validate {
namespace {

struct Entry {
  std::size_t index;
  const Marker* marker = nullptr;
};
using Entries = std::map<std::int64_t, Entry>;

std::string mention_field(std::size_t index, const char* member) {
  return fmt::format("mentions[{}].{}", index, member);
}

// R21. Documented: an id is an Int32 and stands in the body; the service's words for a missing one are "Neither Body
// nor adaptive card content contains marker for mention with Id '0'." (observed)
void check_ids(std::span<const MentionFacts> mentions, Entries& entries, Findings& findings) {
  for (std::size_t i = 0; i < mentions.size(); ++i) {
    const auto id = mentions[i].id;
    if (!id || *id < INT32_MIN || *id > INT32_MAX) {
      add_error(findings, "R21", mention_field(i, "id"), "it is not a whole number of 32 bits",
                "Number the mentions from 0");
    } else if (!entries.insert({*id, {i}}).second) {
      add_error(findings, "R21", mention_field(i, "id"), fmt::format("two mentions have the id {}", *id),
                "Number the mentions from 0");
    }
  }
}

// R22. Inferred: the service is only known to check the other direction.
void match_markers(Entries& entries, const Markers& markers, Findings& findings) {
  for (const auto& marker : markers) {
    if (marker.kind != Marker::Kind::mention) continue;
    const auto id = mention_id(marker.id);
    const auto found = id ? entries.find(*id) : entries.end();
    if (found == entries.end()) {
      add_error(findings, "R22", "body.content",
                fmt::format("<at id=\"{}\"> has no entry in mentions", shown(marker.id)),
                "Add the entry, or write the name as plain text");
    } else if (found->second.marker == nullptr) {
      found->second.marker = &marker;
    }
  }
}

// R24, after the examples of the reference.
void check_text_of(const MentionFacts& mention, const Entry& entry, std::string_view html, Findings& findings) {
  const auto& marker = *entry.marker;
  const auto inside = text_inside(html.substr(marker.inside, marker.close - marker.inside));
  if (inside == mention.mentionText) return;
  add_warning(findings, "R24", mention_field(entry.index, "mentionText"),
              fmt::format("it is '{}', the body says '{}'", shown(mention.mentionText), shown(inside)),
              "Copy the text that stands in the <at>");
}

// R23, the type of what is mentioned.
bool fits(const MentionFacts& mention) {
  const auto type = mention.identity_type;
  if (mention.kind == "user") return type.empty() || type == "aadUser";
  if (mention.kind == "conversation") return type == "team" || type == "channel" || type == "chat";
  return true;
}

// R23. Documented in the schema and the examples.
void check_mentioned(const MentionFacts& mention, std::size_t index, Findings& findings) {
  constexpr std::string_view kKinds[] = {"user", "conversation", "application", "tag"};
  const char* cure = "Mention one user, conversation, application or tag, with id and displayName";
  if (mention.kinds != 1) {
    return add_error(findings, "R23", mention_field(index, "mentioned"),
                     fmt::format("it names {} things", mention.kinds), cure);
  }
  if (std::find(std::begin(kKinds), std::end(kKinds), mention.kind) == std::end(kKinds)) {
    return add_error(findings, "R23", mention_field(index, "mentioned"),
                     fmt::format("{} cannot be mentioned", shown(mention.kind)), cure);
  }
  const auto at = fmt::format("mentioned.{}", mention.kind);
  if (mention.target_id.empty() || (mention.kind == "user" && !is_object_id(mention.target_id))) {
    add_error(findings, "R23", mention_field(index, (at + ".id").c_str()),
              mention.target_id.empty() ? "it is missing"
                                        : fmt::format("'{}' is not a user's object id", shown(mention.target_id)),
              "Mention somebody of the tenant, or write the name as plain text");
  }
  if (mention.displayName.empty()) {
    add_error(findings, "R23", mention_field(index, (at + ".displayName").c_str()), "it is missing", "Give the name");
  }
  if (!fits(mention)) {
    const bool user = mention.kind == "user";
    add_error(findings, "R23",
              mention_field(index, (at + (user ? ".userIdentityType" : ".conversationIdentityType")).c_str()),
              fmt::format("'{}' does not fit", shown(mention.identity_type)),
              user ? "Write aadUser" : "Write team, channel or chat");
  }
}

}  // namespace

std::optional<std::int32_t> mention_id(std::string_view text) {
  std::int32_t id = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), id);
  if (fault != std::errc() || end != text.data() + text.size() || text.empty()) return std::nullopt;
  return id;
}

void check_mentions(std::span<const MentionFacts> mentions, std::string_view html, const Markers& markers,
                    Findings& findings) {
  if (mentions.empty() && markers.empty()) return;
  Findings found;
  Entries entries;
  check_ids(mentions, entries, found);
  match_markers(entries, markers, found);
  for (const auto& [id, entry] : entries) {
    if (entry.marker == nullptr) {
      add_error(found, "R21", mention_field(entry.index, "id"), fmt::format("no <at id=\"{}\"> stands in the body", id),
                "Write <at id=\"n\">name</at> where the mention stands, or leave it out");
    } else {
      check_text_of(mentions[entry.index], entry, html, found);
    }
  }
  for (std::size_t i = 0; i < mentions.size() && found.size() < kMostFindings; ++i)
    check_mentioned(mentions[i], i, found);
  add_first(findings, std::move(found));
}

}  // namespace teamferry::validate
