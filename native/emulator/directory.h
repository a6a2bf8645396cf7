#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "native/emulator/emulator.h"

namespace teamferry::emulator {

// The users of a tenant, found by any of their names without a look at everybody: a plan asks for each of a hundred
// thousand by address. Letter case of names is ignored. Pointers hold until the next add().
// Not thread-safe. Tested by tests/native/emulator/users_test.cpp.
class Directory {
 public:
  // Completes the proxy addresses with the mail address. A user with a deletedDateTime goes to the deleted items; a
  // deleted user who is added again has come back.
  void add(User user);

  const std::vector<User>& users() const { return users_; }
  const std::vector<User>& deleted() const { return deleted_; }

  const User* by_key(std::string_view id_or_principal_name) const;

  // By key or else by mail address.
  const User* find(std::string_view name) const;

  // Everybody with this value of id, userPrincipalName, mail or proxyAddresses; nothing for other properties, which
  // have no index.
  std::optional<std::vector<const User*>> equal(std::string_view property, std::string_view value) const;

 private:
  using Index = std::unordered_multimap<std::string, std::size_t>;
  std::vector<const User*> all_of(const Index& index, std::string_view value) const;

  std::vector<User> users_;
  std::vector<User> deleted_;
  Index by_id_, by_principal_name_, by_mail_, by_proxy_address_;
};

}  // namespace teamferry::emulator
