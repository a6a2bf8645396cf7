#pragma once

#include <catch2/catch.hpp>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "native/emulator/router.h"
#include "native/emulator/time.h"

// An emulator without sockets at a time of the test's choosing, and the steps that most tests begin with.
namespace teamferry::emulator {

using nlohmann::json;

class FakeClock : public WallClock {
 public:
  DateTime now() const override { return DateTime{ms}; }
  std::int64_t ms = *read_time("2026-05-04T10:00:00Z");
};

struct Reply {
  int status = 0;
  http::Headers headers;
  std::string text;  // the body as it came
  json body;         // null when there is none, or no JSON

  std::string header(std::string_view name) const {
    const std::string* found = headers.find(name);
    return found == nullptr ? "" : *found;
  }
  std::string code() const { return body["error"]["code"]; }
  std::string message() const { return body["error"]["message"]; }
  std::string inner() const { return body["error"]["innerError"].value("message", ""); }
};

// One way to make a good body bad.
struct Change {
  const char* name;
  void (*make)(json& body);
};

struct World {
  FakeClock clock;
  Options options;
  std::unique_ptr<Router> router;
  std::map<std::string, std::string> tokens;  // by the app's name

  explicit World(Options wanted = unlimited()) : options(std::move(wanted)) { restart(); }
  // What a test is not about must not throttle it.
  static Options unlimited() {
    Options options;
    options.profile = "off";
    return options;
  }

  void restart() {
    router.reset();
    options.clock = &clock;
    auto opened = Router::open(options);
    if (!opened) FAIL(opened.error().to_string());
    router = std::move(opened).value();
  }

  App app(const std::string& name) const {
    for (const App& each : router->apps()) {
      if (each.name == name) return each;
    }
    FAIL("no app " << name);
    return {};
  }

  Reply send(http::Request request) {
    request.url = "http://graph.example:8080" + request.url;
    http::Response response = router->handle(request).response;
    Reply reply{response.status, response.headers, response.body, nullptr};
    reply.body = json::parse(response.body, nullptr, false);
    if (reply.body.is_discarded()) reply.body = nullptr;
    return reply;
  }

  Reply sign_in(const std::string& form, const std::string& tenant = "7e1f0c52-3b7a-4d8e-9c41-5a2b6d90e3f7") {
    http::Request request;
    request.method = "POST";
    request.url = "/" + tenant + "/oauth2/v2.0/token";
    request.headers.add("Content-Type", "application/x-www-form-urlencoded");
    request.body = form;
    return send(std::move(request));
  }

  std::string form(const std::string& name) const {
    const App wanted = app(name);
    return "client_id=" + wanted.client_id + "&client_secret=" + wanted.client_secret +
           "&scope=https%3A%2F%2Fgraph.microsoft.com%2F.default&grant_type=client_credentials";
  }

  const std::string& token(const std::string& name) {
    std::string& held = tokens[name];
    if (held.empty()) held = sign_in(form(name)).body["access_token"];
    return held;
  }

  // `body` null: none. `path` may be a whole address, as a next link is.
  Reply call(const std::string& method, std::string path, const json& body = nullptr, const std::string& as = "full") {
    return raw(method, std::move(path), body.is_null() ? "" : body.dump(), as);
  }
  Reply raw(const std::string& method, std::string path, const std::string& body, const std::string& as = "full") {
    http::Request request;
    request.method = method;
    const std::string base = "http://graph.example:8080";
    if (path.compare(0, base.size(), base) == 0) path.erase(0, base.size());
    request.url = path.compare(0, 2, "/v") == 0 || path.compare(0, 5, "/beta") == 0 ? path : "/v1.0" + path;
    request.headers.add("Authorization", "Bearer " + token(as));
    if (!body.empty()) request.headers.add("Content-Type", "application/json");
    request.body = body;
    return send(std::move(request));
  }
  Reply get(const std::string& path, const std::string& as = "full") { return call("GET", path, nullptr, as); }
  Reply post(const std::string& path, const json& body = nullptr, const std::string& as = "full") {
    return call("POST", path, body, as);
  }

  json team_body() const {
    return {{"@microsoft.graph.teamCreationMode", "migration"},
            {"template@odata.bind", "https://graph.microsoft.com/v1.0/teamsTemplates('standard')"},
            {"displayName", "Orbit archive"},
            {"createdDateTime", "2019-01-07T08:00:00Z"}};
  }
  json channel_body(const std::string& name) const {
    return {{"@microsoft.graph.channelCreationMode", "migration"},
            {"displayName", name},
            {"createdDateTime", "2019-01-07T08:00:01Z"}};
  }
  json message_body(const std::string& created = "2019-02-04T19:58:15.511Z") const {
    const User ada = router->users().front();
    return {{"createdDateTime", created},
            {"from", {{"user", {{"id", ada.id}, {"displayName", "Ada"}, {"userIdentityType", "aadUser"}}}}},
            {"body", {{"contentType", "html"}, {"content", "<p>Launch moved</p>"}}}};
  }

  // The path of a new team, of a new channel of it, of its General.
  std::string new_team() { return team_path(post("/teams", team_body())); }
  static std::string team_path(const Reply& created) {
    const std::string location = created.header("Content-Location");
    return "/teams/" + location.substr(8, 36);
  }
  // A team that nobody migrates.
  std::string new_normal_team() {
    json body = team_body();
    body.erase("@microsoft.graph.teamCreationMode");
    body.erase("createdDateTime");
    const std::string owner = "https://graph.microsoft.com/v1.0/users('" + router->users().front().id + "')";
    const json member = {{"@odata.type", "#microsoft.graph.aadUserConversationMember"},
                         {"roles", json::array({"owner"})},
                         {"user@odata.bind", owner}};
    body["members"] = json::array({member});
    const Reply created = post("/teams", body);
    REQUIRE(created.status == 202);
    return team_path(created);
  }
  std::string new_channel(const std::string& team, const std::string& name = "launch-room") {
    const Reply created = post(team + "/channels", channel_body(name));
    REQUIRE(created.status == 202);
    return team + "/channels/" + created.body["id"].get<std::string>();
  }
  // A channel that nobody migrates, of a normal team.
  std::string new_normal_channel(const std::string& team, const json& body = {{"displayName", "talk"}}) {
    const Reply created = post(team + "/channels", body);
    REQUIRE(created.status == 201);
    return team + "/channels/" + created.body["id"].get<std::string>();
  }
  // As bodies name a member.
  static json member(const std::string& user, const json& roles = json::array({"owner"})) {
    return {{"@odata.type", "#microsoft.graph.aadUserConversationMember"},
            {"roles", roles},
            {"user@odata.bind", "https://graph.microsoft.com/v1.0/users('" + user + "')"}};
  }
  // The id of the tenant's user with this number.
  std::string user(std::size_t number) const { return router->users().at(number).id; }
  // The body for a chat of the first `count` users.
  json chat_body(const std::string& type, std::size_t count) const {
    json members = json::array();
    for (std::size_t i = 0; i < count; ++i) members.push_back(member(user(i)));
    return {{"chatType", type}, {"members", members}};
  }
  std::string new_chat(const std::string& type = "group", std::size_t count = 3) {
    const Reply created = post("/chats", chat_body(type, count));
    REQUIRE(created.status == 201);
    return "/chats/" + created.body["id"].get<std::string>();
  }
  std::string general(const std::string& team) {
    return team + "/channels/" + get(team + "/primaryChannel").body["id"].get<std::string>();
  }
};

}  // namespace teamferry::emulator
