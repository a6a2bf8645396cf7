#include "tests/support/key_files.h"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <functional>
#include <memory>
#include <stdexcept>

#include "native/auth/base64url.h"

namespace teamferry::test {
namespace {

using Key = std::shared_ptr<EVP_PKEY>;
using Certificate = std::shared_ptr<X509>;

void must(bool fine, const char* what) {
  if (!fine) throw std::runtime_error(std::string("OpenSSL cannot ") + what);
}

std::string written(const std::function<int(BIO*)>& write) {
  const std::shared_ptr<BIO> out(BIO_new(BIO_s_mem()), BIO_free_all);
  must(write(out.get()) == 1, "write");
  char* data = nullptr;
  const auto size = BIO_get_mem_data(out.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

std::shared_ptr<BIO> reader(const std::string& text) {
  return {BIO_new_mem_buf(text.data(), static_cast<int>(text.size())), BIO_free_all};
}

Key key_of(const KeyPair& pair) {
  return {PEM_read_bio_PrivateKey(reader(pair.key).get(), nullptr, nullptr, nullptr), EVP_PKEY_free};
}

Certificate certificate_of(const KeyPair& pair) {
  return {PEM_read_bio_X509(reader(pair.certificate).get(), nullptr, nullptr, nullptr), X509_free};
}

KeyPair pair_of(const Key& key, std::time_t from, std::time_t until) {
  must(key != nullptr, "make a key");
  const Certificate certificate(X509_new(), X509_free);
  X509* raw = certificate.get();
  X509_set_version(raw, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(raw), 1);
  ASN1_TIME_set(X509_getm_notBefore(raw), from);
  ASN1_TIME_set(X509_getm_notAfter(raw), until);
  X509_set_pubkey(raw, key.get());
  X509_NAME* name = X509_get_subject_name(raw);
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("ferry"), -1, -1, 0);
  X509_set_issuer_name(raw, name);
  must(X509_sign(raw, key.get(), EVP_sha256()) != 0, "sign a certificate");
  return {written([&](BIO* out) {
            return PEM_write_bio_PrivateKey(out, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
          }),
          written([&](BIO* out) { return PEM_write_bio_X509(out, raw); })};
}

}  // namespace

KeyPair make_rsa_pair(int bits, std::time_t from, std::time_t until) {
  return pair_of(Key(EVP_RSA_gen(static_cast<unsigned>(bits)), EVP_PKEY_free), from, until);
}

KeyPair make_ec_pair() {
  return pair_of(Key(EVP_EC_gen("P-256"), EVP_PKEY_free), k2020, k2049);
}

const KeyPair& rsa_pair() {
  static const KeyPair pair = make_rsa_pair();
  return pair;
}

std::string encrypted_key(const KeyPair& pair, const std::string& password) {
  const Key key = key_of(pair);
  return written([&](BIO* out) {
    return PEM_write_bio_PKCS8PrivateKey(out, key.get(), EVP_aes_256_cbc(), password.data(),
                                         static_cast<int>(password.size()), nullptr, nullptr);
  });
}

std::string pfx_of(const KeyPair& pair, const std::string& password) {
  const std::shared_ptr<PKCS12> pfx(
      PKCS12_create(password.c_str(), "ferry", key_of(pair).get(), certificate_of(pair).get(), nullptr, 0, 0, 0, 0, 0),
      PKCS12_free);
  must(pfx != nullptr, "make a PFX");
  return written([&](BIO* out) { return i2d_PKCS12_bio(out, pfx.get()); });
}

std::string thumbprint_of(const KeyPair& pair, const char* digest) {
  unsigned char bytes[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  must(X509_digest(certificate_of(pair).get(), EVP_get_digestbyname(digest), bytes, &size) == 1, "digest");
  return auth::encode_base64url({reinterpret_cast<const char*>(bytes), size});
}

bool verifies(const KeyPair& pair, const std::string& alg, const std::string& jwt) {
  const auto dot = jwt.rfind('.');
  const auto signature = auth::decode_base64url(jwt.substr(dot + 1));
  const Certificate certificate = certificate_of(pair);
  const std::shared_ptr<EVP_MD_CTX> digest(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  EVP_PKEY_CTX* how = nullptr;
  must(EVP_DigestVerifyInit(digest.get(), &how, EVP_sha256(), nullptr, X509_get0_pubkey(certificate.get())) == 1,
       "verify");
  if (alg == "PS256") {
    EVP_PKEY_CTX_set_rsa_padding(how, RSA_PKCS1_PSS_PADDING);
    EVP_PKEY_CTX_set_rsa_pss_saltlen(how, 32);
  }
  return EVP_DigestVerify(digest.get(), reinterpret_cast<const unsigned char*>(signature->data()), signature->size(),
                          reinterpret_cast<const unsigned char*>(jwt.data()), dot) == 1;
}

}  // namespace teamferry::test
