#include "native/graph/directory.h"

#include <fmt/format.h>

#include "native/graph/read_user.h"
#include "native/http/url.h"
#include "native/limits/limits.h"

namespace teamferry::graph {
namespace {

std::string first_page(const std::string& filter) {
  const std::string all =
      fmt::format("/users?$select=id,displayName,mail,userPrincipalName,accountEnabled,userType,proxyAddresses&$top={}",
                  limits::in_force().counts.users_per_page);
  return filter.empty() ? all : fmt::format("{}&$filter={}", all, http::percent_encode(filter));
}

}  // namespace

Directory::Directory(Connection& graph, std::string filter) : pages_(graph, graph.url(first_page(filter)), "/users") {}

Task<Result<std::optional<std::vector<User>>>> Directory::next() {
  auto asked = pages_.next();
  auto page = co_await std::move(asked);
  if (!page) co_return page.error();
  if (!*page) co_return std::optional<std::vector<User>>();
  std::vector<User> users;
  users.reserve((*page)->size());
  for (const auto& item : **page) {
    auto user = read_user(item);
    if (!user) co_return user.error();
    users.push_back(std::move(*user));
  }
  co_return std::optional<std::vector<User>>(std::move(users));
}

}  // namespace teamferry::graph
