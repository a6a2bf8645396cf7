#include "native/base/thread.h"

#include <catch2/catch.hpp>

using namespace teamferry;

namespace {

// Some 4 KiB of stack a level.
int deep(int levels) {
  volatile char room[4096] = {};
  room[levels % 4096] = 1;
  return levels == 0 ? room[0] : deep(levels - 1) + room[levels % 4096];
}

}  // namespace

TEST_CASE("A thread has the stack that was asked for, and has ended when it goes", "[base]") {
  int reached = 0;
  {
    const Thread thread(std::size_t{256} << 20, [&] { reached = deep(20'000); });  // 80 MB: no usual stack holds it
  }
  CHECK(reached == 20'001);
}
