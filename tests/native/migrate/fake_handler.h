#pragma once

#include <string>
#include <vector>

#include "fake_service.h"

// How the model of the service answers a request that arrives whole.
namespace teamferry::fake {

struct Address {
  std::vector<std::string> segments;
  std::string query;
};

Address parse(const std::string& url);

bool is_import(const http::Request& request);

// Graph's error envelope.
http::Response refusal(int status, const char* code, const std::string& message, const std::string& inner = "");

// Acts upon the request at Store::now.
http::Response act(Store& store, const http::Request& request);

}  // namespace teamferry::fake
