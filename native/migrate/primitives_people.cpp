// Members, many requests at once, and files.

#include <fmt/format.h>

#include "native/migrate/primitives_retry.h"

namespace teamferry::migrate {

Task<Result<std::vector<RefusedMember>>> Primitives::add_members(graph::ConversationRef to, std::string team_id,
                                                                 std::vector<graph::NewMember> members) {
  std::vector<RefusedMember> refused;
  for (std::size_t from = 0; from < members.size(); from += graph::members_at_once()) {
    const auto first = members.begin() + static_cast<std::ptrdiff_t>(from);
    const auto count = std::min(graph::members_at_once(), members.size() - from);
    const std::vector<graph::NewMember> some(first, first + static_cast<std::ptrdiff_t>(count));
    auto adding = unless_throttled<std::vector<Status>>([this, to, team_id, some] {
      return team_id.empty() ? graph::add_members(client_, to, some) : graph::add_team_members(client_, team_id, some);
    });
    auto added = co_await std::move(adding);
    if (!added) {
      if (added.error().ambiguous()) co_return unclear("the members were added", added.error());
      co_return added.error();
    }
    for (std::size_t i = 0; i < added->size(); ++i) {
      if (!(*added)[i]) refused.push_back({some[i].user, (*added)[i].error()});
    }
  }
  co_return refused;
}

Task<Result<std::vector<graph::BatchAnswer>>> Primitives::batch(std::vector<graph::BatchPart> parts) {
  std::vector<graph::BatchAnswer> answers;
  for (std::size_t from = 0; from < parts.size(); from += graph::batch_parts()) {
    const auto first = parts.begin() + static_cast<std::ptrdiff_t>(from);
    const auto count = std::min(graph::batch_parts(), parts.size() - from);
    auto asking = graph::batch(client_, {first, first + static_cast<std::ptrdiff_t>(count)});
    auto some = co_await std::move(asking);
    if (!some) co_return some.error();
    std::move(some->begin(), some->end(), std::back_inserter(answers));
  }
  co_return answers;
}

Task<Result<std::string>> Primitives::upload(graph::ConversationRef to, std::string name,
                                             std::shared_ptr<graph::Content> content) {
  auto looking = graph::files_folder(client_, to, options_.channel);
  auto folder = co_await std::move(looking);
  if (!folder) co_return folder.error();
  graph::Upload upload{*folder, name};
  upload.should_stop = options_.stopping;
  auto bringing = graph::upload(client_, std::move(upload), *content);
  auto item = co_await std::move(bringing);
  if (!item) co_return item.error();
  co_return item->json;
}

}  // namespace teamferry::migrate
