#pragma once

#include <nlohmann/json.hpp>
#include <string>

// Tokens as a sign-in would give them, but for the signature, which the client never looks at.
namespace teamferry::auth {

inline std::string base64url_of(std::string_view bytes) {
  static constexpr char kDigits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::string text;
  unsigned bits = 0;
  int count = 0;
  for (unsigned char c : bytes) {
    bits = (bits << 8 | c) & 0xffffff;
    for (count += 8; count >= 6; count -= 6) text += kDigits[bits >> (count - 6) & 0x3f];
  }
  if (count > 0) text += kDigits[bits << (6 - count) & 0x3f];
  return text;
}

inline std::string token_with(const nlohmann::json& claims) {
  return base64url_of(R"({"alg":"none"})") + "." + base64url_of(claims.dump()) + "." + base64url_of("signature");
}

}  // namespace teamferry::auth
