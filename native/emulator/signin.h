#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>
#include <vector>

#include "native/emulator/answer.h"
#include "native/emulator/emulator.h"
#include "native/emulator/keys.h"
#include "native/emulator/signin_error.h"
#include "native/emulator/store.h"
#include "native/http/message.h"

// Entra's part: the token endpoint, the documents around it, and the reading of the tokens it gave out.
// Not thread-safe. Tested by tests/native/emulator/signin_test.cpp, assertion_test.cpp and discovery_test.cpp.
namespace teamferry::emulator {

// Who calls.
struct Caller {
  std::string app;
  std::vector<std::string> roles;
  std::string scopes;        // of somebody who signed in, "User.Read Team.ReadBasic.All"; empty: an app by itself
  std::int64_t expires = 0;  // seconds since 1970

  bool has_role(std::string_view role) const;
};

class SignIn {
 public:
  // The store, whose tenant and key this serves, outlives it.
  SignIn(std::vector<App> apps, Store& store, std::chrono::seconds lifetime);

  // Whether a path (decoded, in segments) is the sign-in's and not Graph's.
  static bool answers(const std::vector<std::string>& path);

  // Requires answers(path). `base` is the address the request came to, `query` what stood behind the question mark.
  // `now` in ms.
  http::Response respond(const std::vector<std::string>& path, const http::Request& request, std::string_view base,
                         std::string_view query, std::int64_t now);

  // The caller, or the 401 that Graph answers. The pointer holds until the next call.
  std::variant<const Caller*, Answer> authenticate(const std::string* authorization, std::int64_t now);

  const std::vector<App>& apps() const { return apps_; }

  // From here on tokens have no roles, as before the consent has arrived; or have them again.
  void withhold_roles(bool withhold) { without_roles_ = withhold; }

 private:
  struct Form;
  struct Turn;  // one request for a token
  std::variant<std::string, Refused> make_token(const Turn& turn);
  std::optional<Refused> check_tenant(std::string_view named) const;
  std::optional<Refused> check_credential(std::size_t app, const Turn& turn) const;
  const SigningKey& key();
  std::string sign_token(const App& app, const std::string& audience, bool by_certificate, std::int64_t now);
  std::variant<Caller, Answer> read_token(std::string_view token);

  std::vector<App> apps_;
  std::vector<std::vector<Certificate>> certificates_;  // of each app
  Store& store_;
  std::chrono::seconds lifetime_;
  bool without_roles_ = false;
  std::optional<SigningKey> key_;
  std::unordered_map<std::string, Caller> known_;  // by token: checking a signature each time is half an import
};

}  // namespace teamferry::emulator
