// The master list of modules, and what registers them.

#include "bindings/module.h"

namespace teamferry::bindings {

std::span<const Module* const> modules() {
  static constexpr const Module* kModules[] = {&kJson, &kArchive, &kLog, &kValidate, &kHost, &kNative};
  return kModules;
}

void add_functions(lua_State* L, const Module& module) {
  for (const Function& function : module.functions) {
    lua_pushcfunction(L, function.call);
    lua_setfield(L, -2, function.name);
  }
}

}  // namespace teamferry::bindings
