#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "native/base/result.h"

namespace teamferry::emulator {

// Bytes by their SHA-256: files and pictures, which are too large for lines of the log. Equal bytes are kept once, and
// nothing is ever taken away: what a log line speaks of must be there when the line is read again.
//
// What put() acknowledged survives the death of the process at any moment (not that of the machine, as with the log).
// Not thread-safe. Tested by tests/native/emulator/blobs_test.cpp.
class Blobs {
 public:
  // One file a blob in `dir`, which is made for its owner alone; empty: in memory. Removes what a kill left half
  // written.
  static Result<std::unique_ptr<Blobs>> open(const std::string& dir);

  // The id: 64 lower case hexadecimal digits. After a failure (the disk's) nothing has changed.
  Result<std::string> put(std::string_view bytes);

  // Fails with code "no_blob" for an id that put() never gave out, whatever characters it is made of.
  Result<std::string> get(const std::string& id) const;

 private:
  explicit Blobs(std::string dir) : dir_(std::move(dir)) {}

  std::string dir_;                                      // empty: in memory
  std::unordered_map<std::string, std::string> memory_;  // by id
};

}  // namespace teamferry::emulator
