#include "bindings/core_dumps.h"

#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>

using teamferry::bindings::forbid_core_dumps;

TEST_CASE("A crash writes no core file, and nobody else may look into the process", "[core]") {
  // In a child, since there is no way back.
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    forbid_core_dumps();
    rlimit limit{1, 1};
    getrlimit(RLIMIT_CORE, &limit);
    bool fine = limit.rlim_cur == 0 && limit.rlim_max == 0;
#ifndef __SANITIZE_ADDRESS__
    fine = fine && prctl(PR_GET_DUMPABLE) == 0;
#endif
    _exit(fine ? 0 : 1);
  }
  int status = -1;
  REQUIRE(waitpid(child, &status, 0) == child);
  CHECK(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 0);
}
