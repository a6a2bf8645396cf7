#include <algorithm>
#include <nlohmann/json.hpp>
#include <vector>

#include "native/auth/base64url.h"
#include "native/auth/token.h"

namespace teamferry::auth {
namespace {

using nlohmann::json;

constexpr std::size_t kLongestToken = 1024 * 1024;

std::string text_of(const json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

}  // namespace

bool Claims::has_role(std::string_view role) const {
  return std::find(roles.begin(), roles.end(), role) != roles.end();
}

Result<Claims> read_claims(std::string_view token) {
  const Error unreadable = Error::argument("unreadable_token", "the token's claims cannot be read");
  const auto first = token.find('.');
  const auto second = first == token.npos ? first : token.find('.', first + 1);
  if (second == token.npos || token.size() > kLongestToken) return unreadable;
  const auto bytes = decode_base64url(token.substr(first + 1, second - first - 1));
  if (!bytes) return unreadable;
  const json body = json::parse(*bytes, nullptr, false);
  if (!body.is_object()) return unreadable;

  Claims claims;
  claims.audience = text_of(body, "aud");
  claims.tenant_id = text_of(body, "tid");
  claims.client_id = text_of(body, "appid");
  if (claims.client_id.empty()) claims.client_id = text_of(body, "azp");
  claims.app_name = text_of(body, "app_displayname");
  claims.delegated = body.contains("scp");
  if (const auto roles = body.find("roles"); roles != body.end() && roles->is_array()) {
    for (const auto& role : *roles) {
      if (role.is_string()) claims.roles.push_back(role.get<std::string>());
    }
  }
  if (const auto end = body.find("exp"); end != body.end() && end->is_number_integer()) {
    const auto seconds = std::clamp<std::int64_t>(end->get<std::int64_t>(), 0, 253'402'300'799);
    claims.expires = DateTime{seconds * 1000};
  }
  return claims;
}

}  // namespace teamferry::auth
