#pragma once

#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <vector>

#include <lua.hpp>

#include "native/base/loop.h"
#include "native/base/task.h"

namespace teamferry::bindings {

// Between a script and the event loop: the script reads as if it were alone, and yet many requests of it are on their
// way at once.
//
// A binding that has to wait returns what await() gives. In the script itself that drives the loop in place until the
// task has ended. In a function that parallel() runs, which is a Lua coroutine, it yields to the driver, which
// resumes it with the result. Where a coroutine cannot yield (in a callback of string.gsub or table.sort, in a
// coroutine of the script's own) it drives the loop in place as well: the others' answers are kept for them meanwhile.
//
// Once somebody asked for the end nothing is begun. A wait goes on for `grace`, so that an answer on its way is read,
// and then gives `nil, err` with the code `interrupted`. The task that was given up is kept as long as the bridge,
// since timers of the loop may know it.
//
// The budget of the host does not count what is waited. Belongs to the loop's thread and ends before the loop does.
// Tested by tests/bindings/task_bridge_test.cpp.
class TaskBridge {
 public:
  // What came of a task: pushes the values that the script gets, and says how many. It may not raise.
  using Push = std::function<int(lua_State*)>;

  struct Call {
    const char* name;     // "graph.create_team", for the sentence of an interruption
    bool writes = false;  // an answer that nobody read leaves a question open
  };

  // `stopping` is asked five times a second while something waits.
  TaskBridge(Loop& loop, std::function<bool()> stopping, Loop::Duration grace = std::chrono::seconds(2));
  ~TaskBridge();
  TaskBridge(const TaskBridge&) = delete;
  TaskBridge& operator=(const TaskBridge&) = delete;

  // The last thing that a lua_CFunction does: `return bridge.await(L, call, std::move(task));`
  int await(lua_State* L, Call call, Task<Push> task);

  // parallel(items, limit, fn): runs fn(item) for all, at most `limit` at once, and pushes the results in the order of
  // the items, each { value } or { nil, err }. What fn raises is such an err. Throws CallError for a wrong argument.
  int parallel(lua_State* L);

 private:
  struct Job;
  struct Group;
  // One function of parallel() on its way.
  struct Fiber {
    lua_State* co;
    int anchor;  // in the registry: keeps the coroutine from the collector
    Group* group;
    int index;                       // of its item
    std::unique_ptr<Job> job{};      // what it waits for: a task,
    std::unique_ptr<Group> inner{};  // or a parallel() of its own
  };

  bool stopping() const { return stopping_ && stopping_(); }
  bool given_up();
  void step(lua_State* L);
  int give(lua_State* L, std::unique_ptr<Job> job);
  Fiber* fiber_that_can_yield(lua_State* L);
  void begin_some(lua_State* L, Group& group);
  void resume(lua_State* L, std::list<Fiber>::iterator fiber, int arguments);
  bool resume_a_ready_one(lua_State* L);
  void drive(lua_State* L, const Group& until);
  void settle(lua_State* L, Group& group, int index, int values);

  Loop& loop_;
  std::function<bool()> stopping_;
  Loop::Duration grace_;
  std::optional<Loop::TimePoint> stop_seen_;
  bool glancing_ = false;    // a timer will end the current step of the loop
  std::list<Fiber> fibers_;  // in the order in which they began
  std::list<Group*> groups_;
  std::vector<std::unique_ptr<Job>> abandoned_;
};

}  // namespace teamferry::bindings
