#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include <zlib.h>

#include "native/archive/archive.h"
#include "native/archive/byte_source.h"
#include "native/archive/bytes.h"

namespace teamferry::archive {

bool is_gzip(std::string_view front);

// What a gzip holds, as bytes read by position. Members one after another are one text, as gunzip has it.
//
// The first reader goes through it once, from front to end, and checks each member's checksum and length; on the way
// it keeps, every kSpan bytes, what inflating needs to begin there (32 KiB each). From then on any place is reached
// by inflating kSpan bytes at most, and going on from where the last reading ended costs nothing extra.
// A gzip that grows beyond `limits.ratio`, looked at from `ratio_from` on, is refused as a bomb.
// Tested by tests/native/archive/packed_test.cpp and fuzz_test.cpp.
class GzipSource final : public ByteSource {
 public:
  static constexpr std::uint64_t kSpan = std::uint64_t{8} << 20;

  GzipSource(std::unique_ptr<ByteSource> packed, const Limits& limits);
  ~GzipSource() override;
  GzipSource(const GzipSource&) = delete;
  GzipSource& operator=(const GzipSource&) = delete;

  Result<std::uint64_t> read_at(std::uint64_t position, char* into, std::uint64_t count) override;

  // Requires that walk() has succeeded.
  std::unique_ptr<ByteSource> share() const override;

  // Inflates what has not been inflated yet, so that its checksums are checked and the whole size is known.
  Result<std::uint64_t> walk();

 private:
  struct Point {
    std::uint64_t out = 0, in = 0;
    int bits = 0;               // of the byte before `in` that belong to what follows
    bool header = false;        // a member begins here: nothing is needed to go on
    std::vector<Bytef> window;  // the last 32 KiB before it
  };
  struct Index {
    std::vector<Point> points;
    std::uint64_t size = 0;
    bool whole = false;
  };

  GzipSource(std::unique_ptr<ByteSource> packed, const Limits& limits, std::shared_ptr<Index> index);
  Status go_to(std::uint64_t position);
  Status begin_at(const Point& point);
  Result<std::uint64_t> inflate_some(char* into, std::uint64_t count);
  Status next_member();
  void keep_point();
  Result<bool> refill(std::size_t least);
  std::uint64_t in_position() const { return read_ - stream_.avail_in; }

  std::unique_ptr<ByteSource> packed_;
  Limits limits_;
  std::shared_ptr<Index> index_;  // written by the first reader until it is whole, then read by all
  z_stream stream_{};
  bool raw_ = false;         // inflating without the member's header and trailer
  bool ended_ = false;       // behind the last member
  std::uint64_t out_ = 0;    // the position that comes next
  std::uint64_t read_ = 0;   // how far the packed bytes have been read
  std::vector<char> input_;  // the packed bytes that stream_ reads from
};

// Fills `bytes` with what a gzip holds, at most `cap` bytes of it: code `too_large` beyond.
Status gunzip(std::unique_ptr<ByteSource> packed, const Limits& limits, std::uint64_t cap, Bytes& bytes);

}  // namespace teamferry::archive
