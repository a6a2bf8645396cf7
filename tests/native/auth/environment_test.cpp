#include "native/auth/environment.h"

#include <catch2/catch.hpp>
#include <map>
#include <sstream>

#include "native/auth/base64url.h"
#include "native/auth/secret_file.h"
#include "tests/native/auth/tokens.h"
#include "tests/support/key_files.h"
#include "tests/support/process.h"
#include "tests/support/scripted_transport.h"
#include "tests/support/virtual_loop.h"

using namespace teamferry;
using namespace teamferry::auth;
using teamferry::test::TemporaryFolder;
using teamferry::test::write_file;

namespace {

using Variables = std::map<std::string, std::string>;

GetEnv environment(Variables variables) {
  return [variables = std::move(variables)](const char* name) -> const char* {
    const auto found = variables.find(name);
    return found == variables.end() ? nullptr : found->second.c_str();
  };
}

const char* const kClient = "11111111-2222-3333-4444-555555555555";
const Variables kNamed = {{"AZURE_TENANT_ID", "contoso.example"}, {"AZURE_CLIENT_ID", kClient}};

Variables named_and(Variables more) {
  more.insert(kNamed.begin(), kNamed.end());
  return more;
}

struct World {
  VirtualLoop loop;
  VirtualLoop::Wall wall{loop};
  http::ScriptedTransport wire{loop};

