// A secret that stands in any of its places is found in no other: no log, journal, report, line on the screen.
#include <algorithm>
#include <catch2/catch.hpp>
#include <chrono>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <sstream>

#include "native/auth/base64url.h"
#include "native/auth/certificate.h"
#include "native/base/clock.h"
#include "tests/end_to_end/witness.h"
#include "tests/support/key_files.h"
#include "tests/support/socket_server.h"

using namespace teamferry;
using namespace teamferry::test;
using nlohmann::json;

namespace {

const std::string kSample = TEAMFERRY_SOURCE_DIR "/examples/sample-export";
const char* const kClient = "0b2e4a11-7f3c-4d05-8a66-90c1d2e3f4a5";
const char* const kSecret = "Kq8~planted.client-secret_/+x";
const char* const kEncodedSecret = "Kq8~planted.client-secret_%2F%2Bx";
const char* const kHeadOfTokens = "eyJhbGci";  // {"alg": how each token and assertion begins
const char* const kPassword = "planted certificate password";

// A token as Graph gives them, with a signature to look for.
std::string token_with_end(const std::string& id, std::int64_t expires) {
  const json claims = {{"appid", kClient},
                       {"tid", "t"},
                       {"exp", expires},
                       {"uti", id},
                       {"roles", {"Teamwork.Migrate.All", "Team.ReadBasic.All", "Channel.ReadBasic.All"}}};
  return auth::encode_base64url(R"({"alg":"none"})") + "." + auth::encode_base64url(claims.dump()) + "." +
         auth::encode_base64url("planted signature " + id);
}

std::string tail_of(const std::string& token) {
  return token.substr(token.rfind('.') + 1);
}

// The folder that a person works in, and the one where the secrets lie.
struct Desk {
  TemporaryFolder work, vault;
  std::vector<std::string> planted;  // what must not show
  std::string shown;                 // everything that came to the screen

  std::string keep(const std::string& secret) {
    planted.push_back(secret);
    return secret;
  }
  Outcome does(const std::string& command, const std::vector<std::string>& target, const Environment& environment) {
    std::vector<std::string> words = {command, "slack", "--export", kSample, "--journal", "journal.db", "--json"};
    if (command != "status") words.insert(words.end(), {"--log", "requests.log", "--pace", "off"});
    if (command != "status") words.insert(words.end(), target.begin(), target.end());
    const Outcome outcome = run(words, environment, std::chrono::seconds(120), work.path());
    shown += outcome.out + outcome.err;
    return outcome;
  }

