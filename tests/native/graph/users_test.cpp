#include <catch2/catch.hpp>

#include "native/graph/directory.h"
#include "native/http/url.h"
#include "tests/native/graph/scripted_graph.h"

using namespace teamferry;
using namespace teamferry::graph;
using namespace teamferry::http;
using namespace std::chrono_literals;

namespace {

struct Graph : ScriptedGraph {
  Result<std::optional<User>> find(std::string who) { return loop.run(client.find_user(std::move(who))); }
  std::string url(std::size_t index) const { return wire.requests.at(index).url; }
};

std::string users(const std::string& items) {
  return R"({"value":[)" + items + "]}";
}
const std::string kSelect = "$select=id,displayName,mail,userPrincipalName,accountEnabled,userType";

}  // namespace

TEST_CASE("A person is found by mail address, with its quotes doubled", "[graph]") {
  Graph graph;
  graph.wire.then(answer(200, users(R"({"id":"u","displayName":"Finn O'Hara","mail":"o'hara@x.example",
    "userPrincipalName":"finn@x.example","accountEnabled":false})")));
  const auto found = graph.find("o'hara@x.example");
  REQUIRE(found.ok());
  REQUIRE(found.value());
  CHECK(found.value()->id == "u");
  CHECK(found.value()->userPrincipalName == "finn@x.example");
  CHECK_FALSE(found.value()->accountEnabled);
  CHECK(graph.url(0) == "https://graph.example/v1.0/users?$filter=" +
                            percent_encode("mail eq 'o''hara@x.example' or userPrincipalName eq 'o''hara@x.example'") +
                            "&" + kSelect);
}

TEST_CASE("Where the filter finds nobody, the address is tried as a sign-in name", "[graph]") {
  Graph graph;
  graph.wire.then(answer(200, users(""))).then(answer(200, R"({"id":"u"})"));
  CHECK(graph.find("guest_x.example#EXT#@y.example").value()->id == "u");
  CHECK(graph.url(1) == "https://graph.example/v1.0/users/guest_x.example%23EXT%23%40y.example?" + kSelect);
}

TEST_CASE("Nobody is an answer, a refusal is not", "[graph]") {
  Graph graph;
  graph.wire.then(answer(200, users("")))
      .then(answer(404, R"({"error":{"code":"Request_ResourceNotFound"}})"))
      .then(answer(200, users("")));
  const auto nobody = graph.find("nobody@x.example");
  REQUIRE(nobody.ok());
  CHECK_FALSE(nobody.value());
  graph.wire.then(answer(403, R"({"error":{"code":"Authorization_RequestDenied"}})"));
  CHECK(graph.find("ada@x.example").error().code == "Authorization_RequestDenied");
  CHECK(graph.find("").error().code == "no_user");
}

TEST_CASE("An id is asked for directly", "[graph]") {
  Graph graph;
  graph.wire.then(answer(200, R"({"id":"8c0a1a67-50ce-4114-bb6c-da9c5dbcf6ca"})"));
  CHECK(graph.find("8c0a1a67-50ce-4114-bb6c-da9c5dbcf6ca").value());
  CHECK(graph.url(0) == "https://graph.example/v1.0/users/8c0a1a67-50ce-4114-bb6c-da9c5dbcf6ca?" + kSelect);
}

TEST_CASE("Of several with one address the living one counts, then the one that signs in with it", "[graph]") {
  Graph graph;
  graph.wire.then(answer(200, users(R"({"id":"old","userPrincipalName":"ada@x.example","accountEnabled":false},
    {"id":"guest","userPrincipalName":"ada_x#EXT#@y.example"},{"id":"own","userPrincipalName":"Ada@x.example"})")));
  CHECK(graph.find("ada@x.example").value()->id == "own");
}

TEST_CASE("Many are asked for eight at a time, and answered in order", "[graph]") {
  Graph graph;
  graph.wire.latency = 100ms;
  graph.wire.otherwise([](const Request& request) {
    const auto at = request.url.find("mail%20eq%20%27p");
    return answer(200, users(R"({"id":")" + request.url.substr(at + 16, 2) + R"("})"));
  });
  std::vector<std::string> whom;
  for (int i = 10; i < 30; ++i) whom.push_back("p" + std::to_string(i) + "@x.example");
  const auto start = graph.loop.now();
  const auto found = graph.loop.run(graph.client.find_users(whom));
  REQUIRE(found.size() == 20);
  for (int i = 0; i < 20; ++i) CHECK(found[i].value()->id == std::to_string(i + 10));
  CHECK(graph.loop.now() - start == 300ms);
  CHECK(graph.loop.run(graph.client.find_users({})).empty());
}

TEST_CASE("An address that is only an alias is found as one", "[graph]") {
  Graph graph;
  graph.wire.then(answer(200, users(""))).then(answer(404)).then(answer(200, users(R"({"id":"u"})")));
  CHECK(graph.find("a.park@x.example").value()->id == "u");
  CHECK(graph.url(2) == "https://graph.example/v1.0/users?$filter=" +
                            percent_encode("proxyAddresses/any(p:p eq 'smtp:a.park@x.example')") + "&" + kSelect);
}

TEST_CASE("Who may not ask for aliases finds nobody that way; a failure is a failure", "[graph]") {
  Graph graph;
  const int status = GENERATE(400, 403, 500);
  graph.wire.then(answer(200, users(""))).then(answer(404)).then(answer(status));
  const auto found = graph.find("a.park@x.example");
  CHECK(found.ok() == (status != 500));
}

TEST_CASE("The directory comes in pages of 999, with aliases and kind", "[graph]") {
  Graph graph;
  graph.wire
      .then(answer(200,
                   R"({"value":[{"id":"a","userType":"Guest","proxyAddresses":["SMTP:a@x.example","smtp:b@x.example"],
        "accountEnabled":false}],"@odata.nextLink":"https://graph.example/v1.0/users?$skiptoken=1"})"))
      .then(answer(200, users(R"({"id":"b","accountEnabled":null})")));
  Directory directory(graph.client, "userType eq 'Guest'");
  const auto first = graph.run(directory.next());
  REQUIRE(first.value()->size() == 1);
  const User& guest = first.value()->front();
  CHECK(guest.userType == "Guest");
  CHECK(guest.proxyAddresses == std::vector<std::string>{"SMTP:a@x.example", "smtp:b@x.example"});
  CHECK_FALSE(guest.accountEnabled);
  CHECK(guest.json.find(R"("userType":"Guest")") != std::string::npos);
  CHECK(graph.url(0) ==
        "https://graph.example/v1.0/users?$select=id,displayName,mail,userPrincipalName,accountEnabled,"
        "userType,proxyAddresses&$top=999&$filter=userType%20eq%20%27Guest%27");
  CHECK(graph.run(directory.next()).value()->front().accountEnabled);
  CHECK_FALSE(graph.run(directory.next()).value());
}
