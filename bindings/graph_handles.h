#pragma once

#include <memory>
#include <string>

#include <lua.hpp>

#include "native/graph/conversation.h"

// Handles: a resource of Graph as a table, with methods. The fields are the resource's own, as the service printed
// them; what the handle stands for is kept beside it, where no assignment of a script reaches it.
// Tested by tests/bindings/graph_module_test.cpp.
namespace teamferry::bindings {

struct HandleKey {
  enum class Kind { team, channel, chat };
  Kind kind = Kind::team;
  std::string team_id;                                        // of a team its own id; of a channel its team's
  graph::ConversationRef ref;                                 // of a channel or chat
  graph::MigrationMode mode = graph::MigrationMode::unknown;  // as last read
};

// Pushes the text as a value, and what it is for: 1. What is no JSON gives nil and an error: 2.
int push_json_text(lua_State* L, const std::string& json);
// Pushes a handle on the resource in the same way. `team_id`: of a channel.
int push_handle(lua_State* L, HandleKey::Kind kind, const std::string& team_id, const std::string& json);
// Pushes a list of such handles.
int push_handles(lua_State* L, HandleKey::Kind kind, const std::string& team_id, const std::string& json);

// What the handle at 1 stands for, on which `method` was called. Throws CallError if it was called with a dot, or on a
// handle of another kind.
const HandleKey& check_handle(lua_State* L, const char* method);
const HandleKey& check_handle(lua_State* L, HandleKey::Kind kind, const char* method);

// "channel 'minutes'": how errors name the handle at `index`.
std::string handle_name(lua_State* L, int index);

// Keeps a handle while a call of it waits, and puts in what came of it.
class HeldHandle {
 public:
  HeldHandle(lua_State* L, int index);
  ~HeldHandle();
  HeldHandle(const HeldHandle&) = delete;
  HeldHandle& operator=(const HeldHandle&) = delete;

  void push(lua_State* L) const;
  // The resource, read again. False: it is no JSON object.
  bool refill(lua_State* L, const std::string& json) const;

 private:
  lua_State* main_;
  int anchor_;
};

}  // namespace teamferry::bindings
