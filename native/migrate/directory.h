#pragma once

#include <optional>
#include <string>
#include <vector>

#include "native/base/result.h"

namespace teamferry::migrate {

// A user of the tenant.
struct DirectoryUser {
  std::string id;  // the Entra object id
  std::string displayName;
  std::string userPrincipalName;
  std::string mail;
  // Where the tenant tells.
  std::optional<bool> guest = {};
  std::optional<bool> enabled = {};
};

// Who is in the tenant, as planning asks it. Blocks until the answers are there.
class Directory {
 public:
  virtual ~Directory() = default;
  // One answer a question, in their order; nothing for somebody the tenant does not know. Fails as a whole.
  virtual Result<std::vector<std::optional<DirectoryUser>>> find(const std::vector<std::string>& mail_upn_or_id) = 0;
};

}  // namespace teamferry::migrate
