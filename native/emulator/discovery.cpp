#include "native/emulator/discovery.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "native/emulator/signin_error.h"
#include "native/emulator/text.h"

namespace teamferry::emulator {
namespace {

using nlohmann::json;

// "https://host:port/path" in parts; empty ones for anything else.
struct Address {
  std::string_view host, path;
};

Address read_address(std::string_view url) {
  const auto scheme = url.find("://");
  if (scheme == url.npos) return {};
  url.remove_prefix(scheme + 3);
  const auto slash = std::min(url.find('/'), url.size());
  return {url.substr(0, slash), url.substr(slash)};
}

}  // namespace

bool is_shared_authority(std::string_view named) {
  const std::string name = lower_ascii(named);
  return name == "common" || name == "organizations" || name == "consumers";
}

http::Response openid_configuration(const Tenant& tenant, std::string_view named, std::string_view base) {
  const bool shared = is_shared_authority(named);
  const std::string root = fmt::format("{}/{}", base, shared ? lower_ascii(named) : tenant.id);
  return sign_in_answer(200, {{"token_endpoint", root + "/oauth2/v2.0/token"},
                              {"token_endpoint_auth_methods_supported", {"client_secret_post", "private_key_jwt"}},
                              {"jwks_uri", root + "/discovery/v2.0/keys"},
                              {"response_modes_supported", {"query", "fragment", "form_post"}},
                              {"subject_types_supported", json::array({"pairwise"})},
                              {"id_token_signing_alg_values_supported", json::array({"RS256"})},
                              {"response_types_supported", {"code", "id_token", "code id_token", "id_token token"}},
                              {"scopes_supported", {"openid", "profile", "email", "offline_access"}},
                              {"issuer", shared ? fmt::format("{}/{{tenantid}}/v2.0", base) : root + "/v2.0"},
                              {"request_uri_parameter_supported", false},
                              {"authorization_endpoint", root + "/oauth2/v2.0/authorize"},
                              {"end_session_endpoint", root + "/oauth2/v2.0/logout"},
                              {"claims_supported", {"sub", "iss", "aud", "exp", "iat", "nonce", "tid", "ver"}},
                              {"tenant_region_scope", "EU"},
                              {"cloud_instance_name", read_address(base).host},
                              {"cloud_graph_host_name", read_address(base).host},
                              {"msgraph_host", read_address(base).host}});
}

http::Response key_set(const SigningKey& key) {
  return sign_in_answer(200, {{"keys", json::array({{{"kty", "RSA"},
                                                     {"use", "sig"},
                                                     {"alg", "RS256"},
                                                     {"kid", key.id()},
                                                     {"n", key.modulus()},
                                                     {"e", key.exponent()}}})}});
}

http::Response instance_discovery(std::string_view endpoint, std::string_view base, std::int64_t now) {
  const Address asked = read_address(endpoint);
  const std::string_view own = read_address(base).host;
  // Asked here about the real host: its name was redirected to the emulator.
  if (lower_ascii(asked.host) != lower_ascii(own) && lower_ascii(asked.host) != "login.microsoftonline.com") {
    return sign_in_refusal(
        {400, "invalid_instance", 50049, fmt::format("Unknown or invalid instance '{}'.", asked.host)}, base, "", now);
  }
  const auto segments = split(asked.path);  // "", tenant, "oauth2", ...
  const std::string_view tenant = segments.size() > 1 && !segments[1].empty() ? segments[1] : "common";
  const json metadata = {
      {"preferred_network", asked.host}, {"preferred_cache", asked.host}, {"aliases", json::array({asked.host})}};
  return sign_in_answer(
      200, {{"tenant_discovery_endpoint", fmt::format("{}/{}/v2.0/.well-known/openid-configuration", base, tenant)},
            {"api-version", "1.1"},
            {"metadata", json::array({metadata})}});
}

}  // namespace teamferry::emulator
