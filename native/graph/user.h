#pragma once

#include <string>
#include <vector>

namespace teamferry::graph {

struct User {
  std::string id;
  std::string displayName;
  std::string mail;
  std::string userPrincipalName;
  bool accountEnabled = true;
  std::string userType = {};                     // Member, Guest
  std::vector<std::string> proxyAddresses = {};  // "SMTP:" and the mail address, "smtp:" and an alias; same
  std::string json = {};                         // the whole resource as the service printed it
};

}  // namespace teamferry::graph
