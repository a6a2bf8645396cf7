#include "bindings/graph_call.h"

#include <fmt/format.h>

#include "bindings/findings.h"
#include "bindings/json.h"
#include "bindings/module.h"
#include "bindings/records.h"
#include "native/migrate/primitives.h"

namespace teamferry::bindings {

namespace {

// The upvalue of next_page(): a walk, and how its items become values.
struct Walk {
  const char* name;
  std::string path;
  ShowItems show;
  std::shared_ptr<graph::Pages> pages{};
};

int next_page(lua_State* L) {
  Walk& walk = *static_cast<Walk*>(lua_touserdata(L, lua_upvalueindex(1)));
  const TaskBridge::Call call{walk.name};
  auto& session = GraphSession::of(L);
  if (const auto refused = session.refusal(call)) return push_failure(L, *refused);
  if (!walk.pages) walk.pages = session.primitives().pages(walk.path);
  return answer(L, call, session.primitives().next_items(walk.pages),
                [show = walk.show](lua_State* to, const std::optional<std::string>& items) {
                  return items ? show(to, *items) : 0;
                });
}

}  // namespace

std::string check_body(lua_State* L, int index, const char* name) {
  if (!lua_istable(L, index)) {
    throw CallError(fmt::format("argument {} ({}): expected a table, got {}", index, name, luaL_typename(L, index)));
  }
  return migrate::with_lists(encode_json(L, index));
}

int push_invalid(lua_State* L, const validate::Findings& findings) {
  const validate::Finding* first = nullptr;
  for (const auto& finding : findings) {
    if (finding.severity == validate::Finding::Severity::error && !first) first = &finding;
  }
  push_failure(L, Error::argument("invalid", first ? first->to_string() : "the body breaks a rule"));
  if (first) set_field(L, "rule", first->rule);
  push_findings(L, findings);
  lua_setfield(L, -2, "findings");
  return 2;
}

int push_walk(lua_State* L, const char* name, const std::string& path, ShowItems show) {
  GraphSession::of(L).push_items(L);
  new (lua_newuserdata(L, sizeof(Walk))) Walk{name, path, std::move(show)};
  lua_createtable(L, 0, 1);
  lua_pushcfunction(L, collect<Walk>);
  lua_setfield(L, -2, "__gc");
  lua_setmetatable(L, -2);
  lua_pushcclosure(L, guard<next_page>, 1);
  lua_call(L, 1, 1);
  return 1;
}

}  // namespace teamferry::bindings
