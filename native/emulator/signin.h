#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>
#include <vector>

#include "native/emulator/answer.h"
#include "native/emulator/emulator.h"
#include "native/http/message.h"

// Entra's part: the token endpoint, and the reading of the tokens it gave out.
// Not thread-safe. Tested by tests/native/emulator/signin_test.cpp.
namespace teamferry::emulator {

// Who calls.
struct Caller {
  std::string app;
  std::vector<std::string> roles;
  std::int64_t expires = 0;  // seconds since 1970

  bool has_role(std::string_view role) const;
};

class SignIn {
 public:
  // `key` signs (HS256); the same key reads tokens of an earlier life of the emulator.
  SignIn(std::vector<App> apps, std::string key, std::chrono::seconds lifetime);

  // POST /{tenant}/oauth2/v2.0/token. `base` is the address the request came to. Times are milliseconds.
  http::Response token(std::string_view tenant, const http::Request& request, std::string_view base,
                       std::int64_t now) const;

  // The caller, or the 401 that Graph answers. The pointer holds until the next call.
  std::variant<const Caller*, Answer> authenticate(const std::string* authorization, std::int64_t now);

  const std::vector<App>& apps() const { return apps_; }

 private:
  std::string make_token(const App& app, std::int64_t now) const;
  std::variant<Caller, Answer> read_token(std::string_view token) const;

  std::vector<App> apps_;
  std::string key_;
  std::chrono::seconds lifetime_;
  std::unordered_map<std::string, Caller> known_;  // by token: checking a signature each time is half an import
};

}  // namespace teamferry::emulator
