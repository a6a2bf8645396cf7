#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

// Documents of BSON that the tests of this folder write for themselves.
namespace teamferry::archive {

template <class T>
std::string raw(T value) {
  std::string bytes(sizeof value, '\0');
  std::memcpy(bytes.data(), &value, sizeof value);
  return bytes;
}

// Writes a document element by element: BsonBuilder().text("msg", "hi").close().
class BsonBuilder {
 public:
  BsonBuilder& add(char type, std::string_view name, std::string_view value) {
    ((body_ += type) += name) += '\0';
    body_ += value;
    return *this;
  }
  BsonBuilder& text(std::string_view name, std::string_view value) { return add(2, name, counted(value)); }
  BsonBuilder& int32(std::string_view name, std::int32_t value) { return add(16, name, raw(value)); }
  BsonBuilder& int64(std::string_view name, std::int64_t value) { return add(18, name, raw(value)); }
  BsonBuilder& binary(std::string_view name, std::string_view value) {
    return add(5, name, raw(static_cast<std::int32_t>(value.size())) + '\0' + std::string(value));
  }
  std::string close() const { return raw(static_cast<std::int32_t>(body_.size() + 5)) + body_ + '\0'; }

  static std::string counted(std::string_view value) {
    return raw(static_cast<std::int32_t>(value.size() + 1)) + std::string(value) + '\0';
  }

 private:
  std::string body_;
};

}  // namespace teamferry::archive
