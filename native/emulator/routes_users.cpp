#include <algorithm>
#include <functional>
#include <nlohmann/json.hpp>

#include "native/emulator/collection.h"
#include "native/emulator/routes.h"

// The directory: users, the deleted ones, and the organization they belong to.
namespace teamferry::emulator {
namespace {

std::string lines(const std::vector<std::string>& texts) {
  return fmt::format("{}", fmt::join(texts, "\n"));
}

std::optional<std::string> lookup(const User& user, std::string_view property) {
  const auto or_null = [](const std::string& text) { return text.empty() ? std::nullopt : std::optional(text); };
  if (property == "id") return user.id;
  if (property == "displayName") return user.displayName;
  if (property == "mail") return or_null(user.mail);
  if (property == "userPrincipalName") return user.userPrincipalName;
  if (property == "givenName") return or_null(user.givenName);
  if (property == "surname") return or_null(user.surname);
  if (property == "proxyAddresses") return lines(user.proxyAddresses);
  if (property == "accountEnabled") return user.accountEnabled ? "true" : "false";
  if (property == "userType") return user.userType;
  return std::nullopt;
}

Json print(const User& user, const Call&) {
  const auto or_null = [](const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); };
  Json all = {{"businessPhones", Json::array()},
              {"displayName", user.displayName},
              {"givenName", or_null(user.givenName)},
              {"jobTitle", nullptr},
              {"mail", or_null(user.mail)},
              {"mobilePhone", nullptr},
              {"officeLocation", nullptr},
              {"preferredLanguage", nullptr},
              {"surname", or_null(user.surname)},
              {"userPrincipalName", user.userPrincipalName},
              {"id", user.id},
              {"accountEnabled", user.accountEnabled},
              {"userType", user.userType},
              {"proxyAddresses", user.proxyAddresses},
              {"otherMails", Json::array()},
              {"deletedDateTime", or_null(user.deletedDateTime)},
              {"mailNickname", user.userPrincipalName.substr(0, user.userPrincipalName.find_first_of("@#"))},
              {"externalUserState", user.userType == "Guest" ? Json("Accepted") : Json(nullptr)}};
  // Properties of the type that no user here has.
  for (const char* name :
       {"city", "companyName", "country", "createdDateTime", "creationType", "department", "employeeId",
        "onPremisesSyncEnabled", "postalCode", "state", "streetAddress", "usageLocation"}) {
    all[name] = nullptr;
  }
  return all;
}

Shape<User> make_shape(const char* path) {
  Shape<User> shape = {path,
                       {"id", "displayName", "mail", "userPrincipalName", "proxyAddresses", "accountEnabled",
                        "userType", "givenName", "surname"},
                       lookup,
                       print,
                       {"businessPhones", "displayName", "givenName", "jobTitle", "mail", "mobilePhone",
                        "officeLocation", "preferredLanguage", "surname", "userPrincipalName", "id"}};
  shape.directory = true;
  return shape;
}

const Shape<User>& shape() {
  static const Shape<User> kShape = make_shape("users");
  return kShape;
}

// A tenant may have a hundred thousand users, and a plan asks for each of them by address.
std::vector<const User*> users_for(const Directory& directory, const std::optional<Filter>& filter) {
  std::vector<const User*> users;
  bool indexed = filter && filter->only();
  for (const auto& equality : indexed ? *filter->only() : std::vector<Filter::Equality>()) {
    const auto found = directory.equal(equality.property, equality.value);
    if (!found) {
      indexed = false;
      break;
    }
    users.insert(users.end(), found->begin(), found->end());
  }
  if (!indexed) {
    users.clear();
    for (const User& user : directory.users()) users.push_back(&user);
    return users;
  }
  std::sort(users.begin(), users.end(), std::less<>());  // they stand in one vector, so this is its order
  users.erase(std::unique(users.begin(), users.end()), users.end());
  return users;
}

// "displayName:ada": the name has a word that begins so, any other property begins so.
bool found_by(const User& user, const std::string& property, const std::string& start) {
  const std::string have = lower_ascii(lookup(user, property).value_or(""));
  if (have.starts_with(start)) return true;
  return property == "displayName" && have.find(" " + start) != have.npos;
}

// The part of $search that looks for people: one or several "property:text", of which one must fit (OR between them)
// or all (AND). Nothing for anything else.
std::optional<std::function<bool(const User&)>> read_search(std::string_view text) {
  std::vector<std::pair<std::string, std::string>> clauses;
  bool all = false;
  while (!text.empty()) {
    if (text.front() == ' ') {
      text.remove_prefix(1);
    } else if (text.front() == '"') {
      const auto end = text.find('"', 1);
      const auto colon = text.find(':');
      if (end == text.npos || colon > end) return std::nullopt;
      clauses.emplace_back(text.substr(1, colon - 1), lower_ascii(text.substr(colon + 1, end - colon - 1)));
      const auto& known = shape().filterable;
      if (std::find(known.begin(), known.end(), clauses.back().first) == known.end()) return std::nullopt;
      text.remove_prefix(end + 1);
    } else {
      const std::string_view word = text.substr(0, text.find(' '));
      if (clauses.empty() || (word != "AND" && word != "OR")) return std::nullopt;
      all = word == "AND";
      text.remove_prefix(word.size());
    }
  }
  if (clauses.empty()) return std::nullopt;
  return [clauses = std::move(clauses), all](const User& user) {
    const auto fits = [&](const auto& clause) { return found_by(user, clause.first, clause.second); };
    return all ? std::all_of(clauses.begin(), clauses.end(), fits) : std::any_of(clauses.begin(), clauses.end(), fits);
  };
}

Answer unsupported(std::string message) {
  return Answer::error(400, "Request_UnsupportedQuery", std::move(message));
}

// By displayName or userPrincipalName, "desc" or not.
std::optional<Answer> order(const Call& call, std::vector<const User*>& users) {
  const auto wanted = call.query.find("$orderby");
  if (wanted == call.query.end()) return std::nullopt;
  const std::string_view text = wanted->second;
  const std::string_view property = text.substr(0, text.find(' '));
  const std::string direction = lower_ascii(text.substr(std::min(text.size(), property.size() + 1)));
  if ((property != "displayName" && property != "userPrincipalName") ||
      (!direction.empty() && direction != "asc" && direction != "desc")) {
    return unsupported("Sort not supported for current query.");
  }
  std::stable_sort(users.begin(), users.end(), [&](const User* a, const User* b) {
    if (direction == "desc") std::swap(a, b);
    return lower_ascii(*lookup(*a, property)) < lower_ascii(*lookup(*b, property));
  });
  return std::nullopt;
}

Answer no_such(const std::string& key) {
  return Answer::error(404, "Request_ResourceNotFound",
                       fmt::format("Resource '{}' does not exist or one of its queried reference-property objects "
                                   "are not present.",
                                   key));
}

}  // namespace

