#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>

// Certificates and assertions as a client makes them, by OpenSSL and without the emulator's own code.
namespace teamferry::emulator {

struct TestCertificate {
  std::string pem;
  std::string key_pem;
  std::string sha1, sha256;  // thumbprints, base64url
};

// Self-signed; each number is another key. `days` from 2026-05-01 on.
const TestCertificate& test_certificate(int number);
TestCertificate make_certificate(int days);

// The JWT: PS256 or RS256 by the header's alg, signed with the key.
std::string signed_jwt(const nlohmann::json& header, const nlohmann::json& claims, const TestCertificate& certificate);

// Whether this key of a JSON Web Key Set (n and e in base64url) made the RS256 signature of the JWT.
bool jwk_verifies(const std::string& n, const std::string& e, const std::string& jwt);

}  // namespace teamferry::emulator
