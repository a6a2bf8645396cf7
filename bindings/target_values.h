#pragma once

#include <lua.hpp>

#include "bindings/target.h"

namespace teamferry::bindings {

// The options of a target, as stdlib/cli/project.lua names them, out of the table at `index`. The file of limits that
// is named among them comes into force.
Result<Target::Options> read_target_options(lua_State* L, int index);

}  // namespace teamferry::bindings
