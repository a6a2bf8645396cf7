#include "native/emulator/directory.h"

#include <algorithm>

#include "native/emulator/text.h"

namespace teamferry::emulator {

void Directory::add(User user) {
  std::erase_if(deleted_, [&](const User& gone) { return lower_ascii(gone.id) == lower_ascii(user.id); });
  const std::string own = "smtp:" + lower_ascii(user.mail);
  auto& addresses = user.proxyAddresses;
  if (!user.mail.empty() && std::none_of(addresses.begin(), addresses.end(),
                                         [&](const std::string& known) { return lower_ascii(known) == own; })) {
    addresses.insert(addresses.begin(), "SMTP:" + user.mail);
  }
  if (!user.deletedDateTime.empty()) {
    deleted_.push_back(std::move(user));
    return;
  }
  const std::size_t number = users_.size();
  by_id_.emplace(lower_ascii(user.id), number);
  by_principal_name_.emplace(lower_ascii(user.userPrincipalName), number);
  if (!user.mail.empty()) by_mail_.emplace(lower_ascii(user.mail), number);
  for (const std::string& address : addresses) by_proxy_address_.emplace(lower_ascii(address), number);
  users_.push_back(std::move(user));
}

std::vector<const User*> Directory::all_of(const Index& index, std::string_view value) const {
  std::vector<const User*> found;
  const auto [first, last] = index.equal_range(lower_ascii(value));
  for (auto each = first; each != last; ++each) found.push_back(&users_[each->second]);
  std::sort(found.begin(), found.end(), std::less<>());  // the order of arrival, since they stand in one vector
  return found;
}

const User* Directory::by_key(std::string_view id_or_principal_name) const {
  const std::string key = lower_ascii(id_or_principal_name);
  for (const Index* index : {&by_id_, &by_principal_name_}) {
    const auto found = index->find(key);
    if (found != index->end()) return &users_[found->second];
  }
  return nullptr;
}

const User* Directory::find(std::string_view name) const {
  if (const User* known = by_key(name)) return known;
  const auto found = all_of(by_mail_, name);
  return found.empty() ? nullptr : found.front();
}

std::optional<std::vector<const User*>> Directory::equal(std::string_view property, std::string_view value) const {
  if (property == "id") return all_of(by_id_, value);
  if (property == "userPrincipalName") return all_of(by_principal_name_, value);
  if (property == "mail") return all_of(by_mail_, value);
  if (property == "proxyAddresses") return all_of(by_proxy_address_, value);
  return std::nullopt;
}

}  // namespace teamferry::emulator
