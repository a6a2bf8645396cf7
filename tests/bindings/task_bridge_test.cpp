#include "bindings/task_bridge.h"

#include <catch2/catch.hpp>
#include <ctime>

#include "bindings/module.h"
#include "tests/bindings/lua_fixture.h"
#include "tests/support/virtual_loop.h"

using namespace teamferry;
using namespace teamferry::bindings;
using namespace teamferry::bindings::test;
using namespace std::chrono_literals;
using Catch::Matchers::Contains;

namespace {

// A state whose scripts can nap(ms), which gives `ms`, and fail(ms), which gives nil and an error, besides parallel().
class World {
 public:
  explicit World(Host::Options options = {}) : script_(std::move(options)) {
    add<&World::nap>("nap");
    add<&World::fail>("fail");
    add<&World::work>("work");
    add<&World::parallel>("parallel");
  }

  // What the text returns, joined by spaces; or "error: " and the sentence.
  std::string run(const std::string& text) {
    lua_State* L = script_.host->state();
    const StackGuard guard(L);
    if (luaL_loadstring(L, text.c_str()) != 0 || lua_pcall(L, 0, LUA_MULTRET, 0) != 0) {
      return "error: " + std::string(lua_tostring(L, -1));
    }
    std::string all;
    for (int i = 1; i <= lua_gettop(L); ++i) {
      lua_getglobal(L, "tostring");
      lua_pushvalue(L, i);
      lua_call(L, 1, 1);
      all += (i > 1 ? " " : "") + std::string(lua_tostring(L, -1));
      lua_pop(L, 1);
    }
    return all;
  }
  std::chrono::milliseconds passed() const {
    return std::chrono::duration_cast<std::chrono::milliseconds>(loop.now() - begun_);
  }

  void begin_budget() { script_.host->budget().begin_reading(); }

  VirtualLoop loop;
  std::optional<std::chrono::milliseconds> stop_at;  // since the start
  TaskBridge bridge{loop, [this] { return stop_at && passed() >= *stop_at; }};
  int begun = 0, peak = 0, waiting = 0;

 private:
  template <int (World::*method)(lua_State*)>
  void add(const char* name) {
    lua_State* L = script_.host->state();
    lua_pushstring(L, name);
    lua_pushlightuserdata(L, this);
    lua_pushcclosure(L, guard<call<method>>, 1);
    lua_rawset(L, LUA_GLOBALSINDEX);
  }
  template <int (World::*method)(lua_State*)>
  static int call(lua_State* L) {
    return (static_cast<World*>(lua_touserdata(L, lua_upvalueindex(1)))->*method)(L);
  }
  Task<TaskBridge::Push> sleep(std::chrono::milliseconds time, bool fails) {
    ++begun;
    peak = std::max(peak, ++waiting);
    auto nap = loop.sleep(time);
    co_await nap;
    --waiting;
    co_return TaskBridge::Push([time, fails](lua_State* L) {
      if (fails) return push_failure(L, Error::state("tired", "it slept too long"));
      lua_pushnumber(L, static_cast<double>(time.count()));
      return 1;
    });
  }
  int nap(lua_State* L) {
    return bridge.await(L, {"nap", true}, sleep(std::chrono::milliseconds(luaL_checkint(L, 1)), false));
  }
  // The loop itself uses that much of the processor.
  Task<TaskBridge::Push> burn(std::chrono::milliseconds time) {
    Callback<Unit> working([this, time](Callback<Unit>::Resume resume) {
      loop.post([time, resume] {
        const auto used = [] { return std::chrono::milliseconds(1000 * std::clock() / CLOCKS_PER_SEC); };
        for (const auto from = used(); used() - from < time;) continue;
        resume(Unit{});
      });
    });
    co_await working;
    co_return TaskBridge::Push([time](lua_State* L) {
      lua_pushnumber(L, static_cast<double>(time.count()));
      return 1;
    });
  }
  int work(lua_State* L) { return bridge.await(L, {"work"}, burn(std::chrono::milliseconds(luaL_checkint(L, 1)))); }
  int fail(lua_State* L) {
    return bridge.await(L, {"fail"}, sleep(std::chrono::milliseconds(luaL_checkint(L, 1)), true));
  }
  int parallel(lua_State* L) { return bridge.parallel(L); }

  Script script_;
  Loop::TimePoint begun_ = loop.now();
};

}  // namespace

TEST_CASE("A script reads as if it were sequential", "[bridge]") {
  World world;
  CHECK(world.run("local a = nap(100) local b = nap(200) return a + b") == "300");
  CHECK(world.passed() >= 300ms);
  CHECK(world.run("local v, err = fail(5) return v, err.code, err") == "nil tired it slept too long");
  CHECK(world.run("local ok, err = pcall(function() assert(fail(5)) end) return ok, err.code") == "false tired");
}

