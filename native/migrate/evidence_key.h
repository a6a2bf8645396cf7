#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "native/base/result.h"

struct evp_pkey_st;

// Keys in PEM files that sign evidence, or tell whether it was signed: RSA from 2048 bits on, EC, Ed25519. A signature
// is what `openssl pkeyutl -sign -rawin` makes of the same bytes (RSA and EC over SHA-256), so that whoever trusts no
// program of ours checks it with OpenSSL.
// Tested by tests/native/migrate/evidence_test.cpp.
namespace teamferry::migrate {

class EvidenceKey {
 public:
  // Errors (`evidence_key`) name the file and the cure: unreadable, encrypted, too short, no key at all.
  static Result<EvidenceKey> private_key(const std::string& path);
  // A block PUBLIC KEY or a certificate.
  static Result<EvidenceKey> public_key(const std::string& path);

  std::string sign(std::string_view bytes) const;  // requires a private key
  bool signed_by_this(std::string_view bytes, std::string_view signature) const;
  // SHA-256 of the public half (SubjectPublicKeyInfo), in hex: the same for both halves.
  std::string fingerprint() const;

 private:
  explicit EvidenceKey(std::shared_ptr<evp_pkey_st> key) : key_(std::move(key)) {}
  static Result<EvidenceKey> checked(std::shared_ptr<evp_pkey_st> key, const std::string& path);

  std::shared_ptr<evp_pkey_st> key_;
};

}  // namespace teamferry::migrate
