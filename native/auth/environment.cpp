#include "native/auth/environment.h"

#include <fmt/format.h>
#include <strings.h>

#include <algorithm>

#include "native/auth/certificate.h"
#include "native/auth/secret_file.h"

namespace teamferry::auth {
namespace {

constexpr const char* kTenant = "AZURE_TENANT_ID";
constexpr const char* kClient = "AZURE_CLIENT_ID";
constexpr const char* kToken = "TEAMFERRY_ACCESS_TOKEN";
constexpr const char* kTokenFile = "TEAMFERRY_ACCESS_TOKEN_FILE";
constexpr const char* kSecret = "AZURE_CLIENT_SECRET";
constexpr const char* kSecretFile = "AZURE_CLIENT_SECRET_FILE";
constexpr const char* kCertificate = "AZURE_CLIENT_CERTIFICATE_PATH";
constexpr const char* kCertificatePassword = "AZURE_CLIENT_CERTIFICATE_PASSWORD";
constexpr const char* kSendChain = "AZURE_CLIENT_SEND_CERTIFICATE_CHAIN";
constexpr const char* kAlgorithm = "TEAMFERRY_ASSERTION_ALGORITHM";
constexpr const char* kFederated = "AZURE_FEDERATED_TOKEN_FILE";

// A way to sign in: the variable that asks for it, and its words. In the order of preference.
struct Way {
  const char* variable;
  const char* words;
};
constexpr Way kWays[] = {
    {kToken, "the token"},
    {kTokenFile, "the token in the file that is named"},
    {kSecret, "the client secret"},
    {kSecretFile, "the client secret in the file that is named"},
    {kCertificate, "the certificate that is named"},
    {kFederated, "the federated token in the file that is named"},
};

bool is(const Way& way, std::string_view variable) {
  return way.variable == variable;
}

struct Variables {
  const GetEnv& getenv;

  std::string text(const char* name) const { return trimmed(Secret(raw(name))).reveal(); }
  Secret secret(const char* name) const { return trimmed(Secret(raw(name))); }
  bool has(const char* name) const { return !secret(name).empty(); }

 private:
  std::string raw(const char* name) const {
    const char* value = getenv(name);
    return value ? value : "";
  }
};

// A tenant becomes a segment of the sign-in's address, so it is held to what a GUID or a domain may contain.
bool is_tenant(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](unsigned char c) { return c < 0x80 && (std::isalnum(c) || c == '-' || c == '.' || c == '_'); });
}

Status check_tenant(const std::string& tenant) {
  if (!is_tenant(tenant)) {
    return Error::argument("bad_tenant", fmt::format("{} is neither a GUID nor a domain", kTenant));
  }
  if (tenant == "common" || tenant == "organizations" || tenant == "consumers") {
    return Error::argument("bad_tenant", fmt::format("{} is '{}'; an application signs in to one tenant, by its GUID "
                                                     "or its domain",
                                                     kTenant, tenant));
  }
  return done();
}

// Everything that is missing, in one sentence.
Error incomplete(const Variables& variables, const Way* way) {
  std::string missing;
  for (const char* name : {kTenant, kClient}) {
    if (!variables.has(name)) missing += (missing.empty() ? "" : ", ") + std::string(name);
  }
  if (way != nullptr) {
    return Error::argument(
        "no_credentials", fmt::format("{} is set, but the environment lacks {}; they are the directory (tenant) id and "
                                      "the application (client) id of the app registration",
                                      way->variable, missing));
  }
  for (const char* name : {kCertificatePassword, kSendChain, kAlgorithm}) {
    if (!variables.has(name)) continue;
    return Error::argument("no_credentials",
                           fmt::format("{} is set, but not {}: name the certificate's file there", name, kCertificate));
  }
  missing += fmt::format("{}{} (or one of {}, {}, {}; or a ready token in {} or {})", missing.empty() ? "" : ", ",
                         kSecret, kSecretFile, kCertificate, kFederated, kToken, kTokenFile);
  return Error::argument("no_credentials",
                         fmt::format("the environment lacks {}; they are the directory (tenant) id, the application "
                                     "(client) id and what the app registration proves itself with",
                                     missing));
}

Result<CertificateFile> certificate_of(const Variables& variables) {
  CertificateFile file;
  file.path = variables.text(kCertificate);
  file.password = variables.secret(kCertificatePassword);
  const std::string chain = variables.text(kSendChain);
  file.send_chain = chain == "1" || strcasecmp(chain.c_str(), "true") == 0;
  if (!file.send_chain && !chain.empty() && chain != "0" && strcasecmp(chain.c_str(), "false") != 0) {
    return Error::argument("bad_setting", fmt::format("{} is neither true nor false", kSendChain));
  }
  const std::string algorithm = variables.text(kAlgorithm);
  if (strcasecmp(algorithm.c_str(), "RS256") == 0) {
    file.algorithm = AssertionAlgorithm::rs256;
  } else if (!algorithm.empty() && strcasecmp(algorithm.c_str(), "PS256") != 0) {
    return Error::argument("bad_setting", fmt::format("{} is neither PS256 nor RS256", kAlgorithm));
  }
  return file;
}

