#include "native/auth/cloud.h"

#include <fmt/format.h>
#include <strings.h>

#include "native/http/url.h"

namespace teamferry::auth {
namespace {

std::string without_slash(std::string_view url) {
  while (!url.empty() && url.back() == '/') url.remove_suffix(1);
  return std::string(url);
}

Cloud cloud(const char* name, const char* login, const char* graph, bool start_migration) {
  const std::string login_url = std::string("https://") + login;
  const std::string graph_url = std::string("https://") + graph;
  return {name, login_url, graph_url, graph_url + "/.default", login_url, start_migration};
}

}  // namespace

const std::vector<Cloud>& clouds() {
  static const std::vector<Cloud> kClouds = {
      cloud("global", "login.microsoftonline.com", "graph.microsoft.com", true),  // also GCC
      cloud("usgov", "login.microsoftonline.us", "graph.microsoft.us", false),    // L4, GCC High
      cloud("usgovdod", "login.microsoftonline.us", "dod-graph.microsoft.us", false),
      cloud("china", "login.chinacloudapi.cn", "microsoftgraph.chinacloudapi.cn", false),  // 21Vianet
  };
  return kClouds;
}

Result<Cloud> find_cloud(std::string_view name) {
  std::string names;
  for (const auto& known : clouds()) {
    if (strcasecmp(known.name.c_str(), std::string(name).c_str()) == 0) return known;
    names += (names.empty() ? "" : ", ") + known.name;
  }
  return Error::argument("unknown_cloud", fmt::format("there is no cloud '{}'; the clouds are {}", name, names));
}

Result<Cloud> cloud_of_login(std::string_view login) {
  const std::string url = without_slash(login.find("://") == std::string_view::npos ? fmt::format("https://{}", login)
                                                                                    : std::string(login));
  const auto origin = http::origin_of(url);
  if (!origin)
    return Error::argument("bad_url", fmt::format("'{}' is not the address of a sign-in", http::without_query(login)));
  for (const auto& known : clouds()) {
    if (http::origin_of(known.login_url) == origin) return known;
  }
  if (origin->host == "login.partner.microsoftonline.cn") return find_cloud("china");
  auto other = at_addresses(clouds().front(), url, "");
  if (other) other->login_audience = other->login_url;
  return other;
}

Result<Cloud> at_addresses(Cloud cloud, std::string_view login_url, std::string_view graph_url) {
  for (auto [given, target] : {std::pair{login_url, &cloud.login_url}, {graph_url, &cloud.graph_url}}) {
    if (given.empty()) continue;
    if (auto safe = http::check_may_carry_secrets(given); !safe) return safe.error();
    if (given.find_first_of("?#") != std::string_view::npos) {
      return Error::argument("bad_url", fmt::format("'{}' has a query behind it; give the address alone, as in {}",
                                                    http::without_query(given), *target));
    }
    *target = without_slash(given);
  }
  return cloud;
}

Status check_road_b(const Cloud& cloud, bool forced) {
  if (cloud.start_migration || forced) return done();
  return Error::state("road_b_unavailable",
                      fmt::format("existing channels and chats cannot be switched to migration mode in the cloud '{}': "
                                  "Microsoft documents startMigration for the global cloud alone. Migrate into a new "
                                  "team instead, or say --force-road-b to ask all the same",
                                  cloud.name));
}

}  // namespace teamferry::auth
