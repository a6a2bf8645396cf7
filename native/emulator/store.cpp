#include "native/emulator/store.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <system_error>

#include "native/emulator/keys.h"
#include "native/emulator/tenant_json.h"
#include "native/emulator/text.h"

namespace teamferry::emulator {
namespace {

using nlohmann::json;

constexpr int kVersion = 2;
Error damaged(const std::string& what) {
  return Error::state("emulator_state", what);
}

constexpr char kStateFile[] = "state.jsonl";
constexpr char kBlobsFolder[] = "blobs";

// Somebody else's folder must not get our files among its own. One without a state may hold what a start left that
// was killed at once.
Status check_folder(const std::string& data_dir) {
  std::error_code failure;
  if (std::filesystem::exists(std::filesystem::path(data_dir) / kStateFile, failure)) return done();
  std::filesystem::directory_iterator entries(data_dir, failure);
  for (; !failure && entries != std::filesystem::directory_iterator(); entries.increment(failure)) {
    if (entries->path().filename() == kBlobsFolder) continue;
    return Error::state(
        "emulator_state",
        fmt::format("{} is no folder of the emulator's, and holds {}; name an empty folder or a new one", data_dir,
                    entries->path().filename().string()));
  }
  if (!failure) return done();
  return Error::state("emulator_state", fmt::format("cannot read the folder {}: {}", data_dir, failure.message()));
}

}  // namespace

Result<std::unique_ptr<Store>> Store::open(const std::string& data_dir, const Tenant& tenant) {
  std::unique_ptr<Store> store(new Store);
  if (data_dir.empty()) {
    auto blobs = Blobs::open("");
    if (!blobs) return blobs.error();
    store->blobs_ = std::move(blobs).value();
    Status begun = store->begin(tenant);
    if (!begun) return begun.error();
    return store;
  }
  std::error_code failure;
  const bool made = std::filesystem::create_directories(data_dir, failure);
  if (made) std::filesystem::permissions(data_dir, std::filesystem::perms::owner_all, failure);
  if (failure) {
    return Error::state("emulator_state",
                        fmt::format("cannot create the emulator's folder {}: {}", data_dir, failure.message()));
  }
  Status ours = check_folder(data_dir);
  if (!ours) return ours.error();
  const std::string path = (std::filesystem::path(data_dir) / kStateFile).string();
  auto log = Log::open(path, [&](std::string_view line) { return store->replay(line); });
  if (!log) return log.error();
  store->log_ = std::move(log).value();
  // Behind the lock of the log: two emulators must not write here.
  auto blobs = Blobs::open((std::filesystem::path(data_dir) / kBlobsFolder).string());
  if (!blobs) return blobs.error();
  store->blobs_ = std::move(blobs).value();
  if (store->key_.empty()) {
    Status begun = store->begin(tenant);
    if (!begun) return begun.error();
  }
  return store;
}

Result<std::string> Store::signing_key() {
  if (signing_key_.empty()) {
    auto kept = commit({{"op", "signing_key"}, {"pem", SigningKey::of_this_process().pem()}});
    if (!kept) return kept.error();
  }
  return signing_key_;
}

Status Store::begin(const Tenant& tenant) {
  is_new_ = true;
  return commit({{"op", "tenant"},
                 {"version", kVersion},
                 {"id", tenant.id},
                 {"domain", tenant.domain},
                 {"displayName", tenant.display_name},
                 {"fallback", tenant.fallback},
                 {"seed", tenant.seed},
                 {"signingKey", ""},  // a rehearsal may never be asked for a token
                 {"key", base64url(random_bytes(32))}});
}

Status Store::replay(std::string_view line) {
  if (line.starts_with(kMessageStart)) return replay_message(line);
  const json change = json::parse(line, nullptr, false);
  if (!change.is_object()) return damaged("not a change of the emulator's");
  try {
    if (key_.empty()) {
      if (change.at("op") != "tenant") return damaged("not the beginning of an emulator's state");
      if (change.at("version") != kVersion) {
        return damaged(
            fmt::format("written by another version of the emulator: its state has version {}, this one "
                        "reads {}",
                        change.at("version").dump(), kVersion));
      }
    }
    apply(change);
  } catch (const std::exception& error) {
    return damaged(error.what());
  }
  return done();
}

Status Store::commit(const json& change) {
  if (log_) {
    Status written = log_->append(change.dump() + "\n");
    if (!written) return written;
  }
  apply(change);
  return done();
}

void Store::apply(const json& change) {
  const std::string op = change.at("op");
  if (op == "tenant") {
    key_ = from_base64url(change.at("key").get<std::string>()).value_or("");
    tenant_ = {change.at("id"), change.at("domain"), change.at("displayName"), change.at("fallback"),
               change.at("seed")};
    set_signing_key(change.at("signingKey"));
    // The same in every emulator, so that the log need not hold them.
    if (tenant_.seed.empty()) {
      for (User& user : default_users()) directory_.add(std::move(user));
    }
    directory_.add(make_fallback_user(tenant_.fallback));
  } else if (op == "signing_key") {
    set_signing_key(change.at("pem"));
  } else if (op == "app") {
    apps_.push_back(read_app(change.at("app")));
  } else if (op == "seeded") {
    seeded_ = true;
  } else if (op == "user") {
    directory_.add(read_user(change.at("user")));
  } else if (op.starts_with("drive")) {
    drives_.apply(change);
  } else if (!apply_room(op, change) && !apply_member(op, change) && !apply_session(op, change)) {
    throw std::out_of_range("a change of an unknown kind");
  }
}

Status Store::add_app(const App& app) {
  return commit({{"op", "app"}, {"app", app_json(app)}});
}

void Store::set_signing_key(std::string pem) {
  signing_key_ = std::move(pem);
  if (!signing_key_.empty() && !SigningKey::read(signing_key_)) {
    throw std::runtime_error("the signing key is damaged");
  }
}

Status Store::set_seeded() {
  return commit({{"op", "seeded"}});
}

Status Store::add_user(const User& user) {
  return commit({{"op", "user"}, {"user", user_json(user)}});
}

}  // namespace teamferry::emulator