Result<std::shared_ptr<const Proof>> proof_of(const Variables& variables, const Way& way, DateTime now) {
  if (is(way, kSecret)) return std::shared_ptr<const Proof>(prove_by_secret(variables.secret(kSecret)));
  if (is(way, kFederated)) return std::shared_ptr<const Proof>(prove_by_federated_token(variables.text(kFederated)));
  if (is(way, kSecretFile)) {
    const std::string path = variables.text(kSecretFile);
    auto content = read_secret_file(path, fmt::format("the client secret ({})", kSecretFile));
    if (!content) return content.error();
    Secret secret = trimmed(*content);
    if (secret.empty()) {
      return Error::argument("secret_file", fmt::format("'{}', which {} names, is empty", path, kSecretFile));
    }
    return std::shared_ptr<const Proof>(prove_by_secret(std::move(secret)));
  }
  auto file = certificate_of(variables);
  if (!file) return file.error();
  auto proof = prove_by_certificate(*file, now);
  if (!proof) return proof.error();
  return std::shared_ptr<const Proof>(std::move(*proof));
}

// Whose token it is: as the environment says it, otherwise as the token does.
Status name_owner(Credentials& credentials, const Variables& variables) {
  const GivenToken& given = *credentials.given;
  Secret token = given.text;
  if (!given.file.empty()) {
    auto content = read_secret_file(given.file, fmt::format("the token ({})", given.name));
    if (!content) return content.error();
    token = trimmed(*content);
  }
  const auto claims = read_claims(token.reveal());
  if (!claims) return done();
  if (credentials.tenant.empty()) credentials.tenant = claims->tenant_id;
  if (credentials.client_id.empty()) credentials.client_id = claims->client_id;
  if (strcasecmp(credentials.client_id.c_str(), claims->client_id.c_str()) != 0) {
    return Error::argument("other_application",
                           fmt::format("the token in {} belongs to application '{}', and {} says "
                                       "'{}': make them agree, or leave {} out",
                                       given.name, claims->client_id, kClient, variables.text(kClient), kClient));
  }
  return done();
}

}  // namespace

Result<Credentials> credentials_from_environment(const GetEnv& getenv, const WallClock& clock) {
  const Variables variables{getenv};
  Credentials credentials;
  credentials.tenant = variables.text(kTenant);
  credentials.client_id = variables.text(kClient);
  if (auto fine = check_tenant(credentials.tenant); !fine) return fine.error();
  const bool named = !credentials.tenant.empty() && !credentials.client_id.empty();

  const Way* chosen = nullptr;
  const Way* half = nullptr;  // asked for, but without tenant or application
  for (const Way& way : kWays) {
    if (!variables.has(way.variable)) continue;
    const bool complete = named || is(way, kToken) || is(way, kTokenFile);
    if (!complete) {
      half = half ? half : &way;
    } else if (!chosen) {
      chosen = &way;
    } else {
      credentials.passed_over.emplace_back(way.variable);
    }
  }
  if (!chosen) return incomplete(variables, half);
  credentials.used = fmt::format("{} ({})", chosen->words, chosen->variable);
  if (is(*chosen, kToken) || is(*chosen, kTokenFile)) {
    credentials.given.emplace();
    credentials.given->name = chosen->variable;
    if (is(*chosen, kToken)) credentials.given->text = variables.secret(kToken);
    if (is(*chosen, kTokenFile)) credentials.given->file = variables.text(kTokenFile);
    if (auto owned = name_owner(credentials, variables); !owned) return owned.error();
    return credentials;
  }
  auto proof = proof_of(variables, *chosen, clock.now());
  if (!proof) return proof.error();
  credentials.proof = std::move(*proof);
  return credentials;
}

std::unique_ptr<TokenSource> tokens_of(Credentials credentials, http::Transport& transport, const WallClock& clock,
                                       Cloud cloud) {
  if (credentials.given) return use_given_token(clock, std::move(*credentials.given));
  return std::make_unique<SignIn>(
      transport, clock, std::move(cloud),
      Application{std::move(credentials.tenant), std::move(credentials.client_id), std::move(credentials.proof)});
}

Result<Cloud> cloud_from_environment(const GetEnv& getenv) {
  const std::string host = Variables{getenv}.text("AZURE_AUTHORITY_HOST");
  return host.empty() ? Result<Cloud>(clouds().front()) : cloud_of_login(host);
}

}  // namespace teamferry::auth
