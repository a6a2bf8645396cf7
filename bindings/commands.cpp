#include "bindings/commands.h"

#include <cstdio>

#include <fmt/format.h>

#include "bindings/host.h"
#include "bindings/module.h"
#include "bindings/values.h"

namespace teamferry::bindings {

namespace {

constexpr int kUnexpected = 1;

std::vector<std::string> script_folders() {
  std::vector<std::string> folders;
  const char* path = std::getenv("TEAMFERRY_PATH");
  std::string_view rest = path ? path : "";
  while (!rest.empty()) {
    const auto colon = rest.find(':');
    if (const auto folder = rest.substr(0, colon); !folder.empty()) folders.emplace_back(folder);
    rest = colon == std::string_view::npos ? "" : rest.substr(colon + 1);
  }
  return folders;
}

int report(const Error& error) {
  std::fprintf(stderr, "teamferry: %s\n", error.message.c_str());
  return kUnexpected;
}

}  // namespace

int run_command(int argc, char** argv) {
  Host::Options options;
  options.commands = true;
  options.budget.record = options.budget.reading = std::chrono::milliseconds(0);  // a command takes as long as it takes
  options.path = script_folders();
  options.log = [](Host::Level, std::string_view line) { fmt::print(stderr, "{}\n", line); };
  auto host = Host::create(std::move(options));
  if (!host) return report(host.error());
  lua_State* L = (*host)->state();
  if (auto required = (*host)->require("stdlib.cli.init"); !required) return report(required.error());
  lua_getfield(L, -1, "main");
  lua_newtable(L);
  for (int i = 1; i < argc; ++i) {
    if (std::string_view(argv[i]) == "--json") Budget::speak_json();
    lua_pushstring(L, argv[i]);
    lua_rawseti(L, -2, i);
  }
  if (auto ran = (*host)->call(1, 1); !ran) return report(ran.error());
  return static_cast<int>(lua_tointeger(L, -1));
}

}  // namespace teamferry::bindings
