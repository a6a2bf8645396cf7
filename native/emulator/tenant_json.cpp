#include "native/emulator/tenant_json.h"

#include <nlohmann/json.hpp>

namespace teamferry::emulator {

using nlohmann::json;

json user_json(const User& user) {
  return {{"id", user.id},
          {"displayName", user.displayName},
          {"mail", user.mail},
          {"userPrincipalName", user.userPrincipalName},
          {"userType", user.userType},
          {"accountEnabled", user.accountEnabled},
          {"proxyAddresses", user.proxyAddresses},
          {"givenName", user.givenName},
          {"surname", user.surname},
          {"deletedDateTime", user.deletedDateTime}};
}

User read_user(const json& j) {
  return {j.at("id"),       j.at("displayName"),    j.at("mail"),           j.at("userPrincipalName"),
          j.at("userType"), j.at("accountEnabled"), j.at("proxyAddresses"), j.at("givenName"),
          j.at("surname"),  j.at("deletedDateTime")};
}

json app_json(const App& app) {
  json secrets = json::array();
  for (const AppSecret& secret : app.secrets) {
    secrets.push_back({{"value", secret.value}, {"expires", secret.expires ? json(*secret.expires) : json()}});
  }
  return {{"client_id", app.client_id}, {"client_secret", app.client_secret}, {"roles", app.roles},
          {"name", app.name},           {"secrets", std::move(secrets)},      {"certificates", app.certificates},
          {"scopes", app.scopes}};
}

App read_app(const json& j) {
  App app{j.at("client_id"), j.at("client_secret"), j.at("roles"), j.at("name")};
  for (const json& each : j.at("secrets")) {
    AppSecret secret{each.at("value")};
    if (!each.at("expires").is_null()) secret.expires = each.at("expires").get<std::int64_t>();
    app.secrets.push_back(std::move(secret));
  }
  app.certificates = j.at("certificates").get<std::vector<std::string>>();
  app.scopes = j.at("scopes").get<std::vector<std::string>>();
  return app;
}

}  // namespace teamferry::emulator
