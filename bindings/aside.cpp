// aside(module, request, how, say): runs a file of stdlib/ beside the command, in a Lua state like those that plan.

#include "bindings/host.h"
#include "bindings/module.h"
#include "bindings/stop.h"
#include "bindings/values.h"

namespace teamferry::bindings {

int aside(lua_State* L) {
  const std::string module(check_text(L, 1, "module")), request(check_text(L, 2, "request"));
  luaL_checktype(L, 3, LUA_TTABLE);
  luaL_checktype(L, 4, LUA_TFUNCTION);
  lua_settop(L, 4);
  catch_stop();
  Host::Options options;
  options.project = text_field(L, 3, "project");
  options.path = Host::of(L).options().path;
  options.budget.stop = &stop_asked();
  options.log = [L](Host::Level level, std::string_view line) {
    static constexpr const char* kLevels[] = {"debug", "info", "warn"};
    lua_pushvalue(L, 4);
    lua_pushstring(L, kLevels[static_cast<int>(level)]);
    push_text(L, line);
    if (lua_pcall(L, 2, 0, 0) != 0) lua_pop(L, 1);
  };
  auto host = Host::create(std::move(options));
  if (!host) return push_failure(L, host.error());
  lua_State* there = (*host)->state();
  auto outcome = (*host)->require("bindings.world");
  if (outcome) outcome = (*host)->require(module);
  if (outcome) {
    lua_getfield(there, -1, "run");
    push_text(there, request);
    outcome = (*host)->call(1, 1);
  }
  if (stop_asked()) return push_failure(L, Error::state("interrupted", "interrupted"));
  if (!outcome) return push_failure(L, outcome.error());
  push_text(L, text_at(there, -1));
  return 1;
}

}  // namespace teamferry::bindings
