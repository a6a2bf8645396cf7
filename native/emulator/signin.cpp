#include "native/emulator/signin.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "native/emulator/assertion.h"
#include "native/emulator/discovery.h"
#include "native/emulator/tenant.h"
#include "native/emulator/text.h"
#include "native/emulator/time.h"

namespace teamferry::emulator {

// Names and values of a form or a query.
struct SignIn::Form {
  std::map<std::string, std::string> values;
  std::string duplicate;  // a name that came twice

  // Empty: absent.
  const std::string& operator[](const char* name) const {
    static const std::string kNone;
    const auto found = values.find(name);
    return found == values.end() ? kNone : found->second;
  }

  // Nothing for a broken escape.
  static std::optional<Form> read(std::string_view text) {
    Form form;
    while (!text.empty()) {
      const std::string_view pair = text.substr(0, text.find('&'));
      text.remove_prefix(std::min(text.size(), pair.size() + 1));
      if (pair.empty()) continue;
      const auto equals = std::min(pair.find('='), pair.size());
      auto name = percent_decode(pair.substr(0, equals), true);
      auto value = percent_decode(pair.substr(std::min(pair.size(), equals + 1)), true);
      if (!name || !value) return std::nullopt;
      if (!form.values.emplace(*name, std::move(*value)).second) form.duplicate = *name;
    }
    return form;
  }
};

struct SignIn::Turn {
  std::string_view tenant;  // as the path names it
  std::string_view base;
  Form form;
  std::int64_t now;
};

namespace {

using nlohmann::json;

constexpr char kGraphApp[] = "00000003-0000-0000-c000-000000000000";
constexpr char kAssertionType[] = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

Refused missing(std::string_view parameter) {
  return {400, "invalid_request", 900144,
          fmt::format("The request body must contain the following parameter: '{}'.", parameter)};
}

// The `aud` of a token for this resource; empty for one that nobody knows. This is the Graph of the global cloud; for
// those of other clouds there are tokens too, which it refuses (E16).
std::string audience_of(std::string_view resource, std::string_view base) {
  constexpr std::string_view kOtherClouds[] = {"https://graph.microsoft.us", "https://dod-graph.microsoft.us",
                                               "https://microsoftgraph.chinacloudapi.cn"};
  while (!resource.empty() && resource.back() == '/') resource.remove_suffix(1);
  const std::string name = lower_ascii(resource);
  if (name == kGraphResource || name == lower_ascii(base)) return kGraphResource;
  if (name == kGraphApp) return kGraphApp;
  const auto other = std::find(std::begin(kOtherClouds), std::end(kOtherClouds), name);
  return other != std::end(kOtherClouds) ? std::string(*other) : "";
}

std::variant<std::string, Refused> read_scope(std::string_view scope, std::string_view base,
                                              const std::string& tenant) {
  constexpr std::string_view kSuffix = "/.default";
  if (scope.find(' ') != scope.npos) {
    return Refused{400, "invalid_scope", 70011,
                   fmt::format("The provided request must include a 'scope' input parameter. The provided value for "
                               "the input parameter 'scope' is not valid. The scope {} is not valid.",
                               scope)};
  }
  if (!scope.ends_with(kSuffix) || scope.size() == kSuffix.size()) {
    return Refused{400, "invalid_scope", 1002012,
                   fmt::format("The provided value for scope {} is not valid. Client credential flows must have a "
                               "scope value with /.default suffixed to the resource identifier (application ID URI).",
                               scope)};
  }
  scope.remove_suffix(kSuffix.size());
  std::string audience = audience_of(scope, base);
  if (audience.empty()) {
    return Refused{400, "invalid_resource", 500011,
                   fmt::format("The resource principal named {} was not found in the tenant named {}. This can happen "
                               "if the application has not been installed by the administrator of the tenant or "
                               "consented to by any user in the tenant. You might have sent your authentication "
                               "request to the wrong tenant.",
                               scope, tenant)};
  }
  return audience;
}

std::optional<Refused> check_secret(const App& app, const std::string& sent, std::int64_t now) {
  const std::vector<AppSecret> secrets =
      app.secrets.empty() ? std::vector<AppSecret>{{app.client_secret}} : app.secrets;
  const auto found = std::find_if(secrets.begin(), secrets.end(), [&](const AppSecret& secret) {
    return !secret.value.empty() && equal_in_constant_time(secret.value, sent);
  });
  if (found == secrets.end()) {
    return Refused{401, "invalid_client", 7000215,
                   fmt::format("Invalid client secret provided. Ensure the secret being sent in the request is the "
                               "client secret value, not the client secret ID, for a secret added to app '{}'.",
                               app.client_id)};
  }
  if (found->expires && *found->expires <= now) {
    return Refused{401, "invalid_client", 7000222,
                   fmt::format("The provided client secret keys for app '{}' are expired. Visit the Azure portal to "
                               "create new keys for your app: https://aka.ms/NewClientSecret, or consider using "
                               "certificate credentials for added security: https://aka.ms/certCreds.",
                               app.client_id)};
  }
  return std::nullopt;
}

Answer invalid_token(std::string message) {
  Answer answer = Answer::error(401, "InvalidAuthenticationToken", std::move(message));
  answer.headers.emplace_back(
      "WWW-Authenticate",
      fmt::format(R"(Bearer realm="", authorization_uri="https://login.microsoftonline.com/common/oauth2/authorize", )"
                  R"(client_id="{}")",
                  kGraphApp));
  return answer;
}

bool is(const std::vector<std::string>& path, std::initializer_list<std::string_view> wanted) {
  return std::equal(path.begin() + 1, path.end(), wanted.begin(), wanted.end());
}

// What the client calls its request: echoed as the correlation id when it is a GUID.
template <class Form>
std::string correlation_of(const http::Request& request, const Form& query, const Form* form) {
  std::vector<std::string> sent = {query["client-request-id"]};
  for (const char* name : {"client-request-id", "x-ms-client-request-id"}) {
    if (const std::string* header = request.headers.find(name)) sent.push_back(*header);
  }
  if (form != nullptr) sent.push_back((*form)["client-request-id"]);
  for (const std::string& id : sent) {
    if (is_guid(id)) return id;
  }
  return "";
}

}  // namespace

bool Caller::has_role(std::string_view role) const {
  return std::find(roles.begin(), roles.end(), role) != roles.end();
}

SignIn::SignIn(std::vector<App> apps, Store& store, std::chrono::seconds lifetime)
    : apps_(std::move(apps)), store_(store), lifetime_(lifetime) {
  for (const App& app : apps_) {
    auto& certificates = certificates_.emplace_back();
    for (const std::string& pem : app.certificates) {
      if (auto certificate = Certificate::read(pem)) certificates.push_back(std::move(*certificate));
    }
  }
}

bool SignIn::answers(const std::vector<std::string>& path) {
  if (path.size() < 2 || path[0] == "v1.0" || path[0] == "beta") return false;
  return path[1] == "oauth2" || path[1] == "discovery" || path[1] == ".well-known" ||
         (path.size() > 2 && path[1] == "v2.0" && path[2] == ".well-known");
}

http::Response SignIn::respond(const std::vector<std::string>& path, const http::Request& request,
                               std::string_view base, std::string_view query, std::int64_t now) {
  const std::string& tenant = path[0];
  const Form parameters = Form::read(query).value_or(Form{});
  if (is(path, {"oauth2", "v2.0", "token"})) {
    auto form = Form::read(request.body);
    const std::string correlation = correlation_of(request, parameters, form ? &*form : nullptr);
    const auto refuse = [&](const Refused& refused) { return sign_in_refusal(refused, base, correlation, now); };
    if (request.method != "POST") {
      return refuse({400, "invalid_request", 900561,
                     fmt::format("The endpoint only accepts POST requests. Received a {} request.", request.method)});
    }
    if (auto refused = check_tenant(tenant)) return refuse(*refused);
    if (!form) return refuse({400, "invalid_request", 90014, "The request body is not a form."});
    auto made = make_token({tenant, base, std::move(*form), now});
    if (const auto* refused = std::get_if<Refused>(&made)) return refuse(*refused);
    return sign_in_answer(200, {{"token_type", "Bearer"},
                                {"expires_in", lifetime_.count() - 1},
                                {"ext_expires_in", lifetime_.count() - 1},
                                {"access_token", std::get<std::string>(std::move(made))}});
  }
  const auto refuse = [&](const Refused& refused) {
    return sign_in_refusal(refused, base, correlation_of<Form>(request, parameters, nullptr), now);
  };
  if (request.method != "GET" && request.method != "HEAD") {
    return refuse({405, "invalid_request", 900561,
                   fmt::format("The endpoint only accepts GET requests. Received a {} request.", request.method)});
  }
  if (lower_ascii(tenant) == "common" && is(path, {"discovery", "instance"})) {
    if (parameters["authorization_endpoint"].empty()) return refuse(missing("authorization_endpoint"));
    return instance_discovery(parameters["authorization_endpoint"], base, now);
  }
  const bool configuration =
      is(path, {"v2.0", ".well-known", "openid-configuration"}) || is(path, {".well-known", "openid-configuration"});
  const bool keys = is(path, {"discovery", "v2.0", "keys"}) || is(path, {"discovery", "keys"});
  if (!configuration && !keys) return refuse({404, "invalid_request", 90023, "There is nothing at this address."});
  if (!is_shared_authority(tenant)) {
    if (auto refused = check_tenant(tenant)) return refuse(*refused);
  }
  return configuration ? openid_configuration(store_.tenant(), tenant, base) : key_set(key());
}

std::optional<Refused> SignIn::check_tenant(std::string_view named) const {
  const std::string name = lower_ascii(named);
  if (name == lower_ascii(store_.tenant().id) || name == store_.tenant().domain) return std::nullopt;
  if (!is_guid(name) && name.find('.') == name.npos) {
    return Refused{400, "invalid_request", 900023,
                   fmt::format("Specified tenant identifier '{}' is neither a valid DNS name, nor a valid external "
                               "domain.",
                               named)};
  }
  return Refused{400, "invalid_request", 90002,
                 fmt::format("Tenant '{}' not found. Check to make sure you have the correct tenant ID and are signing "
                             "into the correct cloud. Check with your subscription administrator, this may happen if "
                             "there are no active subscriptions for the tenant.",
                             named)};
}

std::variant<std::string, Refused> SignIn::make_token(const Turn& turn) {
  const Form& form = turn.form;
  if (!form.duplicate.empty()) {
    return Refused{
        400, "invalid_request", 9000411,
        fmt::format("The request is not properly formatted. The parameter '{}' is duplicated.", form.duplicate)};
  }
  for (const char* name : {"grant_type", "client_id", "scope"}) {
    if (form[name].empty()) return missing(name);
  }
  if (form["grant_type"] != "client_credentials") {
    return Refused{400, "unsupported_grant_type", 70003,
                   fmt::format("The app requested an unsupported grant type '{}'.", form["grant_type"])};
  }
  auto audience = read_scope(form["scope"], turn.base, store_.tenant().display_name);
  if (auto* refused = std::get_if<Refused>(&audience)) return std::move(*refused);

  const std::string client = lower_ascii(form["client_id"]);
  const auto app =
      std::find_if(apps_.begin(), apps_.end(), [&](const App& a) { return lower_ascii(a.client_id) == client; });
  if (app == apps_.end()) {
    return Refused{400, "unauthorized_client", 700016,
                   fmt::format("Application with identifier '{}' was not found in the directory '{}'. This can happen "
                               "if the application has not been installed by the administrator of the tenant or "
                               "consented to by any user in the tenant. You may have sent your authentication request "
                               "to the wrong tenant.",
                               form["client_id"], store_.tenant().display_name)};
  }
  if (auto refused = check_credential(static_cast<std::size_t>(app - apps_.begin()), turn)) return std::move(*refused);
  return sign_token(*app, std::get<std::string>(audience), !form["client_assertion"].empty(), turn.now);
}

std::optional<Refused> SignIn::check_credential(std::size_t app, const Turn& turn) const {
  const Form& form = turn.form;
  const std::string& assertion = form["client_assertion"];
  if (assertion.empty() && form["client_secret"].empty()) {
    if (!form["client_assertion_type"].empty()) {
      return Refused{401, "invalid_client", 7000218,
                     "The request body must contain the following parameter: 'client_assertion' or 'client_secret'."};
    }
    return Refused{401, "invalid_client", 7000216,
                   "'client_assertion', 'client_secret' or 'request' is required for the 'client_credentials' grant "
                   "type."};
  }
  if (assertion.empty()) return check_secret(apps_[app], form["client_secret"], turn.now);
  if (form["client_assertion_type"].empty()) return missing("client_assertion_type");
  if (form["client_assertion_type"] != kAssertionType) {
    return Refused{401, "invalid_client", 7000218,
                   fmt::format("The client assertion type '{}' is not supported; it must be '{}'.",
                               form["client_assertion_type"], kAssertionType)};
  }
  std::vector<std::string> audiences;
  for (const std::string_view host : {turn.base, std::string_view("https://login.microsoftonline.com")}) {
    for (const std::string& tenant : {store_.tenant().id, store_.tenant().domain}) {
      audiences.push_back(fmt::format("{}/{}/oauth2/v2.0/token", host, tenant));
    }
  }
  return check_assertion(assertion, {apps_[app].client_id, certificates_[app], audiences, turn.now});
}

const SigningKey& SignIn::key() {
  if (!key_) {
    const auto pem = store_.signing_key();
    if (!pem) throw std::runtime_error(pem.error().message);
    key_ = SigningKey::read(*pem);
    if (!key_) throw std::logic_error("the store holds a signing key that is none");
  }
  return *key_;
}

std::string SignIn::sign_token(const App& app, const std::string& audience, bool by_certificate, std::int64_t now) {
  const std::int64_t seconds = now / 1000;
  const bool by_person = !app.scopes.empty();
  json claims = {{"aud", audience},
                 {"iss", fmt::format("https://sts.windows.net/{}/", store_.tenant().id)},
                 {"iat", seconds},
                 {"nbf", seconds},
                 {"exp", seconds + lifetime_.count()},
                 {"app_displayname", app.name},
                 {"appid", app.client_id},
                 {"appidacr", by_certificate ? "2" : "1"},
                 {"idtyp", by_person ? "user" : "app"},
                 {"oid", guid_of("service principal:" + app.client_id)},
                 {"tid", store_.tenant().id},
                 {"uti", base64url(random_bytes(16))},  // two tokens of one second differ
                 {"ver", "1.0"}};
  // No consent, no claim: the token endpoint answers 200 all the same.
  if (by_person) {
    claims["scp"] = fmt::format("{}", fmt::join(app.scopes, " "));
  } else if (!app.roles.empty() && !without_roles_) {
    claims["roles"] = app.roles;
  }
  const std::string unsigned_part = base64url(json{{"typ", "JWT"}, {"alg", "RS256"}, {"kid", key().id()}}.dump()) +
                                    "." + base64url(claims.dump(-1, ' ', false, json::error_handler_t::replace));
  return unsigned_part + "." + base64url(key().sign(unsigned_part));
}

std::variant<Caller, Answer> SignIn::read_token(std::string_view token) {
  const auto first = token.find('.');
  const auto last = token.rfind('.');
  if (first == token.npos || first == last) {
    return invalid_token("IDX14100: JWT is not well formed, there are no dots (.) in the right places.");
  }
  const auto signature = from_base64url(token.substr(last + 1));
  if (!signature || !key().verify(token.substr(0, last), *signature)) {
    return invalid_token("Access token validation failure. Invalid signature.");
  }
  // What is signed with our key is a token of ours, so it has the claims that sign_token writes.
  const json claims = json::parse(*from_base64url(token.substr(first + 1, last - first - 1)));
  const std::string audience = claims.at("aud");
  if (audience != kGraphResource && audience != kGraphApp) {
    return invalid_token("Access token validation failure. Invalid audience.");
  }
  if (claims.at("tid") != store_.tenant().id) {
    return invalid_token("Access token validation failure. Invalid issuer.");
  }
  Caller caller;
  caller.app = claims.at("appid");
  caller.roles = claims.value("roles", std::vector<std::string>());
  caller.scopes = claims.value("scp", "");
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
