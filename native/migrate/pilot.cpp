#include "native/migrate/pilot.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "native/migrate/where.h"
#include "native/validate/text.h"

namespace teamferry::migrate {
namespace {

constexpr std::size_t kSuggested = 5;

std::string listed(const std::vector<journal::Conversation>& conversations, std::string_view part) {
  std::vector<std::string> names;
  for (const auto& conversation : conversations) {
    if (!is_carried(conversation)) continue;
    const bool near = validate::fold_case(conversation.displayName).find(part) != std::string::npos;
    names.insert(near ? names.begin() : names.end(), shown(conversation));
  }
  const bool more = names.size() > kSuggested;
  if (more) names.resize(kSuggested);
  return fmt::format("{}{}", fmt::join(names, ", "), more ? ", …" : "");
}

}  // namespace

Result<std::optional<journal::ConversationId>> find_pilot(journal::Journal& journal, std::string_view name) {
  if (name.empty()) return std::optional<journal::ConversationId>();
  const auto conversations = journal.conversations();
  const std::string wanted = validate::fold_case(name.starts_with('#') ? name.substr(1) : name);
  std::vector<const journal::Conversation*> found;
  for (const auto& conversation : conversations) {
    const bool same = conversation.source_id == name || validate::fold_case(conversation.displayName) == wanted;
    if (same) found.push_back(&conversation);
  }
  std::erase_if(found, [&](const auto* c) { return found.size() > 1 && !is_carried(*c); });
  if (found.empty()) {
    return Error::argument("no_conversation", fmt::format("the plan has no conversation '{}'; it has {}", name,
                                                          listed(conversations, wanted)));
  }
  if (found.size() > 1) {
    return Error::argument("no_conversation", fmt::format("{} conversations are called '{}'; name one by its id in the "
                                                          "source, such as {}",
                                                          found.size(), name, found.front()->source_id));
  }
  if (!is_carried(*found.front())) {
    return Error::argument(
        "no_conversation",
        fmt::format("'{}' is not carried by this plan; choose another, such as {}", name, listed(conversations, {})));
  }
  return std::optional(found.front()->id);
}

}  // namespace teamferry::migrate
