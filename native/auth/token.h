#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "native/auth/cloud.h"
#include "native/auth/proof.h"
#include "native/auth/secret.h"
#include "native/base/clock.h"
#include "native/base/result.h"
#include "native/base/task.h"
#include "native/http/transport.h"

namespace teamferry::auth {

// Where bearer tokens come from.
class TokenSource {
 public:
  virtual ~TokenSource() = default;
  // A token that is good now.
  virtual Task<Result<std::string>> token() = 0;
  // A token other than the one Graph has just rejected.
  virtual Task<Result<std::string>> renew(std::string rejected) = 0;
  // By how much this machine's clock was ahead of the sign-in's when it last answered; negative: behind. Nothing as
  // long as no sign-in has told its time.
  virtual std::optional<std::chrono::milliseconds> clock_ahead() const { return std::nullopt; }
};

// An application of one tenant and how it proves itself.
struct Application {
  std::string tenant;  // a GUID or a domain
  std::string client_id;
  std::shared_ptr<const Proof> proof;
};

// Signs an application in (OAuth 2.0 client credentials), against any login host, and keeps the token. However many
// tasks ask at once, one request leaves. Five minutes before its end the token is renewed while callers still get the
// old one; for a token that lives less than ten minutes it is half its life.
//
// An Error of the sign-in has the code AADSTSnnn, a message that says what to do, and the trace id as request_id.
// It never holds what proves the application, even if the answer repeats it.
// Source: https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow
//
// Requires an address that may carry secrets (http/url.h); otherwise every token is an Error. `transport` sends
// one attempt: repeating belongs to the row in which the token is asked for.
// Tested by tests/native/auth/token_test.cpp.
class SignIn : public TokenSource {
 public:
  SignIn(http::Transport& transport, const WallClock& clock, Cloud cloud, Application application);
  ~SignIn() override;

  Task<Result<std::string>> token() override;
  Task<Result<std::string>> renew(std::string rejected) override;
  std::optional<std::chrono::milliseconds> clock_ahead() const override;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// An application of one tenant and the secret it signs in with.
struct ClientSecret {
  std::string tenant;  // a GUID or a domain
  std::string client_id;
  Secret secret;
};

// The sign-in of an application that proves itself by a client secret.
class ClientSecretSource : public SignIn {
 public:
  ClientSecretSource(http::Transport& transport, const WallClock& clock, Cloud cloud, ClientSecret credential);
};

// What a Graph token says about itself. Read for a preflight only: the signature is not checked, and Microsoft
// may change the form any day, so a token that cannot be read is no reason to stop.
struct Claims {
  std::string audience;            // aud
  std::string tenant_id;           // tid
  std::string client_id;           // appid or azp
  std::string app_name;            // app_displayname
  std::vector<std::string> roles;  // the application permissions that were granted; empty: nothing was consented
  bool delegated = false;          // has scp: a person's token, useless for a migration
  std::optional<DateTime> expires;

  bool has_role(std::string_view role) const;
};
Result<Claims> read_claims(std::string_view token);

// What may stand in an Authorization header.
bool is_bearer_token(std::string_view text);

}  // namespace teamferry::auth
