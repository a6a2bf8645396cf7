#pragma once

#include <optional>
#include <string_view>

#include "native/auth/token.h"
#include "native/http/transport.h"
#include "native/http/url.h"

namespace teamferry::auth {

// Adds the bearer token to each attempt. A 401 whose code is InvalidAuthenticationToken renews the token once and
// sends the same bytes again; any other 401 is about the request (an import without author and time gets one).
//
// A token goes to Graph's own address alone: a request to another host, say by a forged nextLink, is refused with
// the code `foreign_host`. A refusal that repeats the token comes back without it. Requests whose `authorize` is false
// pass untouched. Tested by tests/native/auth/policy_test.cpp.
class AuthPolicy : public http::Transport {
 public:
  AuthPolicy(http::Transport& next, TokenSource& tokens, std::string_view graph_url)
      : next_(next),
        tokens_(tokens),
        graph_(http::origin_of(graph_url)),
        safe_(http::check_may_carry_secrets(graph_url)) {}
  Task<Result<http::Response>> send(http::Request request) override;

 private:
  http::Transport& next_;
  TokenSource& tokens_;
  std::optional<http::Origin> graph_;
  Status safe_;  // whether a token may go there at all
};

}  // namespace teamferry::auth
