#include "bindings/core_dumps.h"

#include <sys/prctl.h>
#include <sys/resource.h>

namespace teamferry::bindings {

void forbid_core_dumps() {
  const rlimit none{0, 0};
  setrlimit(RLIMIT_CORE, &none);
#ifndef __SANITIZE_ADDRESS__
  prctl(PR_SET_DUMPABLE, 0);
#endif
}

}  // namespace teamferry::bindings
