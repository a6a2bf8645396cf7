#include "native/auth/certificate.h"

#include <fmt/format.h>
#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <algorithm>
#include <cstring>
#include <nlohmann/json.hpp>

#include "native/auth/base64url.h"
#include "native/auth/secret_file.h"
#include "native/http/policy.h"

namespace teamferry::auth {
namespace {

using nlohmann::json;

template <auto Free>
struct Deleter {
  template <class T>
  void operator()(T* object) const {
    Free(object);
  }
};
using Key = std::unique_ptr<EVP_PKEY, Deleter<EVP_PKEY_free>>;
using X509Ptr = std::unique_ptr<X509, Deleter<X509_free>>;
using Bio = std::unique_ptr<BIO, Deleter<BIO_free_all>>;
using Digest = std::unique_ptr<EVP_MD_CTX, Deleter<EVP_MD_CTX_free>>;
using Pkcs12 = std::unique_ptr<PKCS12, Deleter<PKCS12_free>>;

constexpr int kSmallestKey = 2048;
constexpr std::int64_t kSkewSeconds = 60, kLifeSeconds = 600;
constexpr const char* kPassword = "AZURE_CLIENT_CERTIFICATE_PASSWORD";

// What was found in the file, in its order.
struct Material {
  Key key;
  std::vector<X509Ptr> certificates;
};

// Makes the errors about one file.
struct Complaint {
  const std::string& path;

  Error operator()(const char* code, std::string_view what) const {
    return Error::argument(code, fmt::format("the certificate file '{}' {}", path, what));
  }
};

// Hands OpenSSL the password, and remembers that it was asked for.
struct PasswordAsked {
  const Secret& password;
  bool asked = false;

