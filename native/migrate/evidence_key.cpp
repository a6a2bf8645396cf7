#include "native/migrate/evidence_key.h"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <stdexcept>

#include "native/base/sha256.h"

namespace teamferry::migrate {
namespace {

constexpr int kShortestRsa = 2048;

using KeyPtr = std::shared_ptr<EVP_PKEY>;
struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using PemFile = std::unique_ptr<std::FILE, CloseFile>;
struct FreeContext {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
using SignContext = std::unique_ptr<EVP_MD_CTX, FreeContext>;

KeyPtr owned(EVP_PKEY* key) {
  return {key, &EVP_PKEY_free};
}

Error key_error(const std::string& path, std::string_view what) {
  return Error::argument("evidence_key", fmt::format("the key file '{}' {}", path, what));
}

Result<PemFile> open_pem(const std::string& path) {
  PemFile file(std::fopen(path.c_str(), "re"));
  if (!file) return key_error(path, fmt::format("cannot be read ({}); name the PEM file", std::strerror(errno)));
  return file;
}

// Nobody is asked for a passphrase; that one was wanted is remembered.
int no_passphrase(char*, int, int, void* asked) {
  *static_cast<bool*>(asked) = true;
  return -1;
}

// Ed25519 has a digest of its own.
const EVP_MD* digest_for(EVP_PKEY* key) {
  return EVP_PKEY_get_base_id(key) == EVP_PKEY_ED25519 ? nullptr : EVP_sha256();
}

const unsigned char* raw(std::string_view bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

}  // namespace

Result<EvidenceKey> EvidenceKey::checked(std::shared_ptr<evp_pkey_st> key, const std::string& path) {
  const int kind = EVP_PKEY_get_base_id(key.get());
  if (kind != EVP_PKEY_RSA && kind != EVP_PKEY_EC && kind != EVP_PKEY_ED25519) {
    return key_error(path, "is of a kind that signs no evidence; make one: openssl genpkey -algorithm ed25519");
  }
  if (kind == EVP_PKEY_RSA && EVP_PKEY_get_bits(key.get()) < kShortestRsa) {
    return key_error(path, fmt::format("has {} bits, too few to prove anything; use {} or more, or ed25519",
                                       EVP_PKEY_get_bits(key.get()), kShortestRsa));
  }
  return EvidenceKey(std::move(key));
}

Result<EvidenceKey> EvidenceKey::private_key(const std::string& path) {
  auto file = open_pem(path);
  if (!file) return file.error();
  bool asked = false;
  const auto key = owned(PEM_read_PrivateKey(file->get(), nullptr, &no_passphrase, &asked));
  if (asked) {
    return key_error(path,
                     "is encrypted; write it without a passphrase (openssl pkey -in OLD -out NEW) into a file that "
                     "only you can read");
  }
  if (!key) return key_error(path, "holds no private key; it needs a block PRIVATE KEY");
  return checked(key, path);
}

Result<EvidenceKey> EvidenceKey::public_key(const std::string& path) {
  auto file = open_pem(path);
  if (!file) return file.error();
  auto key = owned(PEM_read_PUBKEY(file->get(), nullptr, nullptr, nullptr));
  if (!key) {
    std::rewind(file->get());
    const std::unique_ptr<X509, decltype(&X509_free)> certificate(PEM_read_X509(file->get(), nullptr, nullptr, nullptr),
                                                                  &X509_free);
    if (certificate) key = owned(X509_get_pubkey(certificate.get()));
  }
  if (!key) {
    return key_error(path,
                     "holds no public key; it needs a block PUBLIC KEY (openssl pkey -in PRIVATE -pubout) or "
                     "CERTIFICATE");
  }
  return checked(key, path);
}

std::string EvidenceKey::sign(std::string_view bytes) const {
  const SignContext context(EVP_MD_CTX_new());
  std::size_t size = 0;
  std::string signature;
  if (EVP_DigestSignInit(context.get(), nullptr, digest_for(key_.get()), nullptr, key_.get()) == 1 &&
      EVP_DigestSign(context.get(), nullptr, &size, raw(bytes), bytes.size()) == 1) {
    signature.resize(size);
    if (EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size, raw(bytes),
                       bytes.size()) == 1) {
      signature.resize(size);
      return signature;
    }
  }
  throw std::runtime_error("OpenSSL signs nothing with this key");
}

bool EvidenceKey::signed_by_this(std::string_view bytes, std::string_view signature) const {
  const SignContext context(EVP_MD_CTX_new());
  return EVP_DigestVerifyInit(context.get(), nullptr, digest_for(key_.get()), nullptr, key_.get()) == 1 &&
         EVP_DigestVerify(context.get(), raw(signature), signature.size(), raw(bytes), bytes.size()) == 1;
}

std::string EvidenceKey::fingerprint() const {
  unsigned char* der = nullptr;
  const int size = i2d_PUBKEY(key_.get(), &der);
  if (size <= 0) throw std::runtime_error("OpenSSL cannot write the public half of this key");
  const std::string print = sha256_hex({reinterpret_cast<const char*>(der), static_cast<std::size_t>(size)});
  OPENSSL_free(der);
  return print;
}

}  // namespace teamferry::migrate
