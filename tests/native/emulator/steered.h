#pragma once

#include <string>

#include "tests/native/emulator/world.h"

namespace teamferry::emulator {

// A world that is steered by the control endpoint, and whose answers are looked at with what is lost of them.
struct Steered : World {
  explicit Steered(Options wanted = unlimited()) : World(std::move(wanted)) {}

  static http::Request control_request(const std::string& method, const std::string& what, const json& body = nullptr) {
    http::Request request;
    request.method = method;
    request.url = "http://localhost:4711/emulator/" + what;
    request.headers.add("Host", "localhost:4711");
    if (!body.is_null()) {
      request.headers.add("Content-Type", "application/json");
      request.body = body.dump();
    }
    return request;
  }
  Reply steer(const http::Request& request, bool loopback = true) {
    Peer peer;
    peer.loopback = loopback;
    const http::Response response = router->handle(request, peer).response;
    Reply reply;
    reply.status = response.status;
    reply.headers = response.headers;
    if (!response.body.empty()) reply.body = json::parse(response.body);
    return reply;
  }
  Reply steer(const std::string& method, const std::string& what, const json& body = nullptr) {
    return steer(control_request(method, what, body));
  }
  void rules(const json& list, int seed = 1) {
    const Reply reply = steer("PUT", "faults", {{"seed", seed}, {"rules", list}});
    INFO(reply.body.dump());
    REQUIRE(reply.status == 200);
  }
  void rule(const json& one, int seed = 1) { rules(json::array({one}), seed); }

  Outcome ask(const std::string& method, const std::string& path, const json& body = nullptr,
              const std::string& as = "full") {
    http::Request request;
    request.method = method;
    request.url = "http://graph.example:8080/v1.0" + path;
    request.headers.add("Authorization", "Bearer " + token(as));
    if (!body.is_null()) {
      request.headers.add("Content-Type", "application/json");
      request.body = body.dump();
    }
    return router->handle(request);
  }

  // Imports into one channel, each at its own millisecond.
  std::string import_path() {
    if (messages.empty()) messages = new_channel(new_team()) + "/messages";
    return messages;
  }
  static std::string created(int n) { return print_time(*read_time("2019-03-01T00:00:00Z") + n); }
  Outcome import(int n) { return ask("POST", import_path(), message_body(created(n))); }
  std::size_t stored() { return get(import_path()).body["value"].size(); }

  std::string messages;
};

}  // namespace teamferry::emulator