  static int answer(char* buffer, int size, int, void* self) {
    auto& us = *static_cast<PasswordAsked*>(self);
    us.asked = true;
    const std::string& text = us.password.reveal();
    if (text.empty() || text.size() > static_cast<std::size_t>(size)) return -1;
    std::memcpy(buffer, text.data(), text.size());
    return static_cast<int>(text.size());
  }
};

Bio reader_of(const Secret& content) {
  return Bio(BIO_new_mem_buf(content.reveal().data(), static_cast<int>(content.reveal().size())));
}

Error password_trouble(const Secret& password, const Complaint& complain) {
  if (password.empty()) {
    return complain("certificate_password_missing", fmt::format("is encrypted: set {} to its password", kPassword));
  }
  return complain("certificate_password_wrong",
                  fmt::format("does not open with the password in {}: correct it", kPassword));
}

Result<Material> read_pem(const Secret& content, const Secret& password, const Complaint& complain) {
  Material found;
  PasswordAsked asked{password};
  const Bio keys = reader_of(content);
  found.key.reset(PEM_read_bio_PrivateKey(keys.get(), nullptr, &PasswordAsked::answer, &asked));
  if (!found.key && asked.asked) return password_trouble(password, complain);
  if (!found.key) {
    return complain("certificate_no_key",
                    "holds no private key that can be read: it needs a block 'PRIVATE KEY' beside the certificate");
  }
  const Bio certificates = reader_of(content);
  while (X509* next = PEM_read_bio_X509(certificates.get(), nullptr, nullptr, nullptr)) {
    found.certificates.emplace_back(next);
  }
  return found;
}

Result<Material> read_pfx(const Secret& content, const Secret& password, const Complaint& complain) {
  const Bio file = reader_of(content);
  const Pkcs12 pfx(d2i_PKCS12_bio(file.get(), nullptr));
  if (!pfx) {
    return complain("certificate_form", "is neither PEM nor PFX: save key and certificate as one of these");
  }
  // A PFX without a password comes in two forms: none at all, and an empty one.
  const char* text = password.empty() ? nullptr : password.reveal().c_str();
  if (PKCS12_verify_mac(pfx.get(), text, -1) != 1) {
    if (text != nullptr || PKCS12_verify_mac(pfx.get(), "", 0) != 1) return password_trouble(password, complain);
    text = "";
  }
  EVP_PKEY* key = nullptr;
  X509* certificate = nullptr;
  STACK_OF(X509)* others = nullptr;
  const bool parsed = PKCS12_parse(pfx.get(), text, &key, &certificate, &others) == 1;
  Material found;
  found.key.reset(key);
  if (certificate) found.certificates.emplace_back(certificate);
  while (others && sk_X509_num(others) > 0) found.certificates.emplace_back(sk_X509_shift(others));
  sk_X509_free(others);
  if (!parsed) {
    return complain("certificate_old_encryption",
                    "is encrypted in a way that OpenSSL no longer reads; write it anew: openssl pkcs12 -legacy "
                    "-in OLD -nodes -out NEW.pem");
  }
  if (!found.key) return complain("certificate_no_key", "holds no private key: export it together with its key");
  return found;
}

Status check_key(const EVP_PKEY* key, const Complaint& complain) {
  if (EVP_PKEY_get_base_id(key) != EVP_PKEY_RSA) {
    return complain("certificate_not_rsa",
                    fmt::format("holds a key of kind {}, and a sign-in takes RSA alone: make an RSA key of {} bits and "
                                "register its certificate",
                                OBJ_nid2sn(EVP_PKEY_get_base_id(key)), kSmallestKey));
  }
  if (const int bits = EVP_PKEY_get_bits(key); bits < kSmallestKey) {
    return complain(
        "certificate_short_key",
        fmt::format("holds a key of {} bits, and a sign-in takes {} or more: make a longer one and register "
                    "its certificate",
                    bits, kSmallestKey));
  }
  return done();
}

std::string day_of(const ASN1_TIME* time) {
  std::tm parts{};
  if (ASN1_TIME_to_tm(time, &parts) != 1) return "an unreadable date";
  return fmt::format("{:04}-{:02}-{:02} {:02}:{:02} UTC", parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday,
                     parts.tm_hour, parts.tm_min);
}

Status check_dates(const X509* certificate, DateTime now, const Complaint& complain) {
  std::time_t at = now.ms / 1000;
  if (X509_cmp_time(X509_get0_notAfter(certificate), &at) < 0) {
    return complain("certificate_expired", fmt::format("holds a certificate that expired on {}: make a new one and "
                                                       "register it with the application",
                                                       day_of(X509_get0_notAfter(certificate))));
  }
  if (X509_cmp_time(X509_get0_notBefore(certificate), &at) > 0) {
    return complain("certificate_not_yet_valid", fmt::format("holds a certificate that is good from {} on: wait, or "
                                                             "check this machine's clock",
                                                             day_of(X509_get0_notBefore(certificate))));
  }
  return done();
}

std::string thumbprint(const X509* certificate, const EVP_MD* kind) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  X509_digest(certificate, kind, digest, &size);
  return encode_base64url({reinterpret_cast<const char*>(digest), size});
}

// Base64 with padding, as x5c has it.
std::string der_of(X509* certificate) {
  unsigned char* der = nullptr;
  const int size = i2d_X509(certificate, &der);
  if (size <= 0) return {};
  std::string text(static_cast<std::size_t>(size + 2) / 3 * 4 + 1, '\0');
  const int length = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), der, size);
  OPENSSL_free(der);
  text.resize(static_cast<std::size_t>(length));
  return text;
}

std::uint64_t random_bits() {
  std::uint64_t bits = 0;
  RAND_bytes(reinterpret_cast<unsigned char*>(&bits), sizeof bits);
  return bits;
}

