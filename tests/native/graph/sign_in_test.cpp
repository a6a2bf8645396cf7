// Every kind of sign-in against the emulator's, over real sockets.
#include <catch2/catch.hpp>
#include <map>

#include "native/auth/environment.h"
#include "native/auth/roles.h"
#include "native/emulator/emulator.h"
#include "native/http/curl_loop.h"
#include "tests/support/key_files.h"
#include "tests/support/process.h"

using namespace teamferry;
using teamferry::test::TemporaryFolder;
using teamferry::test::write_file;

namespace {

const char* const kClient = "0b2e4a11-7f3c-4d05-8a66-90c1d2e3f4a5";

struct World {
  World() {
    emulator::Options options;
    options.profile = "off";
    emulator::App app{kClient, "", {"Teamwork.Migrate.All"}, "certified"};
    app.certificates = {test::rsa_pair().certificate};
    app.secrets = {{"right-secret"}};
    options.apps = {app};
    emulated = emulator::Emulator::start(std::move(options)).value();
    write_file(folder / "app.pem", test::rsa_pair().key + test::rsa_pair().certificate);
    write_file(folder / "app.pfx", test::pfx_of(test::rsa_pair(), "pass"));
    const auto other = test::make_rsa_pair();
    write_file(folder / "other.pem", other.key + other.certificate);
    write_file(folder / "secret", "right-secret\n");
  }

  Result<std::string> sign_in(std::map<std::string, std::string> variables) {
    variables.emplace("AZURE_TENANT_ID", emulated->tenant_id());
    variables.emplace("AZURE_CLIENT_ID", kClient);
    const auth::GetEnv getenv = [&](const char* name) -> const char* {
      const auto found = variables.find(name);
      return found == variables.end() ? nullptr : found->second.c_str();
    };
    auto credentials = auth::credentials_from_environment(getenv, clock);
    if (!credentials) return credentials.error();
    const auto cloud = auth::at_addresses(auth::clouds().front(), emulated->login_url(), emulated->graph_url()).value();
    const auto tokens = auth::tokens_of(std::move(*credentials), loop, clock, cloud);
    auto token = loop.run(tokens->token());
    const auto ahead = tokens->clock_ahead();
    clock_was_told = ahead && std::chrono::abs(*ahead) < std::chrono::minutes(1);
    return token;
  }

  SystemClock clock;
  http::CurlLoop loop;
  TemporaryFolder folder;
  std::unique_ptr<emulator::Emulator> emulated;
  bool clock_was_told = false;
};

}  // namespace

TEST_CASE("A client secret, from a variable or a file, gets a token", "[sign-in]") {
  World world;
  for (const auto& variables : {std::map<std::string, std::string>{{"AZURE_CLIENT_SECRET", "right-secret"}},
                                {{"AZURE_CLIENT_SECRET_FILE", world.folder / "secret"}}}) {
    const auto token = world.sign_in(variables);
    REQUIRE(token.ok());
    CHECK(auth::read_claims(*token).value().has_role("Teamwork.Migrate.All"));
    CHECK(world.clock_was_told);
  }
  CHECK(world.sign_in({{"AZURE_CLIENT_SECRET", "wrong"}}).error().code == "AADSTS7000215");
}

TEST_CASE("A registered certificate gets a token, as PEM or PFX, by PS256 or RS256, with its chain or without",
          "[sign-in]") {
  World world;
  for (const char* file : {"app.pem", "app.pfx"}) {
    for (const char* algorithm : {"PS256", "RS256"}) {
      for (const char* chain : {"false", "true"}) {
        INFO(file << " " << algorithm << " " << chain);
        const auto token = world.sign_in({{"AZURE_CLIENT_CERTIFICATE_PATH", world.folder / file},
                                          {"AZURE_CLIENT_CERTIFICATE_PASSWORD", "pass"},
                                          {"TEAMFERRY_ASSERTION_ALGORITHM", algorithm},
                                          {"AZURE_CLIENT_SEND_CERTIFICATE_CHAIN", chain}});
        if (!token) FAIL(token.error().to_string());
        CHECK(auth::read_claims(*token).value().client_id == kClient);
      }
    }
  }
}

TEST_CASE("A certificate that is not registered is refused with what to do", "[sign-in]") {
  World world;
  const auto refused = world.sign_in({{"AZURE_CLIENT_CERTIFICATE_PATH", world.folder / "other.pem"}});
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().code == "AADSTS700027");
  CHECK(refused.error().message.find("upload it there") != std::string::npos);
}

TEST_CASE("A federated token goes as the assertion, as it stands in its file", "[sign-in]") {
  World world;
  // What another issuer would write there: here a token that our own certificate has signed.
  const std::map<std::string, std::string> by_certificate = {
      {"AZURE_TENANT_ID", world.emulated->tenant_id()},
      {"AZURE_CLIENT_ID", kClient},
      {"AZURE_CLIENT_CERTIFICATE_PATH", world.folder / "app.pem"}};
  const auto signer = auth::credentials_from_environment(
      [&](const char* name) -> const char* {
        const auto found = by_certificate.find(name);
        return found == by_certificate.end() ? nullptr : found->second.c_str();
      },
      world.clock);
  const auto fields =
      signer->proof->fields(world.emulated->login_url() + "/" + world.emulated->tenant_id() + "/oauth2/v2.0/token",
                            kClient, world.clock.now());
  write_file(world.folder / "federated", fields->at(1).value.reveal() + "\n");
  CHECK(world.sign_in({{"AZURE_FEDERATED_TOKEN_FILE", world.folder / "federated"}}).ok());
  write_file(world.folder / "federated", "nothing.signed.here");
  CHECK(world.sign_in({{"AZURE_FEDERATED_TOKEN_FILE", world.folder / "federated"}}).error().code.starts_with("AADSTS"));
}
