#pragma once

#include <lua.hpp>

#include "native/validate/finding.h"

namespace teamferry::bindings {

// Fills the table at the top with a finding: rule, severity ("error", "warning"), field, message, cure.
void set_finding(lua_State* L, const validate::Finding& finding);

// Pushes a list of them.
void push_findings(lua_State* L, const validate::Findings& findings);

}  // namespace teamferry::bindings
