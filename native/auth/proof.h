#pragma once

#include <memory>
#include <string>
#include <vector>

#include "native/auth/secret.h"
#include "native/base/datetime.h"
#include "native/base/result.h"

namespace teamferry::auth {

// A field of the sign-in's form. Its value is not percent-encoded yet, and never shown.
struct ProofField {
  std::string name;
  Secret value;
};

// How an application proves that it is itself: the one part in which the kinds of sign-in differ.
// Tested by tests/native/auth/proof_test.cpp and certificate_test.cpp.
class Proof {
 public:
  virtual ~Proof() = default;

  // What the form carries beside client_id, scope and grant_type. Asked for each request to the sign-in, so that what
  // a file holds or a clock says is fresh. `audience` is the address of the token endpoint as the cloud calls it.
  virtual Result<std::vector<ProofField>> fields(const std::string& audience, const std::string& client_id,
                                                 DateTime now) const = 0;
};

// The value of a client secret.
std::unique_ptr<Proof> prove_by_secret(Secret secret);

// A token that another identity provider (Kubernetes, a CI service) keeps in a file and renews there; read anew for
// each sign-in. Source: https://learn.microsoft.com/entra/workload-id/workload-identity-federation
std::unique_ptr<Proof> prove_by_federated_token(std::string file);

// The two fields of an assertion, whoever signed it.
std::vector<ProofField> assertion_fields(Secret assertion);

}  // namespace teamferry::auth
