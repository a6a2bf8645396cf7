#include "bindings/task_bridge.h"

#include <fmt/format.h>

#include "bindings/host.h"
#include "bindings/values.h"

namespace teamferry::bindings {

namespace {

constexpr Loop::Duration kGlance = std::chrono::milliseconds(200);

Error interrupted(const TaskBridge::Call& call, bool begun) {
  if (!begun) return Error::state("interrupted", fmt::format("interrupted before {} was begun", call.name));
  return Error::state("interrupted",
                      fmt::format("interrupted while {} waited{}", call.name,
                                  call.writes ? "; look whether it was done before you do it again" : ""));
}

}  // namespace

struct TaskBridge::Job {
  Call call;
  Task<Push> task;
};

// One call of parallel(); lives as long as that.
struct TaskBridge::Group {
  Group(TaskBridge& owner, lua_State* L) : bridge(owner), main(Host::of(L).state()) {
    limit = static_cast<int>(std::min(lua_tonumber(L, 2), 1000.0));
    count = static_cast<int>(lua_objlen(L, 1));
    lua_createtable(L, count, 0);
    results = luaL_ref(L, LUA_REGISTRYINDEX);
    lua_pushvalue(L, 1);
    items = luaL_ref(L, LUA_REGISTRYINDEX);
    lua_pushvalue(L, 3);
    fn = luaL_ref(L, LUA_REGISTRYINDEX);
    place = bridge.groups_.insert(bridge.groups_.end(), this);
  }
  // An error on the way out leaves coroutines that nobody will resume.
  ~Group() {
    bridge.groups_.erase(place);
    bridge.fibers_.remove_if([this](Fiber& fiber) {
      if (fiber.group != this) return false;
      if (fiber.job) bridge.abandoned_.push_back(std::move(fiber.job));
      luaL_unref(main, LUA_REGISTRYINDEX, fiber.anchor);
      return true;
    });
    for (const int reference : {results, items, fn}) luaL_unref(main, LUA_REGISTRYINDEX, reference);
  }
  Group(const Group&) = delete;
  Group& operator=(const Group&) = delete;

  bool done() const { return settled == count; }

