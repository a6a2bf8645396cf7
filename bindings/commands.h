#pragma once

namespace teamferry::bindings {

// The program: runs stdlib/cli/init.lua in a state of its own and returns the exit code, which are listed there.
int run_command(int argc, char** argv);

}  // namespace teamferry::bindings
