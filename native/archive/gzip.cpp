#include "native/archive/gzip.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

namespace teamferry::archive {
namespace {

constexpr std::size_t kInput = 64 << 10;
constexpr int kGzipBits = 16 + MAX_WBITS, kRawBits = -MAX_WBITS;
constexpr std::uint64_t kTrailer = 8;  // checksum and length behind each member
constexpr std::uint64_t kEnd = UINT64_MAX;

Error broken(const char* why) {
  return Error::argument("damaged", why);
}

}  // namespace

bool is_gzip(std::string_view front) {
  return front.starts_with("\x1F\x8B");
}

GzipSource::GzipSource(std::unique_ptr<ByteSource> packed, const Limits& limits)
    : GzipSource(std::move(packed), limits, std::make_shared<Index>()) {
  index_->points.push_back({});
  index_->points.back().header = true;
}

GzipSource::GzipSource(std::unique_ptr<ByteSource> packed, const Limits& limits, std::shared_ptr<Index> index)
    : packed_(std::move(packed)), limits_(limits), index_(std::move(index)), input_(kInput) {
  if (inflateInit2(&stream_, kGzipBits) != Z_OK) throw std::bad_alloc();
}

GzipSource::~GzipSource() {
  inflateEnd(&stream_);
}

std::unique_ptr<ByteSource> GzipSource::share() const {
  return std::unique_ptr<ByteSource>(new GzipSource(packed_->share(), limits_, index_));
}

Result<std::uint64_t> GzipSource::read_at(std::uint64_t position, char* into, std::uint64_t count) {
  if (index_->whole) {
    position = std::min(position, index_->size);
    count = std::min(count, index_->size - position);
    if (count == 0) return std::uint64_t{0};
  }
  if (auto gone = go_to(position); !gone) return std::move(gone).error();
  return out_ < position ? std::uint64_t{0} : inflate_some(into, count);
}

Result<std::uint64_t> GzipSource::walk() {
  if (!index_->whole) {
    if (auto gone = go_to(kEnd); !gone) return std::move(gone).error();
  }
  return index_->size;
}

// Inflates up to a position, from the last point before it or from where we are; stops at the end.
Status GzipSource::go_to(std::uint64_t position) {
  const auto& points = index_->points;
  const auto after = std::upper_bound(points.begin(), points.end(), position,
                                      [](std::uint64_t wanted, const Point& point) { return wanted < point.out; });
  const Point& best = *std::prev(after);
  if (position < out_ || best.out > out_) {
    if (auto begun = begin_at(best); !begun) return begun;
  }
  std::vector<char> scrap(std::min<std::uint64_t>(kInput, position - out_));
  while (out_ < position && !ended_) {
    auto got = inflate_some(scrap.data(), std::min<std::uint64_t>(scrap.size(), position - out_));
    if (!got) return std::move(got).error();
  }
  return done();
}

Status GzipSource::begin_at(const Point& point) {
  raw_ = !point.header;
  ended_ = false;
  out_ = point.out;
  read_ = point.in - (point.bits > 0 ? 1 : 0);
  stream_.avail_in = 0;
  inflateReset2(&stream_, raw_ ? kRawBits : kGzipBits);
  if (!raw_) return done();
  if (point.bits > 0) {
    auto filled = refill(1);
    if (!filled) return std::move(filled).error();
    if (!*filled) return broken("it changed while it was read");
    inflatePrime(&stream_, point.bits, *stream_.next_in >> (8 - point.bits));
    ++stream_.next_in;
    --stream_.avail_in;
  }
  inflateSetDictionary(&stream_, point.window.data(), static_cast<uInt>(point.window.size()));
  return done();
}

// Makes at least `least` packed bytes available; false when there are no more.
Result<bool> GzipSource::refill(std::size_t least) {
  if (stream_.avail_in >= least) return true;
  if (stream_.avail_in > 0) std::memmove(input_.data(), stream_.next_in, stream_.avail_in);
  auto got = packed_->read_at(read_, input_.data() + stream_.avail_in, input_.size() - stream_.avail_in);
  if (!got) return std::move(got).error();
  read_ += *got;
  stream_.next_in = reinterpret_cast<Bytef*>(input_.data());
  stream_.avail_in += static_cast<uInt>(*got);
  return stream_.avail_in >= least;
}

Result<std::uint64_t> GzipSource::inflate_some(char* into, std::uint64_t count) {
  const bool building = !index_->whole;
  std::uint64_t given = 0;
  while (given < count && !ended_) {
    auto filled = refill(1);
    if (!filled) return std::move(filled).error();
    const auto room = static_cast<uInt>(std::min<std::uint64_t>(count - given, 1 << 30));
    stream_.next_out = reinterpret_cast<Bytef*>(into + given);
    stream_.avail_out = room;
    const int state = inflate(&stream_, building ? Z_BLOCK : Z_NO_FLUSH);
    const auto made = room - stream_.avail_out;
    given += made;
    out_ += made;
    if (out_ > limits_.ratio_from && out_ / limits_.ratio > in_position()) {
      return Error::argument("bomb", fmt::format("{} bytes of it unpack into more than {}, as bombs do. If the export "
                                                 "is to be trusted, unpack it and give the folder",
                                                 in_position(), out_));
    }
    if (state == Z_STREAM_END) {
      if (auto next = next_member(); !next) return std::move(next).error();
    } else if (state == Z_BUF_ERROR || (state == Z_OK && made == 0 && stream_.avail_in == 0)) {
      if (!*filled) return broken("it is cut off");
    } else if (state == Z_MEM_ERROR) {
      throw std::bad_alloc();
    } else if (state != Z_OK) {
      return broken(stream_.msg != nullptr && std::strstr(stream_.msg, "data check")
                        ? "its checksum is wrong"
                        : "its packed bytes make no sense");
    } else if (building) {
      keep_point();
    }
  }
  return given;
}

// Behind a member there may be another one, zeros that tapes are filled up with, or something else: that is left alone.
Status GzipSource::next_member() {
  if (raw_) {
    auto filled = refill(kTrailer);
    if (!filled) return std::move(filled).error();
    const auto passed = std::min<uInt>(kTrailer, stream_.avail_in);
    stream_.next_in += passed;
    stream_.avail_in -= passed;
  }
  auto filled = refill(2);
  if (!filled) return std::move(filled).error();
  if (*filled && is_gzip({reinterpret_cast<const char*>(stream_.next_in), 2})) {
    inflateReset2(&stream_, kGzipBits);
    raw_ = false;
    if (!index_->whole && out_ >= index_->points.back().out + kSpan) {
      index_->points.push_back({out_, in_position(), 0, true, {}});
    }
    return done();
  }
  ended_ = true;
  if (!index_->whole) {
    index_->size = out_;
    index_->whole = true;
  }
  return done();
}

// Between two blocks of deflate, far enough from the last point.
void GzipSource::keep_point() {
  constexpr int kBetweenBlocks = 128, kLastBlock = 64, kUnusedBits = 7;
  if (!(stream_.data_type & kBetweenBlocks) || (stream_.data_type & kLastBlock)) return;
  if (out_ < index_->points.back().out + kSpan) return;
  Point point{out_, in_position(), stream_.data_type & kUnusedBits, false, std::vector<Bytef>(32 << 10)};
  auto size = static_cast<uInt>(point.window.size());
  inflateGetDictionary(&stream_, point.window.data(), &size);
  point.window.resize(size);
  index_->points.push_back(std::move(point));
}

Status gunzip(std::unique_ptr<ByteSource> packed, const Limits& limits, std::uint64_t cap, Bytes& bytes) {
  GzipSource source(std::move(packed), limits);
  std::uint64_t size = 0;
  bytes.resize(256 << 10);
  while (true) {
    auto got = source.read_at(size, bytes.data() + size, bytes.size() - size);
    if (!got) return std::move(got).error();
    size += *got;
    if (size > cap) return Error::argument("too_large", fmt::format("would take more than {} bytes, the limit", cap));
    if (size < bytes.size()) break;
    bytes.grow(std::min<std::uint64_t>(size * 2, cap + 1));
  }
  bytes.grow(size);
  return done();
}

}  // namespace teamferry::archive
