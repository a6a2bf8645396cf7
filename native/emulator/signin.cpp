#include "native/emulator/signin.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>

#include "native/emulator/tenant.h"
#include "native/emulator/text.h"
#include "native/emulator/time.h"

namespace teamferry::emulator {
namespace {

using nlohmann::json;

// A refusal of the token endpoint. Source: Entra's "AADSTS" error codes.
struct Refused {
  int status;
  const char* error;
  int code;
  std::string text;
};

using Form = std::map<std::string, std::string>;

std::optional<Form> read_form(std::string_view body) {
  Form form;
  while (!body.empty()) {
    const std::string_view pair = body.substr(0, body.find('&'));
    body.remove_prefix(std::min(body.size(), pair.size() + 1));
    const auto equals = std::min(pair.find('='), pair.size());
    auto name = percent_decode(pair.substr(0, equals), true);
    auto value = percent_decode(pair.substr(std::min(pair.size(), equals + 1)), true);
    if (!name || !value) return std::nullopt;
    form[*name] = *value;
  }
  return form;
}

http::Response json_response(int status, const json& body) {
  http::Response response;
  response.status = status;
  response.headers.add("Content-Type", "application/json; charset=utf-8");
  response.headers.add("Cache-Control", "no-store, no-cache");
  response.headers.add("Pragma", "no-cache");
  response.body = body.dump(-1, ' ', false, json::error_handler_t::replace);
  return response;
}

http::Response refuse(const Refused& refused, std::string_view base, std::int64_t now) {
  const std::string trace = quick_guid();
  const std::string correlation = quick_guid();
  const std::string stamp = print_spaced_time(now);
  return json_response(refused.status,
                       {{"error", refused.error},
                        {"error_description", fmt::format("AADSTS{}: {} Trace ID: {} Correlation ID: {} Timestamp: {}",
                                                          refused.code, refused.text, trace, correlation, stamp)},
                        {"error_codes", json::array({refused.code})},
                        {"timestamp", stamp},
                        {"trace_id", trace},
                        {"correlation_id", correlation},
                        {"error_uri", fmt::format("{}/error?code={}", base, refused.code)}});
}

std::optional<Refused> check_tenant(std::string_view tenant) {
  if (lower_ascii(tenant) == kTenantId || lower_ascii(tenant) == kTenantDomain) return std::nullopt;
  if (!is_guid(tenant) && tenant.find('.') == tenant.npos) {
    return Refused{400, "invalid_request", 900023,
                   fmt::format("Specified tenant identifier '{}' is neither a valid DNS name, nor a valid external "
                               "domain.",
                               tenant)};
  }
  return Refused{400, "invalid_request", 90002,
                 fmt::format("Tenant '{}' not found. Check to make sure you have the correct tenant ID.", tenant)};
}

std::optional<Refused> check_form(const Form& form, std::string_view base) {
  for (const char* name : {"grant_type", "client_id", "scope"}) {
    const auto found = form.find(name);
    if (found == form.end() || found->second.empty()) {
      return Refused{400, "invalid_request", 900144,
                     fmt::format("The request body must contain the following parameter: '{}'.", name)};
    }
  }
  if (form.at("grant_type") != "client_credentials") {
    return Refused{400, "unsupported_grant_type", 70003,
                   fmt::format("The app requested an unsupported grant type '{}'.", form.at("grant_type"))};
  }
  constexpr std::string_view kSuffix = "/.default";
  std::string_view scope = form.at("scope");
  if (scope.size() <= kSuffix.size() || scope.substr(scope.size() - kSuffix.size()) != kSuffix ||
      scope.find(' ') != scope.npos) {
    return Refused{400, "invalid_scope", 1002012,
                   fmt::format("The provided value for scope {} is not valid. Client credential flows must have a "
                               "scope value with /.default suffixed to the resource identifier.",
                               scope)};
  }
  scope.remove_suffix(kSuffix.size());
  while (!scope.empty() && scope.back() == '/') scope.remove_suffix(1);
  if (scope != kGraphResource && scope != base && scope != "00000003-0000-0000-c000-000000000000") {
    return Refused{400, "invalid_resource", 500011,
                   fmt::format("The resource principal named {} was not found in the tenant.", scope)};
  }
  return std::nullopt;
}

Answer invalid_token(std::string message) {
  Answer answer = Answer::error(401, "InvalidAuthenticationToken", std::move(message));
  answer.headers.emplace_back(
      "WWW-Authenticate",
      R"(Bearer realm="", authorization_uri="https://login.microsoftonline.com/common/oauth2/authorize", )"
      R"(client_id="00000003-0000-0000-c000-000000000000")");
  return answer;
}

}  // namespace

bool Caller::has_role(std::string_view role) const {
  return std::find(roles.begin(), roles.end(), role) != roles.end();
}

SignIn::SignIn(std::vector<App> apps, std::string key, std::chrono::seconds lifetime)
    : apps_(std::move(apps)), key_(std::move(key)), lifetime_(lifetime) {}

http::Response SignIn::token(std::string_view tenant, const http::Request& request, std::string_view base,
                             std::int64_t now) const {
  if (request.method != "POST") {
    return refuse({400, "invalid_request", 900561, "The endpoint only accepts POST requests."}, base, now);
  }
  if (auto refused = check_tenant(tenant)) return refuse(*refused, base, now);
  const auto form = read_form(request.body);
  if (!form) return refuse({400, "invalid_request", 90014, "The request body is not a form."}, base, now);
  if (auto refused = check_form(*form, base)) return refuse(*refused, base, now);

  const std::string& client = form->at("client_id");
  const auto app = std::find_if(apps_.begin(), apps_.end(),
                                [&](const App& a) { return lower_ascii(a.client_id) == lower_ascii(client); });
  if (app == apps_.end()) {
    return refuse(
        {400, "unauthorized_client", 700016,
         fmt::format("Application with identifier '{}' was not found in the directory '{}'.", client, tenant)},
        base, now);
  }
  const auto secret = form->find("client_secret");
  if (secret == form->end() || secret->second.empty()) {
    return refuse({401, "invalid_client", 7000218,
                   "The request body must contain the following parameter: 'client_assertion' or 'client_secret'."},
                  base, now);
  }
  if (!equal_in_constant_time(secret->second, app->client_secret)) {
    return refuse({401, "invalid_client", 7000215,
                   fmt::format("Invalid client secret provided. Ensure the secret being sent in the request is the "
                               "client secret value, not the client secret ID, for a secret added to app '{}'.",
                               app->client_id)},
                  base, now);
  }
  return json_response(200, {{"token_type", "Bearer"},
                             {"expires_in", lifetime_.count() - 1},
                             {"ext_expires_in", lifetime_.count() - 1},
                             {"access_token", make_token(*app, now)}});
}

std::string SignIn::make_token(const App& app, std::int64_t now) const {
  const std::int64_t seconds = now / 1000;
  json claims = {{"aud", kGraphResource},
                 {"iss", fmt::format("https://sts.windows.net/{}/", kTenantId)},
                 {"iat", seconds},
                 {"nbf", seconds},
                 {"exp", seconds + lifetime_.count()},
                 {"app_displayname", app.name},
                 {"appid", app.client_id},
                 {"appidacr", "1"},
                 {"idtyp", "app"},
                 {"oid", guid_of("service principal:" + app.client_id)},
                 {"tid", kTenantId},
                 {"uti", base64url(random_bytes(16))},  // two tokens of one second differ
                 {"ver", "1.0"}};
  // No consent, no claim: the token endpoint answers 200 all the same.
  if (!app.roles.empty()) claims["roles"] = app.roles;
  const std::string unsigned_part = base64url(R"({"typ":"JWT","alg":"HS256"})") + "." +
                                    base64url(claims.dump(-1, ' ', false, json::error_handler_t::replace));
  return unsigned_part + "." + base64url(hmac_sha256(key_, unsigned_part));
}

std::variant<Caller, Answer> SignIn::read_token(std::string_view token) const {
  const auto first = token.find('.');
  const auto last = token.rfind('.');
  if (first == token.npos || first == last) {
    return invalid_token("IDX14100: JWT is not well formed, there are no dots (.) in the right places.");
  }
  const auto signature = from_base64url(token.substr(last + 1));
  if (!signature || !equal_in_constant_time(*signature, hmac_sha256(key_, token.substr(0, last)))) {
    return invalid_token("Access token validation failure. Invalid signature.");
  }
  // What is signed with our key is a token of ours, so it has the claims that make_token writes.
  const json claims = json::parse(*from_base64url(token.substr(first + 1, last - first - 1)));
  Caller caller;
  caller.app = claims.at("appid");
  caller.roles = claims.value("roles", std::vector<std::string>());
  caller.expires = claims.at("exp");
  return caller;
}

std::variant<const Caller*, Answer> SignIn::authenticate(const std::string* authorization, std::int64_t now) {
  constexpr std::string_view kBearer = "Bearer ";
  std::string_view token = authorization == nullptr ? std::string_view() : std::string_view(*authorization);
  if (lower_ascii(token.substr(0, kBearer.size())) != "bearer ") return invalid_token("Access token is empty.");
  token.remove_prefix(kBearer.size());
  while (!token.empty() && token.front() == ' ') token.remove_prefix(1);
  if (token.empty()) return invalid_token("Access token is empty.");

  auto known = known_.find(std::string(token));
  if (known == known_.end()) {
    auto read = read_token(token);
    if (auto* refused = std::get_if<Answer>(&read)) return std::move(*refused);
    constexpr std::size_t kEnough = 10'000;  // a client that fetches one for each call must not fill the memory
    if (known_.size() >= kEnough) known_.clear();
    known = known_.emplace(token, std::get<Caller>(std::move(read))).first;
  }
  if (known->second.expires <= now / 1000) return invalid_token("Lifetime validation failed, the token is expired.");
  return &known->second;
}

}  // namespace teamferry::emulator
