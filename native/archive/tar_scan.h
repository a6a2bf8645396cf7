#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "native/archive/byte_source.h"
#include "native/base/result.h"

// The headers of a tar: ustar, with the long names and sizes of pax and GNU, and what came before them.
// Source: https://pubs.opengroup.org/onlinepubs/9699919799/utilities/pax.html
namespace teamferry::archive {

inline constexpr std::size_t kTarBlock = 512;

struct TarEntry {
  enum class Kind { file, folder, link, sparse, other };
  std::string name;  // bytes as packed; a folder ends in '/'
  Kind kind = Kind::file;
  std::uint64_t size = 0;
  std::uint64_t place = 0;  // of its first byte
  std::uint64_t stamp = 0;  // its time, in seconds
};

// Whether a tar begins with these bytes: the checksum of its first header is right.
bool is_tar(std::string_view front);

// Goes from header to header, ever forward. Errors are clauses, as those of a ByteSource.
// Tested by tests/native/archive/packed_test.cpp and fuzz_test.cpp.
class TarScan {
 public:
  explicit TarScan(ByteSource& source) : source_(source) {}

  // The next entry; nothing behind the last one.
  Result<std::optional<TarEntry>> next();

  // Whether the two empty blocks were seen that end a tar. Without them it may have lost entries.
  bool has_end() const { return has_end_; }

 private:
  struct Said;  // by pax or GNU headers, of the entry that follows
  Result<std::uint64_t> read(std::uint64_t place, char* into, std::uint64_t count);
  Result<std::string> text(std::uint64_t size);
  Status see_end(std::uint64_t size);

  ByteSource& source_;
  std::uint64_t at_ = 0;
  bool has_end_ = false;
};

}  // namespace teamferry::archive
