#include <algorithm>
#include <functional>
#include <nlohmann/json.hpp>

#include "native/emulator/collection.h"
#include "native/emulator/routes.h"

namespace teamferry::emulator {
namespace {

std::optional<std::string> lookup(const User& user, std::string_view property) {
  if (property == "id") return user.id;
  if (property == "displayName") return user.displayName;
  if (property == "mail") return user.mail;
  if (property == "userPrincipalName") return user.userPrincipalName;
  if (property == "proxyAddresses") return "SMTP:" + user.mail;
  if (property == "accountEnabled") return "true";
  if (property == "userType") return "Member";
  return std::nullopt;
}

Json print(const User& user, const Call&) {
  return {{"businessPhones", Json::array()},
          {"displayName", user.displayName},
          {"givenName", nullptr},
          {"jobTitle", nullptr},
          {"mail", user.mail},
          {"mobilePhone", nullptr},
          {"officeLocation", nullptr},
          {"preferredLanguage", nullptr},
          {"surname", nullptr},
          {"userPrincipalName", user.userPrincipalName},
          {"id", user.id},
          {"accountEnabled", true},
          {"userType", "Member"},
          {"proxyAddresses", Json::array({"SMTP:" + user.mail})},
          {"otherMails", Json::array()}};
}

const Shape<User>& shape() {
  static const Shape<User> kShape = {
      "users",
      {"id", "displayName", "mail", "userPrincipalName", "proxyAddresses", "accountEnabled", "userType"},
      lookup,
      print,
      {"businessPhones", "displayName", "givenName", "jobTitle", "mail", "mobilePhone", "officeLocation",
       "preferredLanguage", "surname", "userPrincipalName", "id"}};
  return kShape;
}

// Whom an equality can only mean; nothing when there is no index over its property.
std::optional<const User*> by_index(const Store& store, const Filter::Equality& equality) {
  constexpr std::string_view kSmtp = "smtp:";
  std::string_view value = equality.value;
  if (equality.property == "proxyAddresses") {
    if (!value.starts_with(kSmtp)) return nullptr;
    value.remove_prefix(kSmtp.size());
  } else if (equality.property != "id" && equality.property != "mail" && equality.property != "userPrincipalName") {
    return std::nullopt;
  }
  return store.find_user(value);
}

// A tenant may have a hundred thousand users, and a plan asks for each of them by address.
std::vector<const User*> users_for(const Store& store, const std::optional<Filter>& filter) {
  std::vector<const User*> users;
  bool indexed = filter && filter->only();
  for (const auto& equality : indexed ? *filter->only() : std::vector<Filter::Equality>()) {
    const auto user = by_index(store, equality);
    if (!user) {
      indexed = false;
      break;
    }
    if (*user != nullptr) users.push_back(*user);
  }
  if (!indexed) {
    users.clear();
    for (const User& user : store.users()) users.push_back(&user);
    return users;
  }
  std::sort(users.begin(), users.end(), std::less<>());  // they stand in one vector, so this is its order
  users.erase(std::unique(users.begin(), users.end()), users.end());
  return users;
}

}  // namespace

Answer list_users(Call& call) {
  return answer_collection(
      call, shape(), [&](const std::optional<Filter>& filter) { return users_for(call.store, filter); }, 100, 999);
}

Answer get_user(Call& call) {
  const User* user = call.store.find_user(call.keys[0]);
  if (user == nullptr) {
    return Answer::error(404, "Request_ResourceNotFound",
                         fmt::format("Resource '{}' does not exist or one of its queried reference-property objects "
                                     "are not present.",
                                     call.keys[0]));
  }
  Answer refused;
  const auto chosen = select(call, print(*user, call), shape().by_default, refused);
  if (!chosen) return refused;
  Json body = {{"@odata.context", call.context("users" + select_context(call) + "/$entity")}};
  body.update(*chosen);
  return Answer::ok(body.dump(-1, ' ', false, Json::error_handler_t::replace));
}

}  // namespace teamferry::emulator