// Empty: OpenSSL refused.
std::string sign(EVP_PKEY* key, AssertionAlgorithm algorithm, std::string_view text) {
  const Digest digest(EVP_MD_CTX_new());
  EVP_PKEY_CTX* how = nullptr;
  if (EVP_DigestSignInit(digest.get(), &how, EVP_sha256(), nullptr, key) != 1) return {};
  if (algorithm == AssertionAlgorithm::ps256 && (EVP_PKEY_CTX_set_rsa_padding(how, RSA_PKCS1_PSS_PADDING) != 1 ||
                                                 EVP_PKEY_CTX_set_rsa_pss_saltlen(how, RSA_PSS_SALTLEN_DIGEST) != 1)) {
    return {};
  }
  const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
  std::size_t size = 0;
  if (EVP_DigestSign(digest.get(), nullptr, &size, bytes, text.size()) != 1) return {};
  std::string signature(size, '\0');
  if (EVP_DigestSign(digest.get(), reinterpret_cast<unsigned char*>(signature.data()), &size, bytes, text.size()) != 1)
    return {};
  signature.resize(size);
  return signature;
}

class CertificateProof : public Proof {
 public:
  CertificateProof(std::string path, AssertionAlgorithm algorithm, bool send_chain, Material material)
      : path_(std::move(path)), algorithm_(algorithm), material_(std::move(material)) {
    const X509* leaf = material_.certificates.front().get();
    header_ = {{"typ", "JWT"}, {"x5t#S256", thumbprint(leaf, EVP_sha256())}};
    header_["alg"] = algorithm == AssertionAlgorithm::ps256 ? "PS256" : "RS256";
    if (algorithm == AssertionAlgorithm::rs256) header_["x5t"] = thumbprint(leaf, EVP_sha1());
    if (send_chain) {
      for (const auto& certificate : material_.certificates) header_["x5c"].push_back(der_of(certificate.get()));
    }
  }

  Result<std::vector<ProofField>> fields(const std::string& audience, const std::string& client_id,
                                         DateTime now) const override {
    const Complaint complain{path_};
    if (auto good = check_dates(material_.certificates.front().get(), now, complain); !good) return good.error();
    const std::int64_t begin = now.ms / 1000 - kSkewSeconds;
    const json claims = {
        {"aud", audience}, {"iss", client_id}, {"sub", client_id},           {"jti", http::random_guid(random_bits)},
        {"nbf", begin},    {"iat", begin},     {"exp", begin + kLifeSeconds}};
    const std::string text = encode_base64url(header_.dump()) + "." + encode_base64url(claims.dump());
    const std::string signature = sign(material_.key.get(), algorithm_, text);
    if (signature.empty()) return complain("certificate_form", "holds a key that OpenSSL does not sign with");
    return assertion_fields(Secret(text + "." + encode_base64url(signature)));
  }

 private:
  std::string path_;
  AssertionAlgorithm algorithm_;
  Material material_;
  json header_;
};

}  // namespace

Result<std::unique_ptr<Proof>> prove_by_certificate(const CertificateFile& file, DateTime now) {
  const Complaint complain{file.path};
  auto content = read_secret_file(file.path, "the certificate (AZURE_CLIENT_CERTIFICATE_PATH)");
  if (!content) return content.error();
  const bool is_pem = content->reveal().find("-----BEGIN ") != std::string::npos;
  auto read = is_pem ? read_pem(*content, file.password, complain) : read_pfx(*content, file.password, complain);
  ERR_clear_error();  // what OpenSSL thought of the file must not surface in somebody else's call
  if (!read) return read.error();
  if (auto good = check_key(read->key.get(), complain); !good) return good.error();
  auto& certificates = read->certificates;
  if (certificates.empty()) {
    return complain("certificate_no_certificate", "holds a key and no certificate: add the block 'CERTIFICATE'");
  }
  const auto leaf = std::find_if(certificates.begin(), certificates.end(), [&](const X509Ptr& certificate) {
    return X509_check_private_key(certificate.get(), read->key.get()) == 1;
  });
  ERR_clear_error();
  if (leaf == certificates.end()) {
    return complain("certificate_mismatch",
                    "holds a certificate that does not belong to its private key: put the two of one pair together");
  }
  std::rotate(certificates.begin(), leaf, leaf + 1);
  if (auto good = check_dates(certificates.front().get(), now, complain); !good) return good.error();
  return std::unique_ptr<Proof>(
      std::make_unique<CertificateProof>(file.path, file.algorithm, file.send_chain, std::move(*read)));
}

}  // namespace teamferry::auth