  TaskBridge& bridge;
  lua_State* main;
  int limit, count;
  int next = 1, running = 0, settled = 0;
  int results, items, fn;  // in the registry
  std::list<Group*>::iterator place;
};

TaskBridge::TaskBridge(Loop& loop, std::function<bool()> stopping, Loop::Duration grace)
    : loop_(loop), stopping_(std::move(stopping)), grace_(grace) {}

TaskBridge::~TaskBridge() = default;

bool TaskBridge::given_up() {
  if (!stopping()) {
    stop_seen_.reset();
    return false;
  }
  if (!stop_seen_) stop_seen_ = loop_.now();
  return loop_.now() - *stop_seen_ >= grace_;
}

void TaskBridge::step(lua_State* L) {
  if (stopping_ && !glancing_) {
    glancing_ = true;
    loop_.at(loop_.now() + kGlance, [this] { glancing_ = false; });
  }
  Budget& budget = Host::of(L).budget();
  budget.rest();
  const bool more = loop_.step();
  budget.resume();
  if (!more) throw std::logic_error("the loop has nothing left to wait for, but a task has not ended");
}

int TaskBridge::give(lua_State* L, std::unique_ptr<Job> job) {
  if (job->task.finished()) return job->task.take()(L);
  const Error error = interrupted(job->call, true);
  abandoned_.push_back(std::move(job));
  return push_failure(L, error);
}

TaskBridge::Fiber* TaskBridge::fiber_that_can_yield(lua_State* L) {
  if (!lua_isyieldable(L)) return nullptr;
  for (Fiber& fiber : fibers_) {
    if (fiber.co == L) return &fiber;
  }
  return nullptr;
}

int TaskBridge::await(lua_State* L, Call call, Task<Push> task) {
  if (stopping()) return push_failure(L, interrupted(call, false));
  auto job = std::make_unique<Job>(Job{call, std::move(task)});
  job->task.start();
  if (Fiber* fiber = job->task.finished() ? nullptr : fiber_that_can_yield(L)) {
    fiber->job = std::move(job);
    return lua_yield(L, 0);
  }
  while (!job->task.finished() && !given_up()) step(L);
  return give(L, std::move(job));
}

int TaskBridge::parallel(lua_State* L) {
  const auto wrong = [L](int index, const char* name, const char* expected) {
    return CallError(
        fmt::format("parallel: argument {} ({}): expected {}, got {}", index, name, expected, luaL_typename(L, index)));
  };
  if (!lua_istable(L, 1)) throw wrong(1, "items", "a list");
  if (lua_type(L, 2) != LUA_TNUMBER) throw wrong(2, "limit", "a number");
  if (lua_tonumber(L, 2) < 1) throw CallError(fmt::format("parallel: limit: {} is below 1", lua_tonumber(L, 2)));
  if (!lua_isfunction(L, 3)) throw wrong(3, "fn", "a function");
  lua_settop(L, 3);
  auto group = std::make_unique<Group>(*this, L);
  begin_some(L, *group);
  if (Fiber* fiber = group->done() ? nullptr : fiber_that_can_yield(L)) {
    fiber->inner = std::move(group);
    return lua_yield(L, 0);
  }
  drive(L, *group);
  lua_rawgeti(L, LUA_REGISTRYINDEX, group->results);
  return 1;
}

void TaskBridge::drive(lua_State* L, const Group& until) {
  while (!until.done()) {
    if (!resume_a_ready_one(L)) step(L);
    for (Group* group : groups_) begin_some(L, *group);
  }
}

// Begins as many as the limit lets it.
void TaskBridge::begin_some(lua_State* L, Group& group) {
  while (group.running < group.limit && group.next <= group.count) {
    const int index = group.next++;
    if (stopping()) {
      settle(L, group, index, push_failure(L, interrupted({"parallel"}, false)));
      continue;
    }
    lua_State* co = lua_newthread(L);
    fibers_.push_back(Fiber{co, luaL_ref(L, LUA_REGISTRYINDEX), &group, index});
    ++group.running;
    lua_rawgeti(L, LUA_REGISTRYINDEX, group.fn);
    lua_rawgeti(L, LUA_REGISTRYINDEX, group.items);
    lua_rawgeti(L, -1, index);
    lua_remove(L, -2);
    lua_xmove(L, co, 2);
    resume(L, std::prev(fibers_.end()), 1);
  }
}

// Goes on with a coroutine until it waits again or ends, and puts away what it gave.
void TaskBridge::resume(lua_State* L, std::list<Fiber>::iterator fiber, int arguments) {
  lua_State* co = fiber->co;
  const int outcome = lua_resume(co, arguments);
  if (outcome == LUA_YIELD && (fiber->job || fiber->inner)) return;
  int values = 0;
  if (outcome == 0) {
    values = lua_gettop(co);
  } else if (outcome == LUA_YIELD) {
    lua_settop(co, 0);
    lua_pushnil(L);
    push_text(L, "parallel: its function called coroutine.yield, and nobody is there to resume it");
    values = 2;
  } else {
    lua_pushnil(L);
    values = 2;
  }
  if (outcome != LUA_YIELD) {
    const int moved = outcome == 0 ? values : 1;
    luaL_checkstack(L, moved + 4, "parallel: too many values");
    lua_xmove(co, L, moved);
  }
  Group& group = *fiber->group;
  const int index = fiber->index;
  luaL_unref(L, LUA_REGISTRYINDEX, fiber->anchor);
  fibers_.erase(fiber);
  --group.running;
  settle(L, group, index, values);
}

// results[index] = { the values at the top }
void TaskBridge::settle(lua_State* L, Group& group, int index, int values) {
  lua_createtable(L, values, 0);
  for (int i = values; i >= 1; --i) {
    lua_pushvalue(L, -1 - i);
    lua_rawseti(L, -2, values - i + 1);
  }
  lua_rawgeti(L, LUA_REGISTRYINDEX, group.results);
  lua_insert(L, -2);
  lua_rawseti(L, -2, index);
  lua_pop(L, 1 + values);
  ++group.settled;
}

bool TaskBridge::resume_a_ready_one(lua_State* L) {
  const bool end = given_up();
  for (auto fiber = fibers_.begin(); fiber != fibers_.end(); ++fiber) {
    int values = 0;
    if (fiber->job && (end || fiber->job->task.finished())) {
      values = give(L, std::move(fiber->job));
    } else if (fiber->inner && fiber->inner->done()) {
      lua_rawgeti(L, LUA_REGISTRYINDEX, fiber->inner->results);
      fiber->inner.reset();
      values = 1;
    } else {
      continue;
    }
    lua_checkstack(fiber->co, values + 1);
    lua_xmove(L, fiber->co, values);
    resume(L, fiber, values);
    return true;
  }
  return false;
}

}  // namespace teamferry::bindings
