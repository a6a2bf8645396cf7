#include "native/auth/environment.h"

#include <catch2/catch.hpp>
#include <map>
#include <sstream>

using namespace teamferry;
using namespace teamferry::auth;

namespace {

GetEnv environment(std::map<std::string, std::string> variables) {
  return [variables = std::move(variables)](const char* name) -> const char* {
    const auto found = variables.find(name);
    return found == variables.end() ? nullptr : found->second.c_str();
  };
}

const std::map<std::string, std::string> kComplete = {{"AZURE_TENANT_ID", "contoso.example"},
                                                      {"AZURE_CLIENT_ID", "11111111-2222-3333-4444-555555555555"},
                                                      {"AZURE_CLIENT_SECRET", " s3cret~value \n"}};

}  // namespace

TEST_CASE("The credential is read from the names that Azure's SDKs read", "[auth]") {
  const auto read = client_secret_from_environment(environment(kComplete));
  REQUIRE(read.ok());
  CHECK(read.value().tenant == "contoso.example");
  CHECK(read.value().client_id == "11111111-2222-3333-4444-555555555555");
  CHECK(read.value().secret.reveal() == "s3cret~value");
}

TEST_CASE("What is missing is named, all at once, and no value is shown", "[auth]") {
  const auto read =
      client_secret_from_environment(environment({{"AZURE_TENANT_ID", "t"}, {"AZURE_CLIENT_SECRET", "  "}}));
  REQUIRE_FALSE(read.ok());
  CHECK(read.error().code == "no_credentials");
  CHECK(read.error().message.find("AZURE_CLIENT_ID, AZURE_CLIENT_SECRET") != std::string::npos);
  CHECK(read.error().message.find("AZURE_TENANT_ID") == std::string::npos);
}

TEST_CASE("A tenant that cannot be one is refused", "[auth]") {
  for (const char* tenant : {"common", "organizations", "a/b", "x?y", "te nant"}) {
    INFO(tenant);
    auto variables = kComplete;
    variables["AZURE_TENANT_ID"] = tenant;
    const auto read = client_secret_from_environment(environment(variables));
    REQUIRE_FALSE(read.ok());
    CHECK(read.error().code == "bad_tenant");
  }
}

TEST_CASE("A secret prints as <secret>", "[auth]") {
  std::ostringstream out;
  out << Secret("hidden");
  CHECK(out.str() == "<secret>");
}

TEST_CASE("A secret that moved on is empty where it was", "[auth]") {
  Secret first("hidden");
  Secret second(std::move(first));
  CHECK(second.reveal() == "hidden");
  CHECK(first.empty());
  first = second;
  CHECK(first.reveal() == "hidden");
}

TEST_CASE("AZURE_AUTHORITY_HOST chooses the cloud", "[auth]") {
  CHECK(cloud_from_environment(environment({})).value().name == "global");
  for (const auto& [host, graph] : std::map<std::string, std::string>{
           {"https://login.microsoftonline.us/", "https://graph.microsoft.us"},
           {"login.chinacloudapi.cn", "https://microsoftgraph.chinacloudapi.cn"},
           {"login.partner.microsoftonline.cn", "https://microsoftgraph.chinacloudapi.cn"},
           {"https://login.microsoftonline.com", "https://graph.microsoft.com"}}) {
    INFO(host);
    const auto cloud = cloud_from_environment(environment({{"AZURE_AUTHORITY_HOST", host}}));
    REQUIRE(cloud.ok());
    CHECK(cloud.value().graph_url == graph);
    CHECK(cloud.value().scope == graph + "/.default");
  }
  CHECK(cloud_from_environment(environment({{"AZURE_AUTHORITY_HOST", "https://login.example"}})).value().login_url ==
        "https://login.example");
}

TEST_CASE("Clouds are found by name, and an unknown name gets the list", "[auth]") {
  CHECK(find_cloud("USGovDoD").value().graph_url == "https://dod-graph.microsoft.us");
  CHECK(find_cloud("germany").error().message.find("global, usgov, usgovdod, china") != std::string::npos);
}

TEST_CASE("Other addresses replace the cloud's, and the scope stays", "[auth]") {
  const auto cloud = at_addresses(clouds().front(), "http://127.0.0.1:5001/", "http://127.0.0.1:5002");
  REQUIRE(cloud.ok());
  CHECK(cloud.value().login_url == "http://127.0.0.1:5001");
  CHECK(cloud.value().graph_url == "http://127.0.0.1:5002");
  CHECK(cloud.value().scope == "https://graph.microsoft.com/.default");
  CHECK(at_addresses(clouds().front(), "http://login.example", "").error().code == "insecure_url");
  CHECK(at_addresses(clouds().front(), "", "http://graph.example").error().code == "insecure_url");
}
