#pragma once

#include <string>
#include <vector>

#include "native/emulator/emulator.h"

// The invented tenant that every emulator serves.
namespace teamferry::emulator {

inline constexpr char kTenantId[] = "7e1f0c52-3b7a-4d8e-9c41-5a2b6d90e3f7";
inline constexpr char kTenantDomain[] = "tenant.example";
inline constexpr char kGraphResource[] = "https://graph.microsoft.com";

std::vector<User> default_users();
User fallback_user();  // one of them

// The user a mail address makes: its id follows from the address in lower case.
User make_user(const std::string& display_name, const std::string& mail);

}  // namespace teamferry::emulator
