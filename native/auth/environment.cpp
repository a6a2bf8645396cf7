#include "native/auth/environment.h"

#include <fmt/format.h>

#include <algorithm>

namespace teamferry::auth {
namespace {

std::string trimmed(const char* value) {
  std::string_view text = value ? value : "";
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  return std::string(text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1));
}

// A tenant becomes a segment of the sign-in's address, so it is held to what a GUID or a domain may contain.
bool is_tenant(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](unsigned char c) { return c < 0x80 && (std::isalnum(c) || c == '-' || c == '.' || c == '_'); });
}

}  // namespace

Result<ClientSecret> client_secret_from_environment(const GetEnv& getenv) {
  ClientSecret read{trimmed(getenv("AZURE_TENANT_ID")), trimmed(getenv("AZURE_CLIENT_ID")),
                    Secret(trimmed(getenv("AZURE_CLIENT_SECRET")))};
  std::string missing;
  for (const auto& [name, empty] : {std::pair{"AZURE_TENANT_ID", read.tenant.empty()},
                                    {"AZURE_CLIENT_ID", read.client_id.empty()},
                                    {"AZURE_CLIENT_SECRET", read.secret.empty()}}) {
    if (empty) missing += (missing.empty() ? "" : ", ") + std::string(name);
  }
  if (!missing.empty()) {
    return Error::argument("no_credentials",
                           fmt::format("the environment lacks {}; they are the directory (tenant) id, the application "
                                       "(client) id and the value of a client secret of the app registration",
                                       missing));
  }
  if (!is_tenant(read.tenant)) {
    return Error::argument("bad_tenant", "AZURE_TENANT_ID is neither a GUID nor a domain");
  }
  if (read.tenant == "common" || read.tenant == "organizations" || read.tenant == "consumers") {
    return Error::argument("bad_tenant",
                           fmt::format("AZURE_TENANT_ID is '{}'; an application signs in to one tenant, by "
                                       "its GUID or its domain",
                                       read.tenant));
  }
  return read;
}

Result<Cloud> cloud_from_environment(const GetEnv& getenv) {
  const std::string host = trimmed(getenv("AZURE_AUTHORITY_HOST"));
  return host.empty() ? Result<Cloud>(clouds().front()) : cloud_of_login(host);
}

}  // namespace teamferry::auth
