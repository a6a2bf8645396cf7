#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "native/base/result.h"

namespace teamferry::archive {

// An open file that several handles read at once: reading names its own position. Closed with the last owner.
class File {
 public:
  // Only regular files; `follow` false refuses a symbolic link.
  static Result<std::shared_ptr<const File>> open(const std::string& path, bool follow = true);

  // A file without a name that holds these bytes, in the folder for temporary files. Gone with its last owner.
  static Result<std::shared_ptr<const File>> spool(std::string_view bytes);

  ~File();
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  std::uint64_t size() const { return size_; }

  // Bytes read, fewer only at the end of the file; -1 when reading fails.
  std::int64_t read_at(std::uint64_t position, char* into, std::uint64_t count) const;

 private:
  File(int descriptor, std::uint64_t size) : descriptor_(descriptor), size_(size) {}
  int descriptor_;
  std::uint64_t size_;
};

}  // namespace teamferry::archive
