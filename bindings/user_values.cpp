#include "bindings/user_values.h"

#include "bindings/values.h"

namespace teamferry::bindings {

namespace {

void push_user(lua_State* L, const graph::User& user) {
  lua_createtable(L, 0, 6);
  set_field(L, "id", user.id);
  set_field(L, "displayName", user.displayName);
  set_field(L, "mail", user.mail);
  set_field(L, "userPrincipalName", user.userPrincipalName);
  set_flag(L, "enabled", user.accountEnabled);
  lua_createtable(L, static_cast<int>(user.proxyAddresses.size()), 0);
  int at = 0;
  for (const auto& address : user.proxyAddresses) {
    push_text(L, address);
    lua_rawseti(L, -2, ++at);
  }
  lua_setfield(L, -2, "aliases");
}

}  // namespace

void push_summary(lua_State* L, const Project::Users& found) {
  lua_createtable(L, 0, 2);
  set_flag(L, "whole", found.whole);
  lua_createtable(L, static_cast<int>(found.users.size()), 0);
  int at = 0;
  for (const auto& user : found.users) {
    push_user(L, user);
    lua_rawseti(L, -2, ++at);
  }
  lua_setfield(L, -2, "users");
}

void push_summary(lua_State* L, const Project::Answers& answers) {
  lua_createtable(L, static_cast<int>(answers.users.size()), 0);
  int at = 0;
  for (const auto& user : answers.users) {
    if (user) {
      push_user(L, *user);
    } else {
      lua_pushboolean(L, 0);
    }
    lua_rawseti(L, -2, ++at);
  }
}

void push_summary(lua_State* L, const std::vector<journal::Person>& people) {
  lua_createtable(L, static_cast<int>(people.size()), 0);
  int at = 0;
  for (const auto& person : people) {
    lua_createtable(L, 0, 8);
    set_field(L, "id", person.id);
    set_field(L, "name", person.name);
    set_field(L, "mail", person.mail);
    set_field(L, "decision", person.decision);
    set_field(L, "target", person.target);
    set_field(L, "graph_id", person.graph_id);
    set_field(L, "messages", static_cast<double>(person.messages));
    lua_rawseti(L, -2, ++at);
  }
}

}  // namespace teamferry::bindings
