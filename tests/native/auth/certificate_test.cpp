#include "native/auth/certificate.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "native/auth/base64url.h"
#include "tests/support/key_files.h"
#include "tests/support/process.h"

using namespace teamferry;
using namespace teamferry::auth;
using namespace teamferry::test;

namespace {

using nlohmann::json;

constexpr DateTime kNow{1'767'225'600'000};  // 2026-01-01
const std::string kAudience = "https://login.microsoftonline.com/contoso.example/oauth2/v2.0/token";

struct Assertion {
  json header, claims;
  std::string jwt;
};

struct Files {
  TemporaryFolder folder;
  std::string path = folder / "app.pem";

  Result<std::unique_ptr<Proof>> read(const std::string& content, CertificateFile file = {}) {
    write_file(path, content);
    file.path = path;
    return prove_by_certificate(file, kNow);
  }
  Assertion assertion(const std::string& content, CertificateFile file = {}) {
    const auto proof = read(content, std::move(file));
    if (!proof) FAIL(proof.error().message);
    const auto fields = (*proof)->fields(kAudience, "client-1", kNow);
    if (!fields) FAIL(fields.error().message);
    REQUIRE(fields->size() == 2);
    CHECK(fields->at(0).value.reveal() == "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
    const std::string jwt = fields->at(1).value.reveal();
    const auto first = jwt.find('.'), last = jwt.rfind('.');
    return {json::parse(*decode_base64url(jwt.substr(0, first))),
            json::parse(*decode_base64url(jwt.substr(first + 1, last - first - 1))), jwt};
  }
};

std::string pem(const KeyPair& pair) {
  return pair.key + pair.certificate;
}

CertificateFile with_password(const char* password) {
  CertificateFile file;
  file.password = Secret(password);
  return file;
}

}  // namespace

TEST_CASE("An assertion says what Entra ID asks of it, and the certificate's key signed it", "[certificate]") {
  Files files;
  const auto made = files.assertion(pem(rsa_pair()));
  CHECK(made.header == json{{"alg", "PS256"}, {"typ", "JWT"}, {"x5t#S256", thumbprint_of(rsa_pair(), "SHA256")}});
  CHECK(made.claims.at("aud") == kAudience);
  CHECK(made.claims.at("iss") == "client-1");
  CHECK(made.claims.at("sub") == "client-1");
  CHECK(made.claims.at("jti").get<std::string>().size() == 36);
  CHECK(made.claims.at("nbf") == kNow.ms / 1000 - 60);
  CHECK(made.claims.at("iat") == kNow.ms / 1000 - 60);
  CHECK(made.claims.at("exp") == kNow.ms / 1000 + 540);
  CHECK(verifies(rsa_pair(), "PS256", made.jwt));
  CHECK_FALSE(verifies(rsa_pair(), "RS256", made.jwt));
  CHECK(files.assertion(pem(rsa_pair())).claims.at("jti") != made.claims.at("jti"));
}

TEST_CASE("RS256 names the certificate in both ways", "[certificate]") {
  Files files;
  CertificateFile file;
  file.algorithm = AssertionAlgorithm::rs256;
  const auto made = files.assertion(pem(rsa_pair()), file);
  CHECK(made.header.at("alg") == "RS256");
  CHECK(made.header.at("x5t") == thumbprint_of(rsa_pair(), "SHA1"));
  CHECK(made.header.at("x5t#S256") == thumbprint_of(rsa_pair(), "SHA256"));
  CHECK(verifies(rsa_pair(), "RS256", made.jwt));
}

TEST_CASE("Key and certificates may stand in any order, and the leaf leads the chain", "[certificate]") {
  Files files;
  const KeyPair issuer = make_rsa_pair();
  CertificateFile file;
  file.send_chain = true;
  for (const auto& text :
       {pem(rsa_pair()) + issuer.certificate, issuer.certificate + rsa_pair().certificate + rsa_pair().key,
        "a comment\n" + rsa_pair().certificate + issuer.certificate + rsa_pair().key}) {
    const auto made = files.assertion(text, file);
    CHECK(made.header.at("x5t#S256") == thumbprint_of(rsa_pair(), "SHA256"));
    REQUIRE(made.header.at("x5c").size() == 2);
    // Base64 of DER: what stands between the PEM's lines.
    std::string leaf;
    for (char c : rsa_pair().certificate.substr(27, rsa_pair().certificate.find("-----END") - 27)) {
      if (c != '\n') leaf += c;
    }
    CHECK(made.header.at("x5c").at(0).get<std::string>() == leaf);
  }
  CHECK_FALSE(files.assertion(pem(rsa_pair())).header.contains("x5c"));
}

TEST_CASE("An encrypted key and a PFX open with their password", "[certificate]") {
  Files files;
  const auto encrypted = encrypted_key(rsa_pair(), "right one") + rsa_pair().certificate;
  CHECK(verifies(rsa_pair(), "PS256", files.assertion(encrypted, with_password("right one")).jwt));
  CHECK(
      verifies(rsa_pair(), "PS256", files.assertion(pfx_of(rsa_pair(), "right one"), with_password("right one")).jwt));
  CHECK(verifies(rsa_pair(), "PS256", files.assertion(pfx_of(rsa_pair(), "")).jwt));
}

TEST_CASE("Every file that does not do has its own sentence, with the file and the cure", "[certificate]") {
  Files files;
  const auto& good = rsa_pair();
  const KeyPair other = make_rsa_pair();
  const KeyPair old = make_rsa_pair(2048, k2020, k2020 + 86'400);
  struct Case {
    std::string content, password, code, words;
  };
  const Case cases[] = {
      {"neither", "", "certificate_form", "neither PEM nor PFX"},
      {"", "", "certificate_form", "neither PEM nor PFX"},
      {good.certificate, "", "certificate_no_key", "holds no private key"},
      {"-----BEGIN PRIVATE KEY-----\nbroken\n-----END PRIVATE KEY-----\n", "", "certificate_no_key", "private key"},
      {good.key, "", "certificate_no_certificate", "add the block 'CERTIFICATE'"},
      {encrypted_key(good, "x1") + good.certificate, "", "certificate_password_missing",
       "set AZURE_CLIENT_CERTIFICATE_PASSWORD"},
      {encrypted_key(good, "x1") + good.certificate, "hidden", "certificate_password_wrong", "correct it"},
      {pfx_of(good, "x1"), "", "certificate_password_missing", "set AZURE_CLIENT_CERTIFICATE_PASSWORD"},
      {pfx_of(good, "x1"), "hidden", "certificate_password_wrong", "correct it"},
      {good.key + other.certificate, "", "certificate_mismatch", "does not belong to its private key"},
      {pem(old), "", "certificate_expired", "expired on 2020-01-02 00:00 UTC: make a new one"},
      {pem(make_rsa_pair(2048, 1'798'761'600, k2049)), "", "certificate_not_yet_valid",
       "good from 2027-01-01 00:00 UTC on"},
      {pem(make_ec_pair()), "", "certificate_not_rsa", "make an RSA key"},
      {pem(make_rsa_pair(1024)), "", "certificate_short_key", "a key of 1024 bits"},
  };
  for (const auto& [content, password, code, words] : cases) {
    const auto read = files.read(content, with_password(password.c_str()));
    INFO(code);
    REQUIRE_FALSE(read.ok());
    INFO(read.error().message);
    CHECK(read.error().code == code);
    CHECK(read.error().message.find(files.path) != std::string::npos);
    CHECK(read.error().message.find(words) != std::string::npos);
    CHECK(read.error().message.find("hidden") == std::string::npos);
  }
  CertificateFile nowhere;
  nowhere.path = files.folder / "nowhere.pem";
  CHECK(prove_by_certificate(nowhere, kNow).error().code == "secret_file");
}

TEST_CASE("A certificate that ends while the program runs is not used any more", "[certificate]") {
  Files files;
  const auto proof = files.read(pem(make_rsa_pair(2048, k2020, kNow.ms / 1000 + 60)));
  REQUIRE(proof.ok());
  CHECK((*proof)->fields(kAudience, "c", kNow).ok());
  CHECK((*proof)->fields(kAudience, "c", DateTime{kNow.ms + 61'000}).error().code == "certificate_expired");
}
