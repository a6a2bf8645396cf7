#pragma once

#include <lua.hpp>

#include "bindings/project.h"

// What `assess` shows of a plan, as tables with the same names.
namespace teamferry::bindings {

// { conversations, people, months, constructs }.
void push_summary(lua_State* L, const Project::Survey& survey);

// pace(name) -> the rates of a profile by class of request, and who says so, for a forecast.
int pace(lua_State* L);

}  // namespace teamferry::bindings
