#pragma once

#include <string>
#include <vector>

#include "native/emulator/emulator.h"

// Whose tenant it is, and the small invented one that an emulator without a seed serves.
namespace teamferry::emulator {

inline constexpr char kTenantId[] = "7e1f0c52-3b7a-4d8e-9c41-5a2b6d90e3f7";
inline constexpr char kTenantDomain[] = "tenant.example";
inline constexpr char kGraphResource[] = "https://graph.microsoft.com";

struct Tenant {
  std::string id = kTenantId;
  std::string domain = kTenantDomain;  // in lower case
  std::string display_name = "Tenant Example";
  std::string fallback = "archive@tenant.example";  // the address of Emulator::fallback_user()
  std::string seed{};                               // the seed's digest; empty: begun without one
};

std::vector<User> default_users();

// The one who stands in for people without an account. Its id follows from the address.
User make_fallback_user(const std::string& mail);

// The user a mail address makes: its id follows from the address in lower case.
User make_user(const std::string& display_name, const std::string& mail);

// The principal name of a guest with this address: "ann_home.example#EXT#@tenant.example".
std::string guest_name(const std::string& mail, const std::string& domain);

}  // namespace teamferry::emulator