  // Says where, so that a failure can be mended.
  std::string leaks() const {
    std::string found;
    const auto look = [&](const std::string& place, const std::string& text) {
      for (const auto& secret : planted) {
        if (const auto where = text.find(secret); where != std::string::npos) {
          found += place + ": " + text.substr(where < 100 ? 0 : where - 100, 200) + "\n";
        }
      }
    };
    look("screen", shown);
    for (const auto& entry : std::filesystem::recursive_directory_iterator(work.path())) {
      if (entry.is_regular_file()) look(entry.path().filename().string(), read_file(entry.path().string()));
    }
    return found;
  }
};

// One way to sign in: its variables, the same with a wrong secret, and how that ends.
struct Way {
  Environment right, wrong;
  int wrong_code;
  std::string wrong_words;
};

Way way_of(const std::string& kind, Desk& desk, const Witness& witness) {
  const auto in_vault = [&desk](const std::string& name, const std::string& content) {
    write_file(desk.vault / name, content);
    return desk.vault / name;
  };
  const auto& pair = rsa_pair();
  if (kind == "secret") {
    return {{{"AZURE_CLIENT_SECRET", kSecret}},
            {{"AZURE_CLIENT_SECRET", desk.keep("wrong~planted/secret")}},
            5,
            "AADSTS7000215"};
  }
  if (kind == "secret file") {
    return {{{"AZURE_CLIENT_SECRET_FILE", in_vault("secret", kSecret + std::string("\n"))}},
            {{"AZURE_CLIENT_SECRET_FILE", in_vault("wrong", desk.keep("wrong~planted/secret"))}},
            5,
            "AADSTS7000215"};
  }
  if (kind == "certificate") {
    const std::string file = in_vault("app.pem", encrypted_key(pair, kPassword) + pair.certificate);
    return {{{"AZURE_CLIENT_CERTIFICATE_PATH", file}, {"AZURE_CLIENT_CERTIFICATE_PASSWORD", kPassword}},
            {{"AZURE_CLIENT_CERTIFICATE_PATH", file},
             {"AZURE_CLIENT_CERTIFICATE_PASSWORD", desk.keep("wrong planted password")}},
            2,
            "AZURE_CLIENT_CERTIFICATE_PASSWORD"};
  }
  if (kind == "federated") {
    write_file(desk.vault / "open.pem", pair.key + pair.certificate);
    auth::CertificateFile issuer;
    issuer.path = desk.vault / "open.pem";
    const SystemClock clock;
    const auto fields = auth::prove_by_certificate(issuer, clock.now())
                            .value()
                            ->fields("https://login.microsoftonline.com/" +
                                         witness.environment().at("AZURE_TENANT_ID") + "/oauth2/v2.0/token",
                                     kClient, clock.now())
                            .value();
    const std::string token = fields.back().value.reveal();
    desk.keep(tail_of(token));
    return {{{"AZURE_FEDERATED_TOKEN_FILE", in_vault("federated", token)}},
            {{"AZURE_FEDERATED_TOKEN_FILE", in_vault("broken", desk.keep("planted.federated.token"))}},
            5,
            "AADSTS"};
  }
  desk.keep(tail_of(witness.token()));
  const std::string old = token_with_end("old", 1'000'000'000);
  desk.keep(tail_of(old));
  return {{{"TEAMFERRY_ACCESS_TOKEN_FILE", in_vault("token", witness.token())}},
          {{"TEAMFERRY_ACCESS_TOKEN", old}},
          4,
          "ended at 2001-09-09"};
}

// Answers everything with a refusal that repeats what it was sent, in words, code and headers. People are found, and
// the token endpoint gives `token` unless that is empty.
void repeat(Connection& connection, const std::string& token, const std::string& code) {
  for (std::string request = connection.read_request(); !request.empty(); request = connection.read_request()) {
    std::string line = request;
    std::replace_if(
        line.begin(), line.end(), [](char c) { return c == '\r' || c == '\n'; }, ' ');
    const auto authorization = request.find("Bearer ");
    const std::string bearer = authorization == std::string::npos
                                   ? std::string("none")
                                   : request.substr(authorization, request.find('\r', authorization) - authorization);
    if (request.find("/oauth2/v2.0/token") != std::string::npos) {
      if (!token.empty()) {
        connection.answer(json{{"token_type", "Bearer"}, {"expires_in", 3599}, {"access_token", token}}.dump());
        continue;
      }
      const std::string body =
          json{{"error", "invalid_client"}, {"error_description", "AADSTS7000215: you sent " + line}}.dump();
      connection.write("HTTP/1.1 401 Unauthorized\r\nx-ms-request-id: " + std::string(kSecret) +
                       "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
    } else if (request.find("/users") != std::string::npos) {
      const json user = {{"id", "8c0a1a67-50ce-4114-bb6c-da9c5dbcf6ca"}, {"userPrincipalName", "archive@acme.example"}};
      json body = user;
      body["value"] = {user};
      connection.answer(body.dump());
    } else {
      const std::string body = json{{"error",
                                     {{"code", code.empty() ? bearer : code},
                                      {"message", "you sent " + line},
                                      {"innerError", {{"message", line}, {"request-id", bearer}}}}}}
                                   .dump();
      connection.write(
          "HTTP/1.1 " + std::string(code.empty() ? "403 Forbidden" : "401 Unauthorized") + "\r\nrequest-id: " + bearer +
          "\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
    }
  }
}

}  // namespace

TEST_CASE("A migration leaves no secret behind, however it signs in, rightly or wrongly", "[secret]") {
  const std::string kind = GENERATE("secret", "secret file", "certificate", "federated", "given token");
  INFO(kind);
  Desk desk;
  const auto& pair = rsa_pair();
  const json app = {{"client_id", kClient},
                    {"secrets", {kSecret}},
                    {"certificates", {pair.certificate}},
                    {"roles",
                     {"Teamwork.Migrate.All", "Team.ReadBasic.All", "Channel.ReadBasic.All", "ChannelMessage.Read.All",
                      "TeamMember.ReadWrite.All", "User.Read.All"}}};
  write_file(desk.vault / "seed.json", json{{"apps", {app}}}.dump());
  const Witness witness(desk.vault.path(), {"--profile", "off", "--seed", desk.vault / "seed.json"});
  desk.planted = {kSecret, kEncodedSecret, kPassword, pair.key.substr(100, 40), kHeadOfTokens, "Bearer "};

  Way way = way_of(kind, desk, witness);
  for (auto* variables : {&way.right, &way.wrong}) {
    for (const char* name : {"AZURE_TENANT_ID", "AZURE_CLIENT_ID"}) {
      variables->emplace(name, witness.environment().at(name));
    }
  }
  auto target = witness.target();
  target.insert(target.end(), {"--fallback", witness.fallback()});

  const Outcome refused = desk.does("plan", target, way.wrong);
  INFO(refused.err);
  CHECK(refused.exit_code == way.wrong_code);
  CHECK(refused.err.find(way.wrong_words) != std::string::npos);
  for (const char* command : {"plan", "run", "status", "complete", "verify"}) {
    const Outcome outcome = desk.does(command, target, way.right);
    INFO(command << ": " << outcome.err);
    REQUIRE(outcome.exit_code == 0);
    CHECK(desk.does("run", target, way.wrong).exit_code == way.wrong_code);
  }
  const std::string log = read_file(desk.work / "requests.log");
  CHECK((kind == "given token" || log.find("POST /{tenant}/oauth2/v2.0/token 200") != std::string::npos));
  CHECK(log.find("POST /teams/{team}/channels/{channel}/messages 200") != std::string::npos);
  CHECK(desk.leaks() == "");
}

TEST_CASE("A service that repeats what it was sent does not bring a secret to light", "[secret]") {
  // The code decides what the client does next: give up, or renew the token and try again.
  const std::string code = GENERATE("", "InvalidAuthenticationToken");
  Desk desk;
  const std::string token = token_with_end("planted", 4'000'000'000);
  desk.planted = {kSecret, kEncodedSecret, kHeadOfTokens, tail_of(token), "Bearer eyJ"};
  const SocketServer service([&](Connection& connection) { repeat(connection, token, code); });
  const SocketServer sign_in([&](Connection& connection) { repeat(connection, "", code); });
  const Environment environment = {
      {"AZURE_TENANT_ID", "acme.example"}, {"AZURE_CLIENT_ID", kClient}, {"AZURE_CLIENT_SECRET", kSecret}};
  const auto target_at = [&](const SocketServer& login) {
    return std::vector<std::string>{"--graph-url", service.url(""), "--login-url",
                                    login.url(""), "--fallback",    "archive@acme.example"};
  };
  CHECK(desk.does("plan", target_at(sign_in), environment).exit_code == 5);
  const Outcome planned = desk.does("plan", target_at(service), environment);
  INFO(planned.err);
  REQUIRE(planned.exit_code == 0);
  for (const char* command : {"run", "status", "verify", "complete"})
    desk.does(command, target_at(service), environment);
  CHECK(desk.shown.find("you sent") != std::string::npos);
  CHECK(desk.shown.find("<secret>") != std::string::npos);
  CHECK(desk.shown.find("<token>") != std::string::npos);
  CHECK(desk.leaks() == "");
}

TEST_CASE("A crash of the program would write no core file", "[secret]") {
  TemporaryFolder folder;
  const Witness witness(folder.path(), {});
  const std::string limits = read_file("/proc/" + std::to_string(witness.process().pid()) + "/limits");
  const auto line = limits.find("Max core file size");
  REQUIRE(line != std::string::npos);
  std::istringstream words(limits.substr(line + 18));
  std::string soft, hard;
  words >> soft >> hard;
  CHECK(soft == "0");
  CHECK(hard == "0");
}
