#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include <lua.hpp>

namespace teamferry::bindings {

// How much CPU time a piece of a script may use. It costs the script nothing until it is spent: a timer on the
// thread's own CPU clock looks every few milliseconds whether the piece is still the same one, and only then sets a
// hook that raises on every instruction, so that no pcall inside the script can swallow the end.
//
// A hook cannot end a call into C (a hopeless string.find); after `stuck` the process says so, names the record, notes
// it in a file if there is one, and ends with 2, which resuming makes safe. Belongs to the thread that runs the state.
// Tested by tests/bindings/budget_test.cpp.
class Budget {
 public:
  struct Limits {
    std::chrono::milliseconds record{250};     // one mapped record
    std::chrono::milliseconds reading{10000};  // between two records: reading, loading
    std::chrono::milliseconds stuck{5000};     // after the hook was set: the process ends
    std::size_t record_bytes = 32u << 20;      // what one mapped record may take of the state's memory
    const std::atomic<bool>* stop = nullptr;   // once true, the piece ends as if it were spent
  };

  // How much a state holds, and how much it may: `bound` while a record is mapped is less than `limit`.
  struct Memory {
    std::size_t used = 0, limit = 0, bound = 0;
    bool in_record() const { return bound < limit; }
  };

  // `memory` outlives it; absent: not looked at.
  Budget(lua_State* L, Limits limits, Memory* memory = nullptr);
  ~Budget();
  Budget(const Budget&) = delete;
  Budget& operator=(const Budget&) = delete;

  // A new piece begins. Inside a record the smaller limit holds.
  void begin_record();
  void begin_reading();
  // The record has ended: goes on with the reading that was under way. A step that makes records without end, and
  // takes none from the export, uses up its reading piece.
  void resume_reading();
  // The reading got something new out of the export: its time begins again with the next record.
  void progress();
  // Nothing of a script runs: time may pass.
  void rest();
  // Goes on with what rest() interrupted.
  void resume();
  // Takes the hook away that has stopped the piece of this thread, if one has.
  static void settle();

  // Where the record being read stands, for the last words of a process that hangs.
  void at_file(std::string_view file);
  void at_record(std::size_t index);
  // Where a record that hangs is noted, as a line that begins with `key`: "key index file". Empty: nowhere.
  void note_hangs_in(std::string file, std::string key);
  // Last words are also one JSON object on standard output.
  static void speak_json();

  struct Timer;
  static constexpr std::size_t kLongestPlace = 255;  // of the file's name in a note, in bytes

 private:
  void leave_record();

  std::unique_ptr<Timer> timer_;
  Memory* memory_;
  std::size_t record_bytes_;
};

}  // namespace teamferry::bindings
