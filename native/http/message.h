#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "native/limits/request_class.h"

namespace teamferry::http {

// Header fields in the order they stand; names compare without regard to case.
class Headers {
 public:
  void add(std::string name, std::string value) { fields_.emplace_back(std::move(name), std::move(value)); }
  // Replaces every field of that name.
  void set(std::string_view name, std::string value);
  // The first field of that name, or nullptr.
  const std::string* find(std::string_view name) const;

  auto begin() const { return fields_.begin(); }
  auto end() const { return fields_.end(); }

 private:
  std::vector<std::pair<std::string, std::string>> fields_;
};

struct Request {
  std::string method = "GET";
  std::string url;  // absolute
  Headers headers;
  std::string body;
  std::chrono::milliseconds timeout{60'000};  // for the whole exchange

  // A request that creates something never rides a reused connection: libcurl repeats a POST by itself
  // when a kept-alive connection turns out to be dead.
  bool fresh_connection = false;

  // How the row of policies treats this request (http/policy.h).
  bool retry = true;      // false: every attempt is the caller's own
  bool authorize = true;  // false: no bearer token (upload sessions, sign-in)
  // Which of the service's budgets it takes from, and the conversation or team whose pace it keeps (empty: none).
  limits::RequestClass request_class = limits::RequestClass::unpaced;
  std::string pace_key;
  std::string route;  // path template for the log: "POST /teams/{team}/channels"
  int attempt = 1;    // counted by the retry policy, told by the log
};

struct Response {
  int status = 0;
  Headers headers;
  std::string body;
};

}  // namespace teamferry::http
