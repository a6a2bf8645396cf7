#include "bindings/emulator_values.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "bindings/values.h"

namespace teamferry::bindings {
namespace {

std::chrono::milliseconds duration_field(lua_State* L, int index, const char* key, double ms) {
  return std::chrono::milliseconds(std::llround(number_field(L, index, key).value_or(0) * ms));
}

void push_texts(lua_State* L, const std::vector<std::string>& texts) {
  lua_createtable(L, static_cast<int>(texts.size()), 0);
  for (std::size_t i = 0; i < texts.size(); ++i) {
    push_text(L, texts[i]);
    lua_rawseti(L, -2, static_cast<int>(i + 1));
  }
}

Status read_variants(lua_State* L, int index, emulator::Variants& variants) {
  lua_getfield(L, index, "variant");
  const int list = lua_gettop(L);
  Status read = done();
  const int count = lua_istable(L, list) ? static_cast<int>(lua_objlen(L, list)) : 0;
  for (int i = 1; read && i <= count; ++i) {
    lua_rawgeti(L, list, i);
    read = variants.set(check_text(L, -1, "variant"));
    lua_pop(L, 1);
  }
  lua_settop(L, list - 1);
  return read;
}

}  // namespace

Result<emulator::Options> read_emulator_options(lua_State* L, int index) {
  emulator::Options options;
  if (auto profile = text_field(L, index, "profile"); !profile.empty()) options.profile = std::move(profile);
  options.data_dir = text_field(L, index, "data");
  options.ingestion_ids = text_field(L, index, "ids") == "ingestion";
  options.read_lag = duration_field(L, index, "read_lag", 1000);
  options.provisioning = duration_field(L, index, "provisioning", 1000);
  options.files_delay = duration_field(L, index, "files_delay", 1000);
  options.latency = duration_field(L, index, "latency", 1);
  if (auto form = text_field(L, index, "retry_after"); !form.empty()) options.retry_after = std::move(form);
  options.seed_file = text_field(L, index, "seed");
  options.users_from = text_field(L, index, "users_from");
  options.scenario = text_field(L, index, "scenario");
  options.faults_file = text_field(L, index, "faults");
  if (const auto number = number_field(L, index, "seed_number")) {
    options.seed_number = static_cast<std::uint64_t>(std::max(0.0, *number));
  }
  options.speed = number_field(L, index, "speed").value_or(1);
  const double port = number_field(L, index, "port").value_or(0);
  if (!(port >= 0 && port <= 65535)) {
    return Error::argument("bad_port", fmt::format("{} is no port; ports are 0 to 65535", port));
  }
  options.port = static_cast<std::uint16_t>(port);
  if (auto host = text_field(L, index, "host"); !host.empty()) options.host = std::move(host);
  if (Status read = read_variants(L, index, options.variants); !read) return read.error();
  return options;
}

void push_emulator(lua_State* L, const emulator::Emulator& emulator) {
  lua_newtable(L);
  set_field(L, "graph_url", emulator.graph_url());
  set_field(L, "login_url", emulator.login_url());
  set_field(L, "https_url", emulator.https_url());
  set_field(L, "ca_file", emulator.ca_file());
  set_field(L, "tenant", emulator.tenant_id());
  set_field(L, "profile", emulator.profile());
  set_field(L, "speed", emulator.speed());
  set_field(L, "fallback", emulator.fallback_user().mail);
  const auto apps = emulator.apps();
  if (!apps.empty() && !apps.front().client_secret.empty()) {
    set_field(L, "client_id", apps.front().client_id);
    set_field(L, "client_secret", apps.front().client_secret);
  }
  set_list(L, "apps", apps, [L](const emulator::App& app) {
    set_field(L, "client_id", app.client_id);
    if (!app.client_secret.empty()) set_field(L, "client_secret", app.client_secret);
    set_field(L, "name", app.name);
    push_texts(L, app.roles);
    lua_setfield(L, -2, "roles");
  });
  set_list(L, "users", emulator.users(), [L](const emulator::User& user) {
    set_field(L, "id", user.id);
    set_field(L, "displayName", user.displayName);
    set_field(L, "mail", user.mail);
    set_field(L, "userPrincipalName", user.userPrincipalName);
  });
}

void push_variants(lua_State* L) {
  lua_newtable(L);
  int number = 0;
  for (const emulator::Variant& variant : emulator::all_variants()) {
    lua_newtable(L);
    set_field(L, "name", std::string(variant.name));
    set_field(L, "doc", std::string(variant.doc));
    push_texts(L, {variant.values.begin(), variant.values.end()});
    lua_setfield(L, -2, "values");
    lua_rawseti(L, -2, ++number);
  }
}

}  // namespace teamferry::bindings
