#pragma once

#include <string>

#include "native/base/result.h"

namespace teamferry::journal {

// The right to write a journal, held by one process at a time: flock() on "<journal>.lock", which the system
// gives back however the process ends. The file names the holder, for people; it stays, since removing it
// would race with the next holder. It names the boot of the machine as well: what was written before the machine went
// down may not have reached the disk.
class FileLock {
 public:
  FileLock() = default;
  static Result<FileLock> take(const std::string& journal_path);
  ~FileLock();

  // The holder before held it when the machine ran another time. False if that cannot be told.
  bool from_another_boot() const { return from_another_boot_; }
  // Notes who holds it now.
  Status sign();

  FileLock(FileLock&& other) noexcept;
  FileLock& operator=(FileLock&& other) noexcept;

 private:
  int fd_ = -1;
  bool from_another_boot_ = false;
  std::string path_;
};

// Makes the file, if it is absent, with mode 0600, and takes from others the right to read one that exists:
// a journal holds a customer's messages.
Status make_private(const std::string& path);

}  // namespace teamferry::journal
