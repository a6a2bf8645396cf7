// The primitives of the commands in stdlib/cli/. No script sees them.

#include <unistd.h>

#include <fmt/format.h>

#include "bindings/host.h"
#include "bindings/module.h"
#include "bindings/values.h"

namespace teamferry::bindings {

namespace {

int is_terminal(lua_State* L) {
  lua_pushboolean(L, isatty(check_text(L, 1, "stream") == "stdout" ? STDOUT_FILENO : STDERR_FILENO));
  return 1;
}

// Loads a script into this state, to learn what it declares.
int load_script(lua_State* L) {
  Host& host = Host::of(L);
  const auto place = Host::find_script(lua_isnoneornil(L, 1) ? "" : check_text(L, 1, "name"));
  if (!place) return push_failure(L, place.error());
  host.set_project(place->project);
  if (auto loaded = host.load_script(*place); !loaded) return push_failure(L, loaded.error());
  push_text(L, place->file.empty() ? place->module + ".lua" : place->file);
  push_text(L, place->project);
  return 3;
}

constexpr Function kFunctions[] = {
    {"is_terminal", guard<is_terminal>, "is_terminal(\"stdout\" or \"stderr\") -> boolean",
     "Whether a person watches."},
    {"load_script", guard<load_script>, "load_script([name]) -> value, file, project | nil, err",
     "Finds and runs a script, and gives what it returns."},
};

}  // namespace

const Module kNative = {"native", "What the commands are made of.", kFunctions};

}  // namespace teamferry::bindings
