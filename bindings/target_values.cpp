#include "bindings/target_values.h"

#include <cstdlib>

#include "bindings/emulator_values.h"
#include "bindings/values.h"
#include "native/limits/limits.h"

namespace teamferry::bindings {

Result<Target::Options> read_target_options(lua_State* L, int index) {
  auto allowed = limits::read_file(text_field(L, index, "limits"));
  if (!allowed) return allowed.error();
  limits::put_in_force(std::move(*allowed));
  Target::Options target;
  target.name = text_field(L, index, "target");
  target.graph_url = text_field(L, index, "graph_url");
  target.login_url = text_field(L, index, "login_url");
  target.ca_file = text_field(L, index, "ca");
  target.pace = text_field(L, index, "pace");
  target.log = text_field(L, index, "log");
  target.force_road_b = flag_field(L, index, "force_road_b");
  if (const char* log = std::getenv("TEAMFERRY_LOG"); log && target.log.empty()) target.log = log;
  lua_getfield(L, index, "emulator");
  if (lua_istable(L, -1)) {
    auto read = read_emulator_options(L, lua_gettop(L));
    if (!read) return read.error();
    target.emulator = std::move(*read);
  }
  lua_pop(L, 1);
  return target;
}

}  // namespace teamferry::bindings
