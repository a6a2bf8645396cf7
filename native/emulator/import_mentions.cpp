#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <limits>

#include "native/emulator/import_draft.h"
#include "native/emulator/time.h"

// Mentions with the <at id> that stand for them in the text, and reactions: what carries sets of identities.
namespace teamferry::emulator {
namespace {

constexpr std::size_t kMostReactions = 250;

// Sets of identities are open types: what they name beside `always` is kept.
void append_identity_set(std::string& out, const simdjson::dom::object& set,
                         std::initializer_list<std::string_view> always) {
  out += '{';
  for (const std::string_view name : always) {
    if (name != *always.begin()) out += ',';
    Element identity;
    append_member(out, name, set[name].get(identity) == simdjson::SUCCESS ? Value(identity) : std::nullopt);
  }
  for (const auto [name, identity] : set) {
    if (std::find(always.begin(), always.end(), name) != always.end()) continue;
    out += ',';
    append_member(out, name, Value(identity));
  }
  out += '}';
}

// Exactly one identity, which has an id (inferred from the type's documentation).
bool names_one(const simdjson::dom::object& set) {
  int named = 0;
  for (const auto [name, identity] : set) {
    if (name.find('@') != name.npos || identity.is_null()) continue;
    std::string_view id;
    if (identity["id"].get(id) != simdjson::SUCCESS || id.empty()) return false;
    ++named;
  }
  return named == 1;
}

std::optional<std::int64_t> number_of(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  return failure == std::errc() && end == text.data() + text.size() ? std::optional(number) : std::nullopt;
}

Refusal read_mention(Draft& draft, Element item, std::vector<std::int64_t>& ids) {
  Value id_member, text_member, mentioned_member;
  if (auto refused = read_fields(draft.call, item, "microsoft.graph.chatMessageMention",
                                 {{"id", &id_member}, {"mentionText", &text_member}, {"mentioned", &mentioned_member}}))
    return refused;
  std::int64_t id = 0;
  if (!id_member || id_member->get(id) != simdjson::SUCCESS || id < std::numeric_limits<std::int32_t>::min() ||
      id > std::numeric_limits<std::int32_t>::max()) {
    return wrong_type("id", "Edm.Int32");
  }
  std::string_view text;
  if (auto refused = read_string(text_member, "mentionText", text)) return refused;
  if (std::find(ids.begin(), ids.end(), id) != ids.end()) {
    return Answer::bad_request(fmt::format("Mention Id '{}' is not unique.", id));
  }
  ids.push_back(id);
  if (std::none_of(draft.marks.begin(), draft.marks.end(),
                   [&](const Mark& mark) { return mark.kind == Mark::Kind::mention && number_of(mark.value) == id; })) {
    return Answer::bad_request(
        fmt::format("Neither Body nor adaptive card content contains marker for mention with Id '{}'.", id));
  }
  simdjson::dom::object mentioned;
  if (!mentioned_member || mentioned_member->get(mentioned) != simdjson::SUCCESS || !names_one(mentioned)) {
    return Answer::bad_request(fmt::format("Mention Id '{}' does not say who is mentioned.", id));
  }
  draft.content += fmt::format("{}{{\"id\":{},", ids.size() == 1 ? "" : ",", id);
  append_member(draft.content, "mentionText", text_member);
  draft.content += R"(,"mentioned":)";
  append_identity_set(draft.content, mentioned, {"application", "device", "conversation", "user"});
  draft.content += '}';
  return count_bytes(draft, simdjson::minify(item).size());
}

Refusal read_reaction(Draft& draft, Element item, bool first) {
  Value type, display_name, url, created, user;
  if (auto refused = read_fields(draft.call, item, "microsoft.graph.chatMessageReaction",
                                 {{"reactionType", &type},
                                  {"displayName", &display_name},
                                  {"reactionContentUrl", &url},
                                  {"createdDateTime", &created},
                                  {"user", &user}}))
    return refused;
  std::string_view kind, time, text;
  for (const auto& [name, member, target] : {std::tuple{"reactionType", &type, &kind},
                                             {"createdDateTime", &created, &time},
                                             {"displayName", &display_name, &text},
                                             {"reactionContentUrl", &url, &text}}) {
    if (auto refused = read_string(*member, name, *target)) return refused;
  }
  const auto at = read_time(time);
  simdjson::dom::object who;
  if (kind.empty() || !at || !user || user->get(who) != simdjson::SUCCESS) {
    return Answer::bad_request("A reaction lacks its reactionType, createdDateTime or user.");
  }
  std::string& out = draft.content;
  out += first ? "{" : ",{";
  append_string(out, "reactionType", kind);
  out += ',';
  append_member(out, "displayName", display_name);
  out += ',';
  append_member(out, "reactionContentUrl", url);
  out += ',';
  append_string(out, "createdDateTime", print_time(*at));
  out += R"(,"user":)";
  append_identity_set(out, who, {"application", "device", "user"});
  out += '}';
  return std::nullopt;
}

}  // namespace

Refusal read_mentions(Draft& draft) {
  std::vector<Element> items;
  if (auto refused = read_items(draft.mentions, "mentions", items)) return refused;
  std::vector<std::int64_t> ids;
  draft.content += R"(,"mentions":[)";
  for (const Element item : items) {
    if (auto refused = read_mention(draft, item, ids)) return refused;
  }
  draft.content += ']';
  if (draft.call.options.variants.stray_marks) return std::nullopt;
  for (const Mark& mark : draft.marks) {
    if (mark.kind != Mark::Kind::mention) continue;
    const auto id = number_of(mark.value);
    if (!id || std::find(ids.begin(), ids.end(), *id) == ids.end()) {
      return Answer::bad_request(fmt::format("No mention has the Id '{}' of a marker.", mark.value));
    }
  }
  return std::nullopt;
}

Refusal read_reactions(Draft& draft) {
  std::vector<Element> items;
  if (auto refused = read_items(draft.reactions, "reactions", items)) return refused;
  if (!items.empty() && draft.call.options.variants.refuse_reactions) {
    return Answer::bad_request("Reactions cannot be imported.");
  }
  if (items.size() > kMostReactions) return Answer::bad_request("A message can have 250 reactions at most.");
  draft.content += R"(,"reactions":[)";
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (auto refused = read_reaction(draft, items[i], i == 0)) return refused;
  }
  draft.content += ']';
  return std::nullopt;
}

}  // namespace teamferry::emulator
