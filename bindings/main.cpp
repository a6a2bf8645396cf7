#include "bindings/commands.h"
#include "bindings/core_dumps.h"

int main(int argc, char** argv) {
  teamferry::bindings::forbid_core_dumps();
  return teamferry::bindings::run_command(argc, argv);
}