TEST_CASE("parallel has as many on their way as its limit and gives results in order", "[bridge]") {
  World world;
  CHECK(world.run(R"(
    local results = parallel({ 300, 100, 200 }, 2, function(ms) return nap(ms) end)
    return #results, results[1][1], results[2][1], results[3][1])") == "3 300 100 200");
  CHECK(world.peak == 2);
  CHECK(world.passed() < 600ms);
  SECTION("a binding is such a function by itself") {
    CHECK(world.run("local r = parallel({ 7, 8 }, 5, nap) return r[1][1], r[2][1]") == "7 8");
  }
  SECTION("nothing to do is done") {
    CHECK(world.run("return #parallel({}, 3, nap)") == "0");
  }
  SECTION("what needs no wait is fine too") {
    CHECK(world.run("local r = parallel({ 1, 2 }, 1, function(x) return x * 2 end) return r[1][1], r[2][1]") == "2 4");
  }
}

TEST_CASE("One that fails leaves the others alone", "[bridge]") {
  World world;
  CHECK(world.run(R"(
    local r = parallel({ 1, 2, 3, 4 }, 4, function(n)
      if n == 1 then return fail(5) end
      if n == 2 then assert(fail(10)) end
      if n == 3 then local x = nil; nap(1); return x.y end
      return nap(n)
    end)
    return r[1][1], r[1][2].code, r[2][1], r[2][2].code, r[3][1], r[3][2], r[4][1])") ==
        "nil tired nil tired nil [string \"...\"]:5: attempt to index local 'x' (a nil value) 4");
}

TEST_CASE("A pcall inside of parallel can wait", "[bridge]") {
  World world;
  CHECK(world.run(R"(
    local r = parallel({ 10, 20 }, 2, function(ms) return pcall(function() return nap(ms) end) end)
    return r[1][1], r[1][2], r[2][2])") == "true 10 20");
  CHECK(world.peak == 2);
}

TEST_CASE("Where a coroutine cannot yield, a call waits in place", "[bridge]") {
  World world;
  CHECK(world.run(R"(
    local r = parallel({ "10", "20" }, 2, function(text) return (text:gsub("%d+", function(ms) return "<" .. nap(ms) .. ">" end)) end)
    return r[1][1], r[2][1])") == "<10> <20>");
  CHECK(world.run(R"(
    local r = parallel({ 30 }, 1, function(ms) return coroutine.wrap(function() return nap(ms) end)() end)
    return r[1][1])") == "30");
  CHECK(world.run("return coroutine.wrap(function() return nap(5) end)()") == "5");
}

TEST_CASE("parallel inside of parallel has both on their way", "[bridge]") {
  World world;
  CHECK(world.run(R"(
    local outer = parallel({ 1, 2 }, 2, function(n)
      local inner = parallel({ 10 * n, 20 * n }, 2, nap)
      return inner[1][1] + inner[2][1]
    end)
    return outer[1][1], outer[2][1])") == "30 60");
  CHECK(world.peak == 4);
}

TEST_CASE("Ten thousand that never wait need no stack", "[bridge]") {
  World world;
  CHECK(world.run(R"(
    local items = {}
    for i = 1, 10000 do items[i] = i end
    local r = parallel(items, 3, function(n) return n end)
    return #r, r[10000][1])") == "10000 10000");
}

TEST_CASE("A function of parallel that yields by itself is told so", "[bridge]") {
  World world;
  CHECK_THAT(world.run("return parallel({ 1 }, 1, function() coroutine.yield() end)[1][2]"),
             Contains("called coroutine.yield"));
}

TEST_CASE("A wrong argument of parallel is named", "[bridge]") {
  World world;
  CHECK_THAT(world.run("parallel(nil, 1, nap)"), Contains("argument 1 (items): expected a list, got nil"));
  CHECK_THAT(world.run("parallel({}, nap)"), Contains("argument 2 (limit): expected a number, got function"));
  CHECK_THAT(world.run("parallel({}, 0, nap)"), Contains("limit: 0 is below 1"));
  CHECK_THAT(world.run("parallel({}, 1, nil)"), Contains("argument 3 (fn): expected a function, got nil"));
}

TEST_CASE("Asking for the end ends a wait after a grace, and begins nothing new", "[bridge]") {
  World world;
  world.stop_at = 1000ms;
  CHECK(world.run("return nap(2500)") == "2500");  // its answer was on its way
  CHECK(world.begun == 1);
  CHECK_THAT(world.run("return select(2, nap(1))"), Contains("interrupted before nap was begun"));
  CHECK(world.begun == 1);
}

TEST_CASE("A wait that lasts longer than the grace is interrupted and says what is not known", "[bridge]") {
  World world;
  world.stop_at = 1000ms;
  CHECK(world.run("local v, err = nap(60000) return v, err.code, err") ==
        "nil interrupted interrupted while nap waited; look whether it was done before you do it again");
  CHECK(world.passed() < 5s);
}

TEST_CASE("Asking for the end reaches every function of parallel", "[bridge]") {
  World world;
  world.stop_at = 1000ms;
  CHECK(world.run(R"(
    local r = parallel({ 500, 60000, 60000, 60000 }, 2, nap)
    return r[1][1], r[2][2].code, r[3][2].code, r[4][2].code)") == "500 interrupted interrupted interrupted");
  CHECK(world.begun == 3);
  CHECK(world.passed() < 5s);
}

TEST_CASE("Waiting costs nothing of the budget", "[bridge]") {
  Host::Options options;
  options.budget.record = options.budget.reading = 50ms;
  World world(std::move(options));
  world.begin_budget();
  CHECK(world.run("local used = work(200) for i = 1, 100 do used = used + 1 end return used") == "300");
  CHECK_THAT(world.run("while true do end"), Contains("took more than 50 ms of processor time"));
}
