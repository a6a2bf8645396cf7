#include "bindings/commands.h"

int main(int argc, char** argv) {
  return teamferry::bindings::run_command(argc, argv);
}
