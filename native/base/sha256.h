#pragma once

#include <memory>
#include <string>
#include <string_view>

struct evp_md_ctx_st;

namespace teamferry {

// SHA-256 of the bytes: 32 bytes, which are no text, or their 64 digits in lower case.
// Tested by tests/native/base/sha256_test.cpp.
std::string sha256(std::string_view bytes);
std::string sha256_hex(std::string_view bytes);

// Two digits for each byte, in lower case.
std::string hex(std::string_view bytes);

// Of bytes that come in pieces.
class Sha256 {
 public:
  Sha256();
  void add(std::string_view bytes);
  std::string hex_digest();  // once, at the end

 private:
  std::shared_ptr<evp_md_ctx_st> context_;
};

}  // namespace teamferry
