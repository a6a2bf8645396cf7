#pragma once

#include <ctime>
#include <string>

// Keys and certificates as an administrator has them in files, made by OpenSSL.
namespace teamferry::test {

struct KeyPair {
  std::string key;          // PEM, PKCS #8
  std::string certificate;  // PEM, self-signed
};

constexpr std::time_t k2020 = 1'577'836'800, k2049 = 2'493'072'000;

KeyPair make_rsa_pair(int bits = 2048, std::time_t from = k2020, std::time_t until = k2049);
KeyPair make_ec_pair();
// One for every test of the process: making it takes a good part of a second.
const KeyPair& rsa_pair();

std::string encrypted_key(const KeyPair& pair, const std::string& password);
std::string pfx_of(const KeyPair& pair, const std::string& password);

// base64url of the digest of the certificate's DER: what x5t ("SHA1") and x5t#S256 ("SHA256") say.
std::string thumbprint_of(const KeyPair& pair, const char* digest);
// Whether the pair's key made the signature of the JWT; `alg` is PS256 or RS256.
bool verifies(const KeyPair& pair, const std::string& alg, const std::string& jwt);

}  // namespace teamferry::test
