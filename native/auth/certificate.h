#pragma once

#include <memory>
#include <string>

#include "native/auth/proof.h"
#include "native/auth/secret.h"
#include "native/base/datetime.h"
#include "native/base/result.h"

namespace teamferry::auth {

// How an assertion is signed, and so how its header names the certificate. Entra ID takes both.
enum class AssertionAlgorithm {
  ps256,  // RSASSA-PSS, SHA-256, salt of 32 bytes; x5t#S256
  rs256,  // RSASSA-PKCS1-v1_5, SHA-256; x5t as older libraries write it, and x5t#S256
};

struct CertificateFile {
  std::string path;  // PEM with key and certificate in any order, or PFX (PKCS #12)
  Secret password;   // of the key or the PFX; empty: none
  AssertionAlgorithm algorithm = AssertionAlgorithm::ps256;
  bool send_chain = false;  // x5c: for applications that trust a subject name and issuer instead of a thumbprint
};

// Signs an assertion of ten minutes with the file's key for each sign-in. The key stays inside OpenSSL, which wipes
// it; the file's text is wiped once it is read.
//
// Every way in which a file does not do has its own code and sentence, with the file and the cure: secret_file,
// certificate_form, certificate_no_key, certificate_no_certificate, certificate_password_missing,
// certificate_password_wrong, certificate_old_encryption, certificate_not_rsa, certificate_short_key,
// certificate_mismatch, certificate_expired, certificate_not_yet_valid. The dates are asked again for each sign-in.
// Source: https://learn.microsoft.com/entra/identity-platform/certificate-credentials
// Tested by tests/native/auth/certificate_test.cpp, and against the emulator by tests/native/graph/sign_in_test.cpp.
Result<std::unique_ptr<Proof>> prove_by_certificate(const CertificateFile& file, DateTime now);

}  // namespace teamferry::auth
