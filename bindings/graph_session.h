#pragma once

#include <functional>
#include <memory>
#include <string>

#include <lua.hpp>

#include "bindings/target.h"
#include "bindings/task_bridge.h"
#include "bindings/values.h"

namespace teamferry::migrate {
class Primitives;
}

namespace teamferry::bindings {

// What `graph` of a state asks: the target, opened when it is first needed, and the bridge to its loop.
// Belongs to the state, whose end is its end. Tested by tests/bindings/graph_module_test.cpp.
class GraphSession {
 public:
  struct Options {
    Target::Options target;
    bool write = false;  // false: whatever changes something is refused, code `read_only`
  };

  // Gives the state a session in the place of one it had. The function at the top of the stack, which is popped, is
  // stdlib's pager.items.
  static void open(lua_State* L, Options options);
  // Throws CallError if there is none.
  static GraphSession& of(lua_State* L);

  explicit GraphSession(lua_State* L, Options options);
  ~GraphSession();
  GraphSession(const GraphSession&) = delete;
  GraphSession& operator=(const GraphSession&) = delete;

  // Why a call cannot go on: it writes and nobody said --write, or the target cannot be opened.
  std::optional<Error> refusal(const TaskBridge::Call& call);
  // Opens the target unless it is open. The others require that.
  Status connect();
  migrate::Primitives& primitives();
  TaskBridge& bridge();
  // 429s that were waited out.
  int slowed_down() const;
  const std::string& client_id() const;
  const std::string& service_url();  // what Graph calls itself in bodies
  void push_items(lua_State* L) const;

 private:
  struct Parts;
  lua_State* L_;
  Options options_;
  int items_;  // in the registry
  int slowed_down_ = 0;
  std::unique_ptr<Parts> parts_;
};

}  // namespace teamferry::bindings
