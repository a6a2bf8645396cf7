#pragma once

#include <chrono>
#include <memory>

#include <lua.hpp>

namespace teamferry::bindings {

// How much CPU time a piece of a script may use. It costs the script nothing until it is spent: a timer on the
// thread's own CPU clock looks every few milliseconds whether the piece is still the same one, and only then sets a
// hook that raises on every instruction, so that no pcall inside the script can swallow the end.
//
// A hook cannot end a call into C (a hopeless string.find); after `stuck` the process says so and ends, which
// resuming makes safe.
// Belongs to the thread that runs the state. Tested by tests/bindings/budget_test.cpp.
class Budget {
 public:
  struct Limits {
    std::chrono::milliseconds record{250};     // one mapped record
    std::chrono::milliseconds reading{10000};  // between two records: reading, loading
    std::chrono::milliseconds stuck{10000};    // after the hook was set: the process ends
  };

  Budget(lua_State* L, Limits limits);
  ~Budget();
  Budget(const Budget&) = delete;
  Budget& operator=(const Budget&) = delete;

  // A new piece begins. Inside a record the smaller limit holds.
  void begin_record();
  void begin_reading();
  // Nothing of a script runs: time may pass.
  void rest();
  // True if the piece that just ended was stopped. Takes the hook away.
  bool settle();

  struct Timer;

 private:
  std::unique_ptr<Timer> timer_;
};

}  // namespace teamferry::bindings
