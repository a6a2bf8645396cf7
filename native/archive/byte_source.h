#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>

#include "native/archive/file.h"
#include "native/base/result.h"

namespace teamferry::archive {

// Bytes read by position: a file, a piece of memory, or what a gzip holds. Belongs to one thread.
class ByteSource {
 public:
  virtual ~ByteSource() = default;

  // Bytes read, fewer only at the end. Fails with what is wrong as a clause, "it is cut off", for the caller to say
  // of which file.
  virtual Result<std::uint64_t> read_at(std::uint64_t position, char* into, std::uint64_t count) = 0;

  // Another reader of the same bytes, for another thread.
  virtual std::unique_ptr<ByteSource> share() const = 0;
};

class FileSource final : public ByteSource {
 public:
  explicit FileSource(std::shared_ptr<const File> file) : file_(std::move(file)) {}
  Result<std::uint64_t> read_at(std::uint64_t position, char* into, std::uint64_t count) override {
    const auto got = file_->read_at(position, into, count);
    if (got < 0) return Error::argument("cannot_read", "it cannot be read from the disk");
    return static_cast<std::uint64_t>(got);
  }
  std::unique_ptr<ByteSource> share() const override { return std::make_unique<FileSource>(file_); }

 private:
  std::shared_ptr<const File> file_;
};

// Bytes that outlive it.
class MemorySource final : public ByteSource {
 public:
  explicit MemorySource(std::string_view bytes) : bytes_(bytes) {}
  Result<std::uint64_t> read_at(std::uint64_t position, char* into, std::uint64_t count) override {
    const auto from = std::min<std::uint64_t>(position, bytes_.size());
    const auto part = std::min<std::uint64_t>(count, bytes_.size() - from);
    if (part > 0) std::memcpy(into, bytes_.data() + from, part);
    return part;
  }
  std::unique_ptr<ByteSource> share() const override { return std::make_unique<MemorySource>(bytes_); }

 private:
  std::string_view bytes_;
};

}  // namespace teamferry::archive
