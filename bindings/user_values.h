#pragma once

#include <vector>

#include <lua.hpp>

#include "bindings/project.h"

// People of a tenant and of a plan, as tables with the same names.
namespace teamferry::bindings {

// { users = { … }, whole }.
void push_summary(lua_State* L, const Project::Users& found);
// One entry a question: the user, or false.
void push_summary(lua_State* L, const Project::Answers& answers);
void push_summary(lua_State* L, const std::vector<journal::Person>& people);

}  // namespace teamferry::bindings
