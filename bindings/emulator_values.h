#pragma once

#include <lua.hpp>

#include "native/base/result.h"
#include "native/emulator/emulator.h"

// The emulator's options and addresses, from and to tables.
namespace teamferry::bindings {

// The table at `index`: the options of stdlib/cli/emulator_options.lua with "_" for "-", and port, host, data.
// Durations are numbers: seconds, latency milliseconds.
Result<emulator::Options> read_emulator_options(lua_State* L, int index);

// graph_url and login_url (plain HTTP), https_url, ca_file, tenant, client_id, client_secret (of the first app), apps,
// users, fallback, profile, speed. An app that signs in by certificate alone has no client_secret.
void push_emulator(lua_State* L, const emulator::Emulator& emulator);

// Each documented disagreement: { name, values (the first is the default), doc }.
void push_variants(lua_State* L);

}  // namespace teamferry::bindings
