#include <catch2/catch.hpp>

#include "native/base/loop.h"
#include "tests/support/virtual_loop.h"

using namespace teamferry;
using namespace std::chrono_literals;

namespace {

Task<int> add_slowly(Loop& loop, int a, int b) {
  co_await loop.sleep(10s);
  co_return a + b;
}

Task<int> sum(Loop& loop, int count) {
  int total = 0;
  for (int i = 0; i < count; ++i) total = co_await add_slowly(loop, total, i);
  co_return total;
}

Task<void> note(Loop& loop, Loop::Duration wait, std::vector<int>& order, int id) {
  co_await loop.sleep(wait);
  order.push_back(id);
}

Task<void> all(Loop& loop, std::vector<int>& order) {
  TaskGroup group;
  group.add(note(loop, 3s, order, 3));
  group.add(note(loop, 1s, order, 1));
  group.add(note(loop, 2s, order, 2));
  co_await group.wait();
  order.push_back(99);
}

Task<void> fail(Loop& loop) {
  co_await loop.sleep(1s);
  throw std::runtime_error("broken");
}

Task<void> group_of_failures(Loop& loop) {
  TaskGroup group;
  group.add(fail(loop));
  group.add(fail(loop));
  co_await group.wait();
}

}  // namespace

TEST_CASE("A task waits on the loop's own time and returns its value", "[base]") {
  VirtualLoop loop;
  const auto start = loop.now();
  CHECK(loop.run(sum(loop, 5)) == 10);
  CHECK(loop.now() - start == 50s);
}

TEST_CASE("A group runs its tasks side by side and ends after the last one", "[base]") {
  VirtualLoop loop;
  const auto start = loop.now();
  std::vector<int> order;
  loop.run(all(loop, order));
  CHECK(order == std::vector<int>{1, 2, 3, 99});
  CHECK(loop.now() - start == 3s);
}

TEST_CASE("An exception of a task in a group reaches whoever waits for the group", "[base]") {
  VirtualLoop loop;
  CHECK_THROWS_WITH(loop.run(group_of_failures(loop)), "broken");
}

TEST_CASE("A loop says when its task waits for what cannot come", "[base]") {
  VirtualLoop loop;
  auto never = []() -> Task<void> { co_await Callback<Unit>([](auto) {}); };
  CHECK_THROWS_AS(loop.run(never()), std::logic_error);
}
