#include "native/emulator/keys.h"

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <array>
#include <ctime>
#include <stdexcept>

#include "native/emulator/text.h"

namespace teamferry::emulator {
namespace {

template <auto free>
struct Freed {
  template <class T>
  void operator()(T* thing) const {
    free(thing);
  }
};
using Key = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;
using Cert = std::unique_ptr<X509, Freed<X509_free>>;
using Bio = std::unique_ptr<BIO, Freed<BIO_free_all>>;
using Number = std::unique_ptr<BIGNUM, Freed<BN_free>>;
using Digest = std::unique_ptr<EVP_MD_CTX, Freed<EVP_MD_CTX_free>>;

const unsigned char* bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

Bio reader(std::string_view text) {
  return Bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

std::string text_of(const Bio& memory) {
  char* data = nullptr;
  const auto size = BIO_get_mem_data(memory.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

// Files of strangers never make OpenSSL ask at the terminal.
int no_password(char*, int, int, void*) {
  return -1;
}

bool is_rsa(const EVP_PKEY* key) {
  constexpr int kShortest = 2048;
  return key != nullptr && EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA && EVP_PKEY_get_bits(key) >= kShortest;
}

std::string number_of(const EVP_PKEY* key, const char* name) {
  BIGNUM* raw = nullptr;
  if (EVP_PKEY_get_bn_param(key, name, &raw) != 1) throw std::runtime_error("an RSA key without its numbers");
  const Number number(raw);
  std::string big_endian(static_cast<std::size_t>(BN_num_bytes(raw)), '\0');
  BN_bn2bin(raw, reinterpret_cast<unsigned char*>(big_endian.data()));
  return base64url(big_endian);
}

bool verify_with(EVP_PKEY* key, Algorithm algorithm, std::string_view text, std::string_view signature) {
  const Digest digest(EVP_MD_CTX_new());
  EVP_PKEY_CTX* context = nullptr;  // belongs to the digest
  if (!digest || EVP_DigestVerifyInit(digest.get(), &context, EVP_sha256(), nullptr, key) != 1) return false;
  if (algorithm == Algorithm::ps256 && (EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) != 1 ||
                                        EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST) != 1)) {
    return false;
  }
  return EVP_DigestVerify(digest.get(), bytes(signature), signature.size(), bytes(text), text.size()) == 1;
}

std::string thumbprint(const X509* certificate, const EVP_MD* kind) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  if (X509_digest(certificate, kind, digest.data(), &size) != 1) throw std::runtime_error("no digest");
  return base64url({reinterpret_cast<const char*>(digest.data()), size});
}

}  // namespace

struct SigningKey::Impl {
  Key key;
};

SigningKey::SigningKey(std::unique_ptr<Impl> impl)
    : impl_(std::move(impl)),
      modulus_(number_of(impl_->key.get(), OSSL_PKEY_PARAM_RSA_N)),
      exponent_(number_of(impl_->key.get(), OSSL_PKEY_PARAM_RSA_E)),
      id_(base64url(hmac_sha256("kid", modulus_)).substr(0, 27)) {}
SigningKey::SigningKey(SigningKey&&) noexcept = default;
SigningKey& SigningKey::operator=(SigningKey&&) noexcept = default;
SigningKey::~SigningKey() = default;

const SigningKey& SigningKey::of_this_process() {
  static const SigningKey kKey = [] {
    Key key(EVP_RSA_gen(2048));
    if (!key) throw std::runtime_error("no RSA key could be made");
    return SigningKey(std::make_unique<Impl>(Impl{std::move(key)}));
  }();
  return kKey;
}

std::optional<SigningKey> SigningKey::read(std::string_view pem) {
  Key key(PEM_read_bio_PrivateKey(reader(pem).get(), nullptr, no_password, nullptr));
  if (!is_rsa(key.get())) return std::nullopt;
  return SigningKey(std::make_unique<Impl>(Impl{std::move(key)}));
}

std::string SigningKey::pem() const {
  const Bio out(BIO_new(BIO_s_mem()));
  if (PEM_write_bio_PrivateKey(out.get(), impl_->key.get(), nullptr, nullptr, 0, nullptr, nullptr) != 1) {
    throw std::runtime_error("an RSA key that cannot be written");
  }
  return text_of(out);
}

std::string SigningKey::sign(std::string_view text) const {
  const Digest digest(EVP_MD_CTX_new());
  std::size_t size = 0;
  std::string signature(static_cast<std::size_t>(EVP_PKEY_get_size(impl_->key.get())), '\0');
  size = signature.size();
  if (EVP_DigestSignInit(digest.get(), nullptr, EVP_sha256(), nullptr, impl_->key.get()) != 1 ||
      EVP_DigestSign(digest.get(), reinterpret_cast<unsigned char*>(signature.data()), &size, bytes(text),
                     text.size()) != 1) {
    throw std::runtime_error("an RSA key that does not sign");
  }
  signature.resize(size);
  return signature;
}

bool SigningKey::verify(std::string_view text, std::string_view signature) const {
  return verify_with(impl_->key.get(), Algorithm::rs256, text, signature);
}

struct Certificate::Impl {
  Cert certificate;
};

Certificate::Certificate(std::unique_ptr<Impl> impl)
    : impl_(std::move(impl)),
      sha1_(thumbprint(impl_->certificate.get(), EVP_sha1())),
      sha256_(thumbprint(impl_->certificate.get(), EVP_sha256())) {}
Certificate::Certificate(Certificate&&) noexcept = default;
Certificate& Certificate::operator=(Certificate&&) noexcept = default;
Certificate::~Certificate() = default;

std::optional<Certificate> Certificate::read(std::string_view pem) {
  Cert certificate(PEM_read_bio_X509(reader(pem).get(), nullptr, no_password, nullptr));
  if (!certificate || !is_rsa(X509_get0_pubkey(certificate.get()))) return std::nullopt;
  return Certificate(std::make_unique<Impl>(Impl{std::move(certificate)}));
}

std::string Certificate::pem() const {
  const Bio out(BIO_new(BIO_s_mem()));
  if (PEM_write_bio_X509(out.get(), impl_->certificate.get()) != 1) {
    throw std::runtime_error("a certificate that cannot be written");
  }
  return text_of(out);
}

bool Certificate::verify(Algorithm algorithm, std::string_view text, std::string_view signature) const {
  return verify_with(X509_get0_pubkey(impl_->certificate.get()), algorithm, text, signature);
}

bool Certificate::valid_at(std::int64_t now) const {
  std::time_t seconds = static_cast<std::time_t>(now / 1000);
  return X509_cmp_time(X509_get0_notBefore(impl_->certificate.get()), &seconds) < 0 &&
         X509_cmp_time(X509_get0_notAfter(impl_->certificate.get()), &seconds) > 0;
}

}  // namespace teamferry::emulator
