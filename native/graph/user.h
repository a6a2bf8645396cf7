#pragma once

#include <string>

namespace teamferry::graph {

struct User {
  std::string id;
  std::string displayName;
  std::string mail;
  std::string userPrincipalName;
  bool accountEnabled = true;
};

}  // namespace teamferry::graph
