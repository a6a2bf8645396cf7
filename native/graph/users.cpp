#include <fmt/format.h>
#include <strings.h>

#include <algorithm>

#include "native/graph/client.h"
#include "native/graph/json.h"
#include "native/graph/pages.h"
#include "native/graph/read_user.h"
#include "native/http/url.h"

namespace teamferry::graph {
namespace {

using nlohmann::json;

constexpr std::size_t kUsersAtOnce = 8;
constexpr std::string_view kSelect = "$select=id,displayName,mail,userPrincipalName,accountEnabled,userType";

bool is_guid(std::string_view text) {
  if (text.size() != 36) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? text[i] != '-' : !std::isxdigit(static_cast<unsigned char>(text[i]))) return false;
  }
  return true;
}

// A guest or an old account may share the address: the living one counts, then the one that signs in with it.
User best_of(const std::vector<User>& users, const std::string& address) {
  const auto worth = [&address](const User& user) {
    return (user.accountEnabled ? 2 : 0) + (strcasecmp(user.userPrincipalName.c_str(), address.c_str()) == 0 ? 1 : 0);
  };
  return *std::max_element(users.begin(), users.end(),
                           [&worth](const User& a, const User& b) { return worth(a) < worth(b); });
}

using Found = Result<std::optional<User>>;

// One of several that share the questions; each takes the next one that is open.
Task<void> ask_in_turn(Client& client, const std::vector<std::string>& whom, std::size_t& next,
                       std::vector<std::optional<Found>>& answers) {
  while (next < whom.size()) {
    const std::size_t mine = next++;
    auto asked = client.find_user(whom[mine]);
    answers[mine] = co_await std::move(asked);
  }
}

}  // namespace

Result<User> read_user(const json& body) {
  User user;
  user.id = text_of(body, "id");
  if (user.id.empty()) return unreadable("GET users", "a user has no id");
  user.displayName = text_of(body, "displayName");
  user.mail = text_of(body, "mail");
  user.userPrincipalName = text_of(body, "userPrincipalName");
  const auto enabled = body.find("accountEnabled");
  if (enabled != body.end() && enabled->is_boolean()) user.accountEnabled = enabled->get<bool>();
  user.userType = text_of(body, "userType");
  for (const auto& address : array_of(body, "proxyAddresses")) {
    if (address.is_string()) user.proxyAddresses.push_back(address.get<std::string>());
  }
  user.json = compact(body);
  return user;
}

Task<Result<std::vector<User>>> Client::users_where(std::string filter) {
  Pages pages(*this, url(fmt::format("/users?$filter={}&{}", http::percent_encode(filter), kSelect)), "/users");
  std::vector<User> users;
  while (true) {
    auto asked = pages.next();
    auto page = co_await std::move(asked);
    if (!page) co_return page.error();
    if (!*page) co_return users;
    for (const auto& item : **page) {
      auto user = read_user(item);
      if (!user) co_return user.error();
      users.push_back(std::move(*user));
    }
  }
}

Task<Found> Client::user_by_key(std::string key) {
  auto asked = get(url(fmt::format("/users/{}?{}", http::percent_encode(key), kSelect)), "/users/{user}");
  auto response = co_await std::move(asked);
  if (!response && response.error().status == 404) co_return std::optional<User>();
  if (!response) co_return response.error();
  auto body = read_object(*response, "GET user");
  if (!body) co_return body.error();
  auto user = read_user(*body);
  if (!user) co_return user.error();
  co_return std::optional<User>(std::move(*user));
}

Task<Found> Client::find_user(std::string who) {
  if (who.empty()) co_return Error::argument("no_user", "a user is asked for by mail address, sign-in name or id");
  const bool address = !is_guid(who) && who.find('@') != std::string::npos;
  if (address) {
    auto asked = users_where(fmt::format("mail eq {0} or userPrincipalName eq {0}", odata_text(who)));
    auto users = co_await std::move(asked);
    if (!users) co_return users.error();
    if (!users->empty()) co_return std::optional<User>(best_of(*users, who));
  }
  auto asked = user_by_key(who);
  auto found = co_await std::move(asked);
  if (!address || !found || *found) co_return std::move(found);
  auto asked_alias = users_where(fmt::format("proxyAddresses/any(p:p eq {})", odata_text("smtp:" + who)));
  auto users = co_await std::move(asked_alias);
  if (!users) {
    // Who may read names may still not ask for aliases: then there is nobody to be found that way.
    const int status = users.error().status;
    if (status == 400 || status == 403) co_return std::optional<User>();
    co_return users.error();
  }
  co_return users->empty() ? std::optional<User>() : std::optional<User>(best_of(*users, who));
}

Task<std::vector<Found>> Client::find_users(std::vector<std::string> whom) {
  std::vector<std::optional<Found>> answers(whom.size());
  std::size_t next = 0;
  TaskGroup group;
  for (std::size_t i = 0; i < std::min(kUsersAtOnce, whom.size()); ++i) {
    group.add(ask_in_turn(*this, whom, next, answers));
  }
  auto all = group.wait();
  co_await std::move(all);
  std::vector<Found> found;
  found.reserve(answers.size());
  for (auto& answer : answers) found.push_back(std::move(*answer));
  co_return found;
}

}  // namespace teamferry::graph
