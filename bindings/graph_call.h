#pragma once

#include <functional>
#include <string>
#include <utility>

#include <lua.hpp>

#include "bindings/graph_session.h"
#include "bindings/task_bridge.h"
#include "bindings/values.h"
#include "native/validate/finding.h"

// What the functions of `graph` and the methods of handles share.
namespace teamferry::bindings {

// The table at `index` as the body of a request. Throws CallError that names the argument.
std::string check_body(lua_State* L, int index, const char* name);

// `nil, err` with code `invalid`: the first error's sentence, its rule, and all findings as a list.
int push_invalid(lua_State* L, const validate::Findings& findings);

// How the items of a page, a JSON array, become a list of Lua: pushes and counts as push_json_text does.
using ShowItems = std::function<int(lua_State*, const std::string&)>;

// Pushes an iterator over the items of a collection, which raises the error of a page that could not be read.
// `name` for the sentence of an interruption; `path` below the version.
int push_walk(lua_State* L, const char* name, const std::string& path, ShowItems show);

// Waits for the task and shows the script what came of it: show(L, value) pushes and counts.
template <class T, class Show>
Task<TaskBridge::Push> shown(Task<Result<T>> task, Show show) {
  auto result = co_await std::move(task);
  if (!result) {
    Error error = result.error();
    co_return TaskBridge::Push([error = std::move(error)](lua_State* L) { return push_failure(L, error); });
  }
  T value = std::move(*result);
  co_return TaskBridge::Push(
      [value = std::move(value), show = std::move(show)](lua_State* L) { return show(L, value); });
}

template <class T, class Show>
int answer(lua_State* L, TaskBridge::Call call, Task<Result<T>> task, Show show) {
  return GraphSession::of(L).bridge().await(L, call, shown(std::move(task), std::move(show)));
}

}  // namespace teamferry::bindings
