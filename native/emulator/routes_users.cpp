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

}  // namespace

Answer list_users(Call& call) {
  std::vector<const User*> users;
  for (const User& user : call.store.users()) users.push_back(&user);
  return answer_collection(call, shape(), users, 100, 999);
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