Answer list_users(Call& call) {
  std::optional<std::function<bool(const User&)>> searched;
  const auto search = call.query.find("$search");
  if (search != call.query.end() && is_eventual(call)) {
    searched = read_search(search->second);
    if (!searched) return unsupported("Unrecognized query argument specified: $search wants \"property:text\".");
  }
  std::optional<Answer> refused;
  Answer answer = answer_collection(
      call, shape(),
      [&](const std::optional<Filter>& filter) {
        auto users = users_for(call.store.directory(), filter);
        if (searched) std::erase_if(users, [&](const User* user) { return !(*searched)(*user); });
        refused = order(call, users);
        return users;
      },
      100, 999);
  return refused ? std::move(*refused) : std::move(answer);
}

Answer get_user(Call& call) {
  const User* user = call.store.directory().by_key(call.keys[0]);
  if (user == nullptr) return no_such(call.keys[0]);
  Answer refused;
  const auto chosen = select(call, print(*user, call), shape().by_default, refused);
  if (!chosen) return refused;
  Json body = {{"@odata.context", call.context("users" + select_context(call) + "/$entity")}};
  body.update(*chosen);
  return Answer::ok(body.dump(-1, ' ', false, Json::error_handler_t::replace));
}

Answer count_users(Call& call) {
  if (!is_eventual(call)) return unsupported("$count needs the header 'ConsistencyLevel: eventual'.");
  Answer answer = Answer::ok(std::to_string(call.store.users().size()));
  answer.content_type = "text/plain";
  return answer;
}

Answer list_deleted_users(Call& call) {
  static const Shape<User> kShape = make_shape("directory/deletedItems/microsoft.graph.user");
  std::vector<const User*> users;
  for (const User& user : call.store.directory().deleted()) users.push_back(&user);
  return answer_collection(
      call, kShape, [&](const std::optional<Filter>&) { return users; }, 100, 999);
}

Answer get_organization(Call& call) {
  const Tenant& tenant = call.store.tenant();
  const Json whole = {{"id", tenant.id},
                      {"displayName", tenant.display_name},
                      {"tenantType", "AAD"},
                      {"verifiedDomains", Json::array({{{"capabilities", "Email, OfficeCommunicationsOnline"},
                                                        {"isDefault", true},
                                                        {"isInitial", true},
                                                        {"name", tenant.domain},
                                                        {"type", "Managed"}}})}};
  Answer refused;
  auto chosen = select(call, whole, {}, refused);
  if (!chosen) return refused;
  const Json body = {{"@odata.context", call.context("organization" + select_context(call))},
                     {"value", Json::array({std::move(*chosen)})}};
  return Answer::ok(body.dump(-1, ' ', false, Json::error_handler_t::replace));
}

Answer get_me(Call&) {
  return Answer::bad_request("/me request is only valid with delegated authentication flow.");
}

}  // namespace teamferry::emulator
