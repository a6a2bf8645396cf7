#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include <lua.hpp>

#include "native/archive/archive.h"

// The handle on an export that scripts read with (`ctx.export`), and what reading it leaves behind for the driver.
// Tested by tests/bindings/archive_test.cpp.
namespace teamferry::bindings {

// A record that could not be read: its neighbours are, and it is parked by whoever drives the reading.
struct BadRecord {
  std::string file;
  std::size_t index = 0;  // from 1; 0: the file as a whole
  std::string reason;
};

// Where the records of one state came from.
struct ReadingLog {
  std::vector<BadRecord> bad;
  std::vector<BadRecord> refused;  // entries of exports that hold records and are not even listed
  bool repaired = false;           // the record given out last had damaged text
  std::size_t given = 0;           // records given out
};

// Pushes a handle. It takes the archive along; the state's collector closes it.
void push_archive(lua_State* L, std::unique_ptr<archive::Archive> archive);

ReadingLog& reading_log(lua_State* L);

}  // namespace teamferry::bindings
