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

Cloud cloud(const char* name, const char* login, const char* graph) {
  const std::string graph_url = std::string("https://") + graph;
  return {name, std::string("https://") + login, graph_url, graph_url + "/.default"};
}

}  // namespace

const std::vector<Cloud>& clouds() {
  static const std::vector<Cloud> kClouds = {
      cloud("global", "login.microsoftonline.com", "graph.microsoft.com"),  // also GCC
      cloud("usgov", "login.microsoftonline.us", "graph.microsoft.us"),     // L4, GCC High
      cloud("usgovdod", "login.microsoftonline.us", "dod-graph.microsoft.us"),
      cloud("china", "login.chinacloudapi.cn", "microsoftgraph.chinacloudapi.cn"),  // 21Vianet
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
  if (!origin) return Error::argument("bad_url", fmt::format("'{}' is not the address of a sign-in", login));
  for (const auto& known : clouds()) {
    if (http::origin_of(known.login_url) == origin) return known;
  }
  if (origin->host == "login.partner.microsoftonline.cn") return find_cloud("china");
  return at_addresses(clouds().front(), url, "");
}

Result<Cloud> at_addresses(Cloud cloud, std::string_view login_url, std::string_view graph_url) {
  for (auto [given, target] : {std::pair{login_url, &cloud.login_url}, {graph_url, &cloud.graph_url}}) {
    if (given.empty()) continue;
    if (auto safe = http::check_may_carry_secrets(given); !safe) return safe.error();
    *target = without_slash(given);
  }
  return cloud;
}

}  // namespace teamferry::auth
