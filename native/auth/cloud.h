#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "native/base/result.h"

namespace teamferry::auth {

// Where to sign in, where Graph is, and what to ask a token for. Tokens of one cloud are worth nothing in another.
struct Cloud {
  std::string name;
  std::string login_url;
  std::string graph_url;
  std::string scope;
  std::string login_audience;    // the sign-in as it calls itself: whom a signed assertion addresses
  bool start_migration = false;  // existing conversations can be switched to migration mode (road B)
};

// The national clouds, the global one first. Source: https://learn.microsoft.com/graph/deployments, as of 2026-08.
const std::vector<Cloud>& clouds();

// By name, without regard to case; an error that lists the names otherwise (code `unknown_cloud`).
Result<Cloud> find_cloud(std::string_view name);

// The cloud whose sign-in stands at this address or host name, as AZURE_AUTHORITY_HOST gives it. For another host,
// the global cloud with that sign-in.
Result<Cloud> cloud_of_login(std::string_view login);

// The same cloud behind other addresses (--login-url, --graph-url); empty ones change nothing. Scope and audience stay:
// they name what Graph and the sign-in call themselves, however they are reached. Both must be https, or http to this
// machine.
Result<Cloud> at_addresses(Cloud cloud, std::string_view login_url, std::string_view graph_url);

// Refuses startMigration (code `road_b_unavailable`) in the national clouds, whose v1.0 has no such call, although the
// pages of beta list every cloud. `forced`: the user knows better.
// Source: https://learn.microsoft.com/graph/api/channel-startmigration, as of 2026-08
Status check_road_b(const Cloud& cloud, bool forced);

}  // namespace teamferry::auth
