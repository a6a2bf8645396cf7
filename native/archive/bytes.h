#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <string_view>

namespace teamferry::archive {

// A buffer that is filled again and again: it keeps its memory from file to file, gives back what one
// huge file needed once a small one follows, and has readable zero bytes behind its end, which simdjson
// reads but never believes.
// Tested by tests/native/archive/archive_test.cpp.
class Bytes {
 public:
  static constexpr std::size_t kPadding = 64;
  static constexpr std::size_t kKeep = std::size_t{16} << 20;

  Bytes() { resize(0); }
  explicit Bytes(std::string_view text) { assign(text); }

  char* data() { return held_.get(); }
  const char* data() const { return held_.get(); }
  std::size_t size() const { return size_; }
  std::string_view view() const { return {held_.get(), size_}; }

  // Makes room for `size` bytes. What was there before survives up to the smaller size only when growing
  // within the capacity; a caller that grows a filled buffer uses grow().
  void resize(std::size_t size) {
    if (!held_ || size > capacity_ || (capacity_ > kKeep && size < capacity_ / 4)) {
      held_.reset();
      held_.reset(new char[size + kPadding]);
      capacity_ = size;
    }
    set_size(size);
  }

  // Makes room for `size` bytes and keeps the first size() of them.
  void grow(std::size_t size) {
    if (size > capacity_) {
      std::unique_ptr<char[]> larger(new char[size + kPadding]);
      std::memcpy(larger.get(), held_.get(), size_);
      held_ = std::move(larger);
      capacity_ = size;
    }
    set_size(size);
  }

  void assign(std::string_view text) {
    resize(text.size());
    if (!text.empty()) std::memcpy(held_.get(), text.data(), text.size());
  }

 private:
  void set_size(std::size_t size) {
    size_ = size;
    std::memset(held_.get() + size, 0, kPadding);
  }

  std::unique_ptr<char[]> held_;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

}  // namespace teamferry::archive
