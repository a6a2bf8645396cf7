#include "tests/native/emulator/certificates.h"

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <catch2/catch.hpp>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string_view>

#include "native/emulator/text.h"

namespace teamferry::emulator {
namespace {

using Key = std::shared_ptr<EVP_PKEY>;

const unsigned char* bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

template <class Write>
std::string to_pem(const Write& write) {
  const std::shared_ptr<BIO> out(BIO_new(BIO_s_mem()), BIO_free_all);
  REQUIRE(write(out.get()) == 1);
  char* data = nullptr;
  const auto size = BIO_get_mem_data(out.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

std::string digest_of(X509* certificate, const EVP_MD* kind) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  REQUIRE(X509_digest(certificate, kind, digest, &size) == 1);
  return base64url({reinterpret_cast<const char*>(digest), size});
}

}  // namespace

TestCertificate make_certificate(int days) {
  const Key key(EVP_RSA_gen(2048), EVP_PKEY_free);
  const std::shared_ptr<X509> certificate(X509_new(), X509_free);
  X509* raw = certificate.get();
  X509_set_version(raw, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(raw), 1);
  constexpr std::time_t kBegin = 1'777'593'600;  // 2026-05-01
  ASN1_TIME_set(X509_getm_notBefore(raw), kBegin);
  ASN1_TIME_set(X509_getm_notAfter(raw), kBegin + std::time_t{days} * 86'400);
  X509_set_pubkey(raw, key.get());
  X509_NAME* name = X509_get_subject_name(raw);
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, bytes("rehearsal"), -1, -1, 0);
  X509_set_issuer_name(raw, name);
  REQUIRE(X509_sign(raw, key.get(), EVP_sha256()) != 0);
  return {to_pem([&](BIO* out) { return PEM_write_bio_X509(out, raw); }), to_pem([&](BIO* out) {
            return PEM_write_bio_PrivateKey(out, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
          }),
          digest_of(raw, EVP_sha1()), digest_of(raw, EVP_sha256())};
}

const TestCertificate& test_certificate(int number) {
  static std::map<int, TestCertificate> made;
  const auto known = made.find(number);
  return known != made.end() ? known->second : made.emplace(number, make_certificate(3650)).first->second;
}

std::string signed_jwt(const nlohmann::json& header, const nlohmann::json& claims, const TestCertificate& certificate) {
  const std::string text = base64url(header.dump()) + "." + base64url(claims.dump());
  const std::shared_ptr<BIO> in(BIO_new_mem_buf(certificate.key_pem.data(), -1), BIO_free_all);
  const Key key(PEM_read_bio_PrivateKey(in.get(), nullptr, nullptr, nullptr), EVP_PKEY_free);
  const std::shared_ptr<EVP_MD_CTX> digest(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  EVP_PKEY_CTX* context = nullptr;
  REQUIRE(EVP_DigestSignInit(digest.get(), &context, EVP_sha256(), nullptr, key.get()) == 1);
  if (header.contains("alg") && header["alg"] == "PS256") {
    REQUIRE(EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) == 1);
    REQUIRE(EVP_PKEY_CTX_set_rsa_pss_saltlen(context, 32) == 1);
  }
  std::string signature(256, '\0');
  std::size_t size = signature.size();
  REQUIRE(EVP_DigestSign(digest.get(), reinterpret_cast<unsigned char*>(signature.data()), &size, bytes(text),
                         text.size()) == 1);
  return text + "." + base64url(signature);
}

bool jwk_verifies(const std::string& n, const std::string& e, const std::string& jwt) {
  const auto number = [](const std::string& text) {
    const std::string big_endian = from_base64url(text).value();
    return std::shared_ptr<BIGNUM>(BN_bin2bn(bytes(big_endian), static_cast<int>(big_endian.size()), nullptr), BN_free);
  };
  const auto modulus = number(n);
  const auto exponent = number(e);
  const std::shared_ptr<OSSL_PARAM_BLD> build(OSSL_PARAM_BLD_new(), OSSL_PARAM_BLD_free);
  OSSL_PARAM_BLD_push_BN(build.get(), OSSL_PKEY_PARAM_RSA_N, modulus.get());
  OSSL_PARAM_BLD_push_BN(build.get(), OSSL_PKEY_PARAM_RSA_E, exponent.get());
  const std::shared_ptr<OSSL_PARAM> parameters(OSSL_PARAM_BLD_to_param(build.get()), OSSL_PARAM_free);
  const std::shared_ptr<EVP_PKEY_CTX> context(EVP_PKEY_CTX_new_from_name(nullptr, "RSA", nullptr), EVP_PKEY_CTX_free);
  EVP_PKEY* raw = nullptr;
  EVP_PKEY_fromdata_init(context.get());
  REQUIRE(EVP_PKEY_fromdata(context.get(), &raw, EVP_PKEY_PUBLIC_KEY, parameters.get()) == 1);
  const Key key(raw, EVP_PKEY_free);
  const auto last = jwt.rfind('.');
  const std::string signature = from_base64url(jwt.substr(last + 1)).value();
  const std::shared_ptr<EVP_MD_CTX> digest(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  REQUIRE(EVP_DigestVerifyInit(digest.get(), nullptr, EVP_sha256(), nullptr, key.get()) == 1);
  return EVP_DigestVerify(digest.get(), bytes(signature), signature.size(), bytes(jwt), last) == 1;
}

}  // namespace teamferry::emulator
