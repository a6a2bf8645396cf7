#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <lua.hpp>

#include "bindings/budget.h"
#include "bindings/zones.h"
#include "native/base/result.h"

namespace teamferry::archive {
class RecordReader;
}

namespace teamferry::bindings {

// A script as a person names it, found: what to load and which folder is its project.
struct ScriptPlace {
  std::string project;  // the folder that require() and arg.path look in first; never empty
  std::string file;     // the file to load, as it is to be named in errors; empty: `module` is loaded
  std::string module;   // "scripts.slack"
};

// One Lua state with the sandbox around it. LuaJIT with its compiler off, so that a budget can stop any loop.
//
// Two environments share the state. The files of stdlib/ that are inside the binary are trusted and see plain Lua
// with LPeg; every other script sees frozen globals, no way to files, processes or the clock, and modules that
// cannot be changed (bindings/sandbox.lua).
// A host belongs to one thread; each worker has its own.
// Tested by tests/bindings/host_test.cpp and sandbox_test.cpp.
class Host {
 public:
  enum class Level { debug, info, warn };
  using LogSink = std::function<void(Level, std::string_view line)>;

  struct Options {
    std::string project = ".";      // the folder of the project
    std::vector<std::string> path;  // further folders that scripts are looked for in (TEAMFERRY_PATH)
    bool commands = false;          // the state of the commands: trusted files also get io, os and the natives
    std::size_t memory_bytes = std::size_t{1} << 30;
    LogSink log;  // print() and log.*; absent: dropped
    Budget::Limits budget;
  };

  static Result<std::unique_ptr<Host>> create(Options options);
  ~Host();
  Host(const Host&) = delete;
  Host& operator=(const Host&) = delete;

  // The host of a state, from inside a binding.
  static Host& of(lua_State* L);

  lua_State* state() { return L_; }
  const Options& options() const { return options_; }
  void set_project(std::string folder) { options_.project = std::move(folder); }
  Budget& budget() { return *budget_; }
  // Puts another budget in place, for as long as something else runs; gives back the one that was there.
  std::unique_ptr<Budget> exchange_budget(std::unique_ptr<Budget> budget) {
    return std::exchange(budget_, std::move(budget));
  }

  // Finds a script: nothing (./migrate.lua), a folder with migrate.lua, a .lua file, a name ("slack" is
  // scripts.slack). Fails naming what was looked for and where.
  static Result<ScriptPlace> find_script(std::string_view name);

  // The text of the file of a script that was found.
  static Result<std::string> read_script(const ScriptPlace& script);

  // Pushes the value that the script returns (nil if it returns nothing). On failure nothing is pushed.
  Status load_script(const ScriptPlace& script);
  // Pushes a module of stdlib/, with the trusted environment.
  Status require(std::string_view module);

  // Calls what lies below its `arguments` on the stack, as lua_pcall does; the error carries a traceback.
  Status call(int arguments, int results);

  // The files that were loaded from outside of the binary and those inside, in order: what a plan depends on.
  struct Loaded {
    std::string path;
    std::string sha256;
  };
  const std::vector<Loaded>& loaded() const { return loaded_; }

  // Things about the export that the plan must tell: files named and missing, entries refused.
  std::vector<std::string>& warnings() { return warnings_; }
  void warn_once(std::string text);

  // What went wrong when no handler could say it: memory ran out, or the handler itself failed.
  void note_problem(std::string_view text) { problem_ = text.substr(0, 2000); }
  std::string describe_failure(int outcome);

  Zones& zones() { return zones_; }
  archive::RecordReader& json_reader() { return *json_reader_; }

  // Whether a module is a file of stdlib/, bindings/ or argparse that is in the binary: those see plain Lua.
  static bool is_trusted(std::string_view module);

  // For the primitives of bindings/sandbox.lua: the text of a module, from the project, the path or the binary.
  struct Source {
    std::string text, chunk;  // chunk: as errors name it, "scripts/slack.lua"
    bool trusted = false;
  };
  Result<Source> find_module(std::string_view name);
  void log(Level level, std::string_view line) const {
    if (options_.log) options_.log(level, line);
  }

 private:
  explicit Host(Options options);
  Status open();
  static int open_libraries(lua_State* L);

  struct Memory : Budget::Memory {
    lua_Alloc allocate = nullptr;
    void* state = nullptr;
    bool record_is_over = false;  // it was the record that asked for too much
  };
  static void* allocate(void* memory, void* pointer, std::size_t old_size, std::size_t new_size);

  Options options_;
  Memory memory_;
  lua_State* L_ = nullptr;
  std::unique_ptr<Budget> budget_;
  std::vector<Loaded> loaded_;
  std::vector<std::string> warnings_;
  std::unique_ptr<archive::RecordReader> json_reader_;
  Zones zones_;
  std::string problem_;  // the text that the handler of the innermost cell was given
};

}  // namespace teamferry::bindings
