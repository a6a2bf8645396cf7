#include "native/auth/proof.h"

#include <fmt/format.h>

#include "native/auth/secret_file.h"

namespace teamferry::auth {
namespace {

class SecretProof : public Proof {
 public:
  explicit SecretProof(Secret secret) : secret_(std::move(secret)) {}

  Result<std::vector<ProofField>> fields(const std::string&, const std::string&, DateTime) const override {
    return std::vector<ProofField>{{"client_secret", secret_}};
  }

 private:
  Secret secret_;
};

class FederatedProof : public Proof {
 public:
  explicit FederatedProof(std::string file) : file_(std::move(file)) {}

  Result<std::vector<ProofField>> fields(const std::string&, const std::string&, DateTime) const override {
    auto content = read_secret_file(file_, "the federated token (AZURE_FEDERATED_TOKEN_FILE)");
    if (!content) return content.error();
    Secret token = trimmed(*content);
    if (token.empty()) {
      return Error::argument("secret_file",
                             fmt::format("'{}', which AZURE_FEDERATED_TOKEN_FILE names, is empty; whatever issues the "
                                         "federated token has not written it",
                                         file_));
    }
    return assertion_fields(std::move(token));
  }

 private:
  std::string file_;
};

}  // namespace

std::vector<ProofField> assertion_fields(Secret assertion) {
  return {{"client_assertion_type", Secret("urn:ietf:params:oauth:client-assertion-type:jwt-bearer")},
          {"client_assertion", std::move(assertion)}};
}

std::unique_ptr<Proof> prove_by_secret(Secret secret) {
  return std::make_unique<SecretProof>(std::move(secret));
}

std::unique_ptr<Proof> prove_by_federated_token(std::string file) {
  return std::make_unique<FederatedProof>(std::move(file));
}

}  // namespace teamferry::auth
