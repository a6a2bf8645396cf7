#pragma once

namespace teamferry::bindings {

// A crash must not write secrets to a disk, and no other process of the same user may look into our memory or our
// environment: no core file (RLIMIT_CORE 0, inherited by children), and not dumpable. Called before anything else.
//
// Under the address sanitizer only the first: its leak checker attaches to our own threads, which a process that is not
// dumpable does not let it do unless it runs as root.
// Tested by tests/bindings/core_dumps_test.cpp and tests/end_to_end/secret_test.cpp.
void forbid_core_dumps();

}  // namespace teamferry::bindings
