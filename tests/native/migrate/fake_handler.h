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
// The channel or chat that a request is about.
std::string conversation_of(const std::vector<std::string>& segments);
// An import's createdDateTime; 0: it names none.
std::int64_t time_of(const http::Request& import);

// Graph's error envelope.
http::Response refusal(int status, const char* code, const std::string& message, const std::string& inner = "");

// What a reader is told, of the whole conversation or of one message of it (fake_reading.cpp). `below`: how many
// segments name the conversation.
http::Response read(Store& store, const Channel& channel, const http::Request& request, std::size_t below);
http::Response shown(const Message& message);

// Acts upon the request at Store::now.
http::Response act(Store& store, const http::Request& request);

}  // namespace teamferry::fake
