#include "native/emulator/seed.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <set>

#include "native/emulator/keys.h"
#include "native/emulator/tenant.h"
#include "native/emulator/text.h"
#include "native/emulator/time.h"

namespace teamferry::emulator {
namespace {

using nlohmann::json;

constexpr std::string_view kPem = "-----BEGIN ";

Error bad_seed(const std::string& file, const SeedProblem& problem) {
  return Error::argument(
      "bad_seed", fmt::format("{}: {}{}{}", file, problem.path, problem.path.empty() ? "" : ": ", problem.message));
}

std::optional<std::string> read_whole(const std::filesystem::path& path) {
  std::error_code unknown;
  std::ifstream file(path, std::ios::binary);
  if (!file || std::filesystem::is_directory(path, unknown)) return std::nullopt;
  return std::string(std::istreambuf_iterator<char>(file), {});
}

std::string guid(const SeedValue& value) {
  const std::string text = value.text();
  if (!is_guid(text)) value.fail(fmt::format("'{}' is no GUID", text));
  return lower_ascii(text);
}

std::string mail(const SeedValue& value) {
  const std::string text = value.text();
  const auto at = text.find('@');
  if (at == text.npos || at == 0 || at + 1 == text.size() || text.find_first_of(" \t\r\n") != text.npos) {
    value.fail(fmt::format("'{}' is no mail address", text));
  }
  return text;
}

Tenant read_tenant(const SeedValue& root) {
  Tenant tenant;
  if (const auto given = root.find("tenant")) {
    given->keys({"id", "domain", "displayName"});
    tenant.domain = lower_ascii(given->text("domain", tenant.domain));
    if (tenant.domain.find('.') == tenant.domain.npos || tenant.domain.find_first_of("/@ ") != tenant.domain.npos) {
      given->at("domain").fail(fmt::format("'{}' is no domain name", tenant.domain));
    }
    if (tenant.domain != kTenantDomain) tenant.id = guid_of("tenant:" + tenant.domain);
    if (const auto id = given->find("id")) tenant.id = guid(*id);
    tenant.display_name = given->text("displayName", tenant.domain);
    tenant.fallback = "archive@" + tenant.domain;
  }
  if (const auto fallback = root.find("fallback")) tenant.fallback = mail(*fallback);
  return tenant;
}

// Text of a certificate, or of the file that a path names; relative ones begin at the seed's folder.
std::string certificate_text(const SeedValue& value, const std::string& seed_file) {
  const std::string given = value.text();
  if (given.compare(0, kPem.size(), kPem) == 0) return given;
  const auto path = std::filesystem::path(seed_file).parent_path() / given;
  const auto text = read_whole(path);
  if (!text)
    value.fail(fmt::format("the file {} cannot be read; a certificate is PEM text or a file with it", path.string()));
  return *text;
}

App read_app(const SeedValue& value, const std::string& seed_file) {
  value.keys({"name", "client_id", "secrets", "certificates", "roles", "delegated"});
  App app;
  app.client_id = guid(value.at("client_id"));
  app.name = value.text("name", app.client_id);
  for (const SeedValue& each : value.items("secrets")) {
    if (each.is_text()) {
      app.secrets.push_back({each.text()});
    } else {
      each.keys({"value", "expires"});
      app.secrets.push_back({each.at("value").text(), each.time("expires")});
    }
  }
  // The one to show is the one that lasts.
  const auto lasting = std::find_if(app.secrets.begin(), app.secrets.end(), [](const auto& s) { return !s.expires; });
  if (!app.secrets.empty()) app.client_secret = lasting != app.secrets.end() ? lasting->value : app.secrets[0].value;
  for (const SeedValue& each : value.items("certificates")) {
    const auto certificate = Certificate::read(certificate_text(each, seed_file));
    if (!certificate) each.fail("is no certificate in PEM with an RSA key of 2048 bits or more");
    app.certificates.push_back(certificate->pem());
  }
  for (const SeedValue& each : value.items("roles")) app.roles.push_back(each.text());
  for (const SeedValue& each : value.items("delegated")) app.scopes.push_back(each.text());
  if (app.secrets.empty() && app.certificates.empty()) value.fail("needs 'secrets' or 'certificates' to sign in with");
  if (!app.roles.empty() && !app.scopes.empty()) {
    value.fail("has 'roles' and 'delegated'; a token has the one or the other, so make it two apps");
  }
  return app;
}

User read_user(const SeedValue& value, const Tenant& tenant) {
  value.keys({"displayName", "mail", "userPrincipalName", "id", "userType", "accountEnabled", "proxyAddresses",
              "givenName", "surname", "deletedDateTime"});
  User user;
  user.displayName = value.at("displayName").text();
  user.userType = value.text("userType", "Member");
  if (user.userType != "Member" && user.userType != "Guest") value.at("userType").fail("must be Member or Guest");
  if (const auto given = value.find("mail")) user.mail = mail(*given);
  user.userPrincipalName =
      value.text("userPrincipalName",
                 user.userType == "Guest" && !user.mail.empty() ? guest_name(user.mail, tenant.domain) : user.mail);
  if (user.userPrincipalName.empty()) value.fail("needs 'mail' or 'userPrincipalName'");
  const auto id = value.find("id");
  user.id = id ? guid(*id) : make_user("", user.mail.empty() ? user.userPrincipalName : user.mail).id;
  user.accountEnabled = value.boolean("accountEnabled", true);
  user.givenName = value.text("givenName", "");
  user.surname = value.text("surname", "");
  for (const SeedValue& each : value.items("proxyAddresses")) {
    if (each.text().find(':') == std::string::npos) each.fail("must begin with its kind: smtp:ann@acme.example");
    user.proxyAddresses.push_back(each.text());
  }
  if (const auto deleted = value.time("deletedDateTime")) user.deletedDateTime = print_time(*deleted);
  return user;
}

void seed_apps(const SeedValue& root, Store& store, const std::string& file) {
  std::set<std::string> ids;
  for (const SeedValue& value : root.items("apps")) {
    const App app = read_app(value, file);
    if (!ids.insert(app.client_id).second) value.at("client_id").fail("is the client_id of an earlier app, too");
    must(store.add_app(app));
  }
}

void seed_users(const SeedValue& root, Store& store) {
  std::set<std::string> taken;
  for (const User& user : store.users()) taken.insert({lower_ascii(user.id), lower_ascii(user.userPrincipalName)});
  for (const SeedValue& value : root.items("users")) {
    const User user = read_user(value, store.tenant());
    if (lower_ascii(user.mail) == lower_ascii(store.tenant().fallback)) {
      value.fail("is the fallback user, who is in every tenant; leave it out, or name another 'fallback'");
    }
    for (const std::string& name : {user.id, user.userPrincipalName}) {
      if (!taken.insert(lower_ascii(name)).second) {
        value.fail(fmt::format("'{}' is an earlier user's, too; give each an 'id' and a 'userPrincipalName' of its own",
                               name));
      }
    }
    must(store.add_user(user));
  }
}

}  // namespace

void must(const Status& done_or_not) {
  if (!done_or_not) throw StoreProblem{done_or_not.error()};
}

const User& seed_user(const SeedValue& name, const Store& store) {
  const User* user = store.find_user(name.text());
  if (user == nullptr) {
    name.fail(
        fmt::format("'{}' is no user of this tenant; add them to 'users', or write the id, principal name or "
                    "mail address of one who is there",
                    name.text()));
  }
  return *user;
}

Result<Seed> read_seed(const std::string& file) {
  const auto text = read_whole(file);
  if (!text) return Error::argument("bad_seed", fmt::format("{}: the file cannot be read", file));
  Seed seed;
  seed.file = file;
  try {
    seed.document = std::make_shared<const json>(json::parse(*text));
    const SeedValue root(*seed.document, "");
    root.keys({"tenant", "fallback", "apps", "users", "teams", "chats"});
    seed.tenant = read_tenant(root);
    // A certificate that changed is a change of the seed as well.
    std::string all = *text;
    for (const SeedValue& app : root.items("apps")) {
      for (const SeedValue& each : app.items("certificates")) all += certificate_text(each, file);
    }
    seed.tenant.seed = base64url(hmac_sha256("seed", all));
  } catch (const json::parse_error& error) {
    const std::string_view what = error.what();
    return Error::argument("bad_seed", fmt::format("{}: no JSON: {}", file, what.substr(what.find("] ") + 2)));
  } catch (const SeedProblem& problem) {
    return bad_seed(file, problem);
  }
  return seed;
}

Status apply_seed(const Seed& seed, Store& store, std::int64_t now) {
  try {
    const SeedValue root(*seed.document, "");
    seed_apps(root, store, seed.file);
    seed_users(root, store);
    seed_teams(root, store, now);
    seed_chats(root, store, now);
    return store.set_seeded();
  } catch (const SeedProblem& problem) {
    return bad_seed(seed.file, problem);
  } catch (const StoreProblem& problem) {
    return problem.error;
  }
}

Result<std::unique_ptr<Store>> open_store(const Options& options, std::int64_t now) {
  std::optional<Seed> seed;
  if (!options.seed_file.empty()) {
    auto read = read_seed(options.seed_file);
    if (!read) return read.error();
    seed = std::move(read).value();
    std::error_code unknown;
    if (!options.data_dir.empty() &&
        !std::filesystem::exists(std::filesystem::path(options.data_dir) / "state.jsonl", unknown)) {
      auto rehearsed = Store::open("", seed->tenant);
      if (!rehearsed) return rehearsed.error();
      Status applied = apply_seed(*seed, **rehearsed, now);
      if (!applied) return applied.error();
    }
  }
  auto opened = Store::open(options.data_dir, seed ? seed->tenant : Tenant{});
  if (!opened) return opened.error();
  Store& store = **opened;
  if (seed && store.tenant().seed != seed->tenant.seed) {
    return Error::state("seed_changed",
                        fmt::format("{} holds a tenant that began {}; start without the seed to go on with it, or with "
                                    "an empty folder to begin anew",
                                    options.data_dir,
                                    store.tenant().seed.empty() ? "without a seed"
                                                                : "with another seed, or this one has changed since"));
  }
  if (seed && store.is_new()) {
    Status applied = apply_seed(*seed, store, now);
    if (!applied) return applied.error();
  }
  if (!store.tenant().seed.empty() && !store.seeded()) {
    return Error::state("seed_interrupted",
                        fmt::format("{} holds half a seed, since the emulator was stopped meanwhile; start with an "
                                    "empty folder",
                                    options.data_dir));
  }
  return opened;
}

}  // namespace teamferry::emulator
