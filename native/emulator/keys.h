#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

// The keys of the sign-in: our own, which signs tokens, and the certificates that apps sign assertions with. RSA with
// SHA-256 throughout, by OpenSSL.
// Tested by tests/native/emulator/signin_test.cpp and assertion_test.cpp.
namespace teamferry::emulator {

enum class Algorithm { rs256, ps256 };  // RSASSA-PKCS1-v1_5, RSASSA-PSS with a salt of 32 bytes

class SigningKey {
 public:
  // One for every state that this process begins: making it takes a good part of a second.
  static const SigningKey& of_this_process();

  // Nothing for what is no RSA key in PEM.
  static std::optional<SigningKey> read(std::string_view pem);

  SigningKey(SigningKey&&) noexcept;
  SigningKey& operator=(SigningKey&&) noexcept;
  ~SigningKey();

  std::string pem() const;
  std::string sign(std::string_view text) const;  // RS256
  bool verify(std::string_view text, std::string_view signature) const;

  // As a JSON Web Key has them: base64url, big endian.
  const std::string& modulus() const { return modulus_; }
  const std::string& exponent() const { return exponent_; }
  const std::string& id() const { return id_; }  // "kid": follows from the modulus

 private:
  struct Impl;
  explicit SigningKey(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
  std::string modulus_, exponent_, id_;
};

class Certificate {
 public:
  // The first certificate in the text. Nothing when there is none, or its key is not RSA of 2048 bits or more.
  static std::optional<Certificate> read(std::string_view pem);

  Certificate(Certificate&&) noexcept;
  Certificate& operator=(Certificate&&) noexcept;
  ~Certificate();

  // SHA-1 and SHA-256 of the DER form, base64url: what x5t and x5t#S256 say.
  const std::string& thumbprint_sha1() const { return sha1_; }
  const std::string& thumbprint_sha256() const { return sha256_; }

  std::string pem() const;  // of this certificate alone

  bool verify(Algorithm algorithm, std::string_view text, std::string_view signature) const;
  bool valid_at(std::int64_t now) const;  // ms since 1970

 private:
  struct Impl;
  explicit Certificate(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
  std::string sha1_, sha256_;
};

}  // namespace teamferry::emulator
