#pragma once

#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <memory>
#include <nlohmann/json.hpp>
#include <random>

#include "native/emulator/emulator.h"
#include "native/graph/client.h"
#include "native/graph/files.h"
#include "native/graph/pipeline.h"
#include "native/http/curl_loop.h"

namespace teamferry::graph {

inline emulator::Options unthrottled() {
  emulator::Options options;
  options.profile = "off";
  return options;
}

// The client, its whole row of policies and the event loop against an emulator, over real sockets.
struct EmulatedGraph {
  explicit EmulatedGraph(emulator::Options options = unthrottled(), std::string app = "full")
      : emulated(emulator::Emulator::start(std::move(options)).value()),
        cloud(auth::at_addresses(auth::clouds().front(), emulated->login_url(), emulated->graph_url()).value()),
        tokens(loop, clock, cloud, credential(app)),
        pipeline(loop, clock, loop, tokens, pace, row()),
        client(loop, pipeline, {cloud.graph_url, "v1.0"}) {}

  auth::ClientSecret credential(const std::string& name) {
    for (const auto& app : emulated->apps()) {
      if (app.name == name) return {emulated->tenant_id(), app.client_id, auth::Secret(app.client_secret)};
    }
    throw std::logic_error("no such app: " + name);
  }
  Pipeline::Options row() {
    Pipeline::Options chosen;
    chosen.graph_url = cloud.graph_url;
    chosen.random = [source = std::make_shared<std::mt19937_64>(1)] { return (*source)(); };
    return chosen;
  }
  template <class T>
  T run(Task<T> task) {
    return loop.run(std::move(task));
  }

  const Patience kSoon{std::chrono::milliseconds(5), std::chrono::seconds(10)};

  std::string new_team() {
    const std::string body = fmt::format(
        R"({{"@microsoft.graph.teamCreationMode":"migration","template@odata.bind":"{}","displayName":"Orbit archive",)"
        R"("createdDateTime":"2019-01-07T08:00:00.000Z"}})",
        client.url("/teamsTemplates('standard')"));
    const auto created = run(client.create_team(body));
    REQUIRE(created.ok());
    const auto team = run(client.wait_for_team(created.value(), kSoon));
    REQUIRE(team.ok());
    CHECK(team.value().displayName == "Orbit archive");
    return created.value().team_id;
  }
  std::string new_channel(const std::string& team) {
    const auto id = run(client.create_channel(
        team, R"({"@microsoft.graph.channelCreationMode":"migration","displayName":"launch-room",)"
              R"("membershipType":"standard","createdDateTime":"2019-01-07T08:00:01.000Z"})"));
    REQUIRE(id.ok());
    const auto channel = run(client.wait_for_channel(team, id.value(), kSoon));
    REQUIRE(channel.ok());
    CHECK(channel.value().displayName == "launch-room");
    CHECK(channel.value().migrationMode == MigrationMode::inProgress);
    return id.value();
  }
  std::string body(int second, const std::string& text) {
    return fmt::format(
        R"({{"createdDateTime":"2019-02-04T19:{:02}:{:02}.511Z","from":{{"user":{{"id":"{}","displayName":"Ada Park",)"
        R"("userIdentityType":"aadUser"}}}},"body":{{"contentType":"html","content":"{}"}}}})",
        second / 60, second % 60, author(), text);
  }
  // Adds a fault rule from here on.
  void add_faults(const std::string& rule) {
    http::Request request;
    request.method = "POST";
    request.url = emulated->graph_url() + "/emulator/faults";
    request.headers.add("Content-Type", "application/json");
    request.body = R"({"rules":[)" + rule + "]}";
    const auto response = run(loop.send(std::move(request)));
    REQUIRE(response.ok());
    INFO(response.value().body);
    REQUIRE(response.value().status < 300);
  }

  std::string download(const DriveItem& item) {
    const auto json = nlohmann::json::parse(item.json);
    http::Request request;
    request.url = json.at("@microsoft.graph.downloadUrl").get<std::string>();
    const auto response = run(loop.send(std::move(request)));
    REQUIRE(response.ok());
    return response.value().body;
  }

  std::string user(const std::string& name) { return emulated->ensure_user(name, name + "@orbit.example").value().id; }
  // As bodies name a member.
  std::string member(const std::string& name, const std::string& roles = R"(["owner"])") {
    return fmt::format(R"({{"@odata.type":"#microsoft.graph.aadUserConversationMember","roles":{},)"
                       R"("user@odata.bind":"{}"}})",
                       roles, client.url(fmt::format("/users('{}')", user(name))));
  }
  std::string chat_body(const std::string& type, const std::vector<std::string>& names) {
    std::string members;
    for (const auto& name : names) members += (members.empty() ? "" : ",") + member(name);
    return fmt::format(R"({{"chatType":"{}","members":[{}]}})", type, members);
  }
  std::string author() { return emulated->ensure_user("Ada Park", "ada@orbit.example").value().id; }

  SystemClock clock;
  http::CurlLoop loop;
  throttle::Pace pace{throttle::no_limits()};
  std::unique_ptr<emulator::Emulator> emulated;
  auth::Cloud cloud;
  auth::ClientSecretSource tokens;
  Pipeline pipeline;
  Client client;
};

}  // namespace teamferry::graph
