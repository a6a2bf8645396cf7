#pragma once

#include <string>

#include "native/graph/client.h"
#include "native/http/policy.h"
#include "tests/support/scripted_transport.h"
#include "tests/support/virtual_loop.h"

namespace teamferry::graph {

// The client over a row that turns refusals into errors and repeats nothing.
struct ScriptedGraph {
  VirtualLoop loop;
  VirtualLoop::Wall wall{loop};
  http::ScriptedTransport wire{loop};
  http::ServiceErrorPolicy errors{wire, wall};
  Client client{loop, errors, {"https://graph.example", "v1.0"}};

  const http::Request& request(std::size_t index = 0) const { return wire.requests.at(index); }
  // Method and address without the host: "GET /v1.0/users".
  std::string line(std::size_t index) const {
    const std::string host = "https://graph.example";
    const auto& asked = request(index);
    return asked.method + " " + (asked.url.starts_with(host) ? asked.url.substr(host.size()) : asked.url);
  }
  template <class T>
  T run(Task<T> task) {
    return loop.run(std::move(task));
  }
};

inline http::Response refusal(int status, const std::string& code, const std::string& message,
                              const std::string& inner = "") {
  return http::answer(status, R"({"error":{"code":")" + code + R"(","message":")" + message +
                                  R"(","innerError":{"message":")" + inner + R"("}}})");
}

}  // namespace teamferry::graph
