#pragma once

#include <span>
#include <string_view>

namespace teamferry::bindings {

// A Lua file inside the binary.
struct Embedded {
  std::string_view module;  // "stdlib.html": what require() is given
  std::string_view path;    // "stdlib/html.lua": what errors name
  std::string_view text;
};

// All of stdlib/ and scripts/, the sandbox, and argparse. Generated when the program is built.
std::span<const Embedded> embedded_files();

}  // namespace teamferry::bindings
