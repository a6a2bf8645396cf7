#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "native/base/result.h"

namespace teamferry::emulator {

// An append-only file of lines, one a change. A line is with the kernel before append() returns, so it survives the
// death of the process at any moment (not that of the machine: a rehearsal does not pay for fsync). What a kill left
// half written has never been acknowledged and is cut off on opening.
//
// The open file is locked: two emulators on one folder would each believe in a state of their own.
// Not thread-safe. Tested by tests/native/emulator/durability_test.cpp.
class Log {
 public:
  using Replay = std::function<Status(std::string_view line)>;

  // Opens or creates `path` (mode 0600: it holds the signing key) and hands every whole line to `replay`, whose error
  // comes back with the line's number.
  static Result<std::unique_ptr<Log>> open(const std::string& path, const Replay& replay);

  ~Log();
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;

  // Writes one line; `line` ends with its newline. After a failure the file is as it was before.
  Status append(std::string_view line);

  bool empty() const { return size_ == 0; }

 private:
  Log(int fd, std::string path) : fd_(fd), path_(std::move(path)) {}
  Status replay_all(const Replay& replay);

  int fd_;
  std::string path_;
  std::int64_t size_ = 0;
};

}  // namespace teamferry::emulator