  Result<Credentials> read(Variables variables) {
    return credentials_from_environment(environment(std::move(variables)), wall);
  }
  // The value of a field of the form that the sign-in sends.
  std::string sent(const Credentials& credentials, const std::string& field) {
    const auto fields = credentials.proof->fields("https://login.example/t", credentials.client_id, wall.now());
    if (!fields) return fields.error().to_string();
    for (const auto& one : *fields) {
      if (one.name == field) return one.value.reveal();
    }
    return {};
  }
};

bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("The credential is read from the names that Azure's SDKs read", "[auth]") {
  World world;
  const auto read = world.read(named_and({{"AZURE_CLIENT_SECRET", " s3cret~value \n"}}));
  REQUIRE(read.ok());
  CHECK(read.value().tenant == "contoso.example");
  CHECK(read.value().client_id == kClient);
  CHECK(world.sent(*read, "client_secret") == "s3cret~value");
  CHECK(read.value().used == "the client secret (AZURE_CLIENT_SECRET)");
  CHECK(read.value().passed_over.empty());
}

TEST_CASE("What is missing is named, all at once, and no value is shown", "[auth]") {
  World world;
  struct Case {
    Variables variables;
    std::vector<std::string> named, unnamed;
  };
  const Case cases[] = {
      {{{"AZURE_TENANT_ID", "t"}, {"AZURE_CLIENT_SECRET", "  "}},
       {"lacks AZURE_CLIENT_ID, AZURE_CLIENT_SECRET (or one of"},
       {"AZURE_TENANT_ID"}},
      {{}, {"AZURE_TENANT_ID, AZURE_CLIENT_ID, AZURE_CLIENT_SECRET (or one of", "AZURE_FEDERATED_TOKEN_FILE"}, {}},
      {{{"AZURE_CLIENT_SECRET", "hidden"}},
       {"AZURE_CLIENT_SECRET is set, but the environment lacks AZURE_TENANT_ID, AZURE_CLIENT_ID"},
       {"hidden"}},
      {{{"AZURE_TENANT_ID", "t"}, {"AZURE_CLIENT_CERTIFICATE_PATH", "/x.pem"}},
       {"AZURE_CLIENT_CERTIFICATE_PATH is set, but the environment lacks AZURE_CLIENT_ID"},
       {"AZURE_TENANT_ID", "/x.pem"}},
      {named_and({{"AZURE_CLIENT_CERTIFICATE_PASSWORD", "hidden"}}),
       {"AZURE_CLIENT_CERTIFICATE_PASSWORD is set, but not AZURE_CLIENT_CERTIFICATE_PATH"},
       {"hidden"}},
      {kNamed, {"AZURE_CLIENT_SECRET (or one of AZURE_CLIENT_SECRET_FILE, AZURE_CLIENT_CERTIFICATE_PATH"}, {kClient}},
  };
  for (const auto& [variables, named, unnamed] : cases) {
    const auto read = world.read(variables);
    REQUIRE_FALSE(read.ok());
    INFO(read.error().message);
    CHECK(read.error().code == "no_credentials");
    for (const auto& name : named) CHECK(holds(read.error().message, name));
    for (const auto& name : unnamed) CHECK_FALSE(holds(read.error().message, name));
  }
}

TEST_CASE("Of several complete ways the first of the order is used, and the others are named", "[auth]") {
  World world;
  TemporaryFolder folder;
  const auto& pair = test::rsa_pair();
  write_file(folder / "app.pem", pair.key + pair.certificate);
  write_file(folder / "secret", "from-a-file\n");
  write_file(folder / "federated", "a.b.c\n");
  const std::string token = token_with({{"appid", kClient}, {"tid", "t-1"}});
  write_file(folder / "token", token);
  Variables all = named_and({{"TEAMFERRY_ACCESS_TOKEN", token},
                             {"TEAMFERRY_ACCESS_TOKEN_FILE", folder / "token"},
                             {"AZURE_CLIENT_SECRET", "s"},
                             {"AZURE_CLIENT_SECRET_FILE", folder / "secret"},
                             {"AZURE_CLIENT_CERTIFICATE_PATH", folder / "app.pem"},
                             {"AZURE_FEDERATED_TOKEN_FILE", folder / "federated"}});
  const std::vector<std::string> order = {"TEAMFERRY_ACCESS_TOKEN",        "TEAMFERRY_ACCESS_TOKEN_FILE",
                                          "AZURE_CLIENT_SECRET",           "AZURE_CLIENT_SECRET_FILE",
                                          "AZURE_CLIENT_CERTIFICATE_PATH", "AZURE_FEDERATED_TOKEN_FILE"};
  for (std::size_t i = 0; i < order.size(); ++i) {
    const auto read = world.read(all);
    INFO(order[i]);
    REQUIRE(read.ok());
    CHECK(holds(read.value().used, "(" + order[i] + ")"));
    CHECK(read.value().passed_over ==
          std::vector<std::string>(order.begin() + static_cast<std::ptrdiff_t>(i) + 1, order.end()));
    all.erase(order[i]);
  }
}

TEST_CASE("A secret in a file is read from there, and an empty or missing file is named", "[auth]") {
  World world;
  TemporaryFolder folder;
  write_file(folder / "secret", "  from~a/file \n");
  const auto read = world.read(named_and({{"AZURE_CLIENT_SECRET_FILE", folder / "secret"}}));
  REQUIRE(read.ok());
  CHECK(world.sent(*read, "client_secret") == "from~a/file");
  write_file(folder / "secret", " \n");
  for (const auto& path : {folder / "secret", folder / "nowhere", folder.path()}) {
    const auto refused = world.read(named_and({{"AZURE_CLIENT_SECRET_FILE", path}}));
    REQUIRE_FALSE(refused.ok());
    CHECK(refused.error().code == "secret_file");
    CHECK(holds(refused.error().message, path));
    CHECK(holds(refused.error().message, "AZURE_CLIENT_SECRET_FILE"));
  }
}

TEST_CASE("A file of more than a mebibyte is no secret", "[auth]") {
  TemporaryFolder folder;
  write_file(folder / "full", std::string(1024 * 1024, 'x'));
  CHECK(read_secret_file(folder / "full", "it").value().reveal().size() == 1024 * 1024);
  write_file(folder / "more", std::string(1024 * 1024 + 1, 'x'));
  CHECK(read_secret_file(folder / "more", "it").error().code == "secret_file");
}

TEST_CASE("A federated token is read anew for each sign-in", "[auth]") {
  World world;
  TemporaryFolder folder;
  const auto read = world.read(named_and({{"AZURE_FEDERATED_TOKEN_FILE", folder / "federated"}}));
  REQUIRE(read.ok());
  CHECK(holds(world.sent(*read, "client_assertion"), "federated token (AZURE_FEDERATED_TOKEN_FILE)"));
  write_file(folder / "federated", "first.one.x\n");
  CHECK(world.sent(*read, "client_assertion") == "first.one.x");
  CHECK(world.sent(*read, "client_assertion_type") == "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
  write_file(folder / "federated", "second.one.x\n");
  CHECK(world.sent(*read, "client_assertion") == "second.one.x");
  write_file(folder / "federated", "\n");
  CHECK(holds(world.sent(*read, "client_assertion"), "is empty"));
}

TEST_CASE("The certificate's settings are read, and a misspelt one is refused", "[auth]") {
  World world;
  TemporaryFolder folder;
  const auto& pair = test::rsa_pair();
  write_file(folder / "app.pem", test::encrypted_key(pair, "pass word") + pair.certificate);
  const Variables good = named_and(
      {{"AZURE_CLIENT_CERTIFICATE_PATH", folder / "app.pem"}, {"AZURE_CLIENT_CERTIFICATE_PASSWORD", "pass word"}});
  const auto header_of = [&](const Variables& variables) {
    const auto read = world.read(variables);
    REQUIRE(read.ok());
    const std::string jwt = world.sent(*read, "client_assertion");
    return *decode_base64url(jwt.substr(0, jwt.find('.')));
  };
  CHECK(holds(header_of(good), R"("alg":"PS256")"));
  CHECK_FALSE(holds(header_of(good), "x5c"));
  auto older = good;
  older["TEAMFERRY_ASSERTION_ALGORITHM"] = "rs256";
  older["AZURE_CLIENT_SEND_CERTIFICATE_CHAIN"] = "True";
  CHECK(holds(header_of(older), R"("alg":"RS256")"));
  CHECK(holds(header_of(older), "x5c"));
  for (const auto& [name, value] :
       Variables{{"TEAMFERRY_ASSERTION_ALGORITHM", "ES256"}, {"AZURE_CLIENT_SEND_CERTIFICATE_CHAIN", "maybe"}}) {
    auto wrong = good;
    wrong[name] = value;
    CHECK(world.read(wrong).error().code == "bad_setting");
    CHECK(holds(world.read(wrong).error().message, name));
  }
}

TEST_CASE("A given token says whose it is, and the environment must not contradict it", "[auth]") {
  World world;
  const std::string token = token_with({{"appid", "app-1"}, {"tid", "t-1"}});
  const auto read = world.read({{"TEAMFERRY_ACCESS_TOKEN", token}});
  REQUIRE(read.ok());
  CHECK(read.value().client_id == "app-1");
  CHECK(read.value().tenant == "t-1");
  CHECK(world.read({{"TEAMFERRY_ACCESS_TOKEN", token}, {"AZURE_TENANT_ID", "contoso.example"}}).value().tenant ==
        "contoso.example");
  const auto other = world.read({{"TEAMFERRY_ACCESS_TOKEN", token}, {"AZURE_CLIENT_ID", "app-2"}});
  CHECK(other.error().code == "other_application");
  const auto opaque = world.read({{"TEAMFERRY_ACCESS_TOKEN", "opaque"}});
  REQUIRE(opaque.ok());
  CHECK(opaque.value().client_id.empty());
  auto tokens = tokens_of(*opaque, world.wire, world.wall, clouds().front());
  CHECK(world.loop.run(tokens->token()).value() == "opaque");
  CHECK(world.wire.requests.empty());
}

TEST_CASE("A tenant that cannot be one is refused", "[auth]") {
  World world;
  for (const char* tenant : {"common", "organizations", "a/b", "x?y", "te nant"}) {
    INFO(tenant);
    auto variables = named_and({{"AZURE_CLIENT_SECRET", "s"}});
    variables["AZURE_TENANT_ID"] = tenant;
    const auto read = world.read(variables);
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

TEST_CASE("A secret is taken out of foreign text in either spelling, even a secret of one letter", "[auth]") {
  std::string text = "a s3/t, s3%2Ft and s3/ts3/t";
  redact(text, "s3/t", "<secret>");
  CHECK(text == "a <secret>, <secret> and <secret><secret>");
  std::string short_one = "yes";
  redact(short_one, "s", "<secret>");
  CHECK(short_one == "ye<secret>");
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
  const auto with_query = at_addresses(clouds().front(), "", "https://graph.example/?token=hidden");
  CHECK(with_query.error().code == "bad_url");
  CHECK(with_query.error().message.find("hidden") == std::string::npos);
}

TEST_CASE("An assertion addresses the sign-in by its own name, however it is reached", "[auth]") {
  CHECK(at_addresses(clouds().front(), "http://127.0.0.1:1", "").value().login_audience ==
        "https://login.microsoftonline.com");
  CHECK(
      cloud_from_environment(environment({{"AZURE_AUTHORITY_HOST", "https://login.example"}})).value().login_audience ==
      "https://login.example");
}

TEST_CASE("startMigration is asked of the global cloud alone, unless the user insists", "[auth]") {
  for (const auto& cloud : clouds()) {
    INFO(cloud.name);
    const auto allowed = check_road_b(cloud, false);
    CHECK(allowed.ok() == (cloud.name == "global"));
    CHECK(check_road_b(cloud, true).ok());
    if (allowed) continue;
    CHECK(allowed.error().code == "road_b_unavailable");
    CHECK(holds(allowed.error().message, cloud.name));
    CHECK(holds(allowed.error().message, "--force-road-b"));
  }
}
