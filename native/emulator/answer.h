#pragma once

#include <string>
#include <utility>
#include <vector>

#include "native/base/error.h"

namespace teamferry::emulator {

// What a route answers, before the router adds what every answer carries (request ids, date, error envelope).
struct Answer {
  int status = 200;
  std::string body;          // empty: none
  std::string content_type;  // empty: JSON
  std::vector<std::pair<std::string, std::string>> headers;

  // For errors: the envelope of Graph is made of these.
  std::string code;
  std::string message;
  std::string inner_code;
  std::string inner_message;

  bool is_error() const { return !code.empty(); }

  static Answer ok(std::string body) { return success(200, std::move(body)); }
  static Answer success(int status, std::string body) {
    Answer answer;
    answer.status = status;
    answer.body = std::move(body);
    return answer;
  }
  static Answer none() { return success(204, ""); }
  static Answer error(int status, std::string code, std::string message) {
    Answer answer;
    answer.status = status;
    answer.code = std::move(code);
    answer.message = std::move(message);
    return answer;
  }
  static Answer bad_request(std::string message) { return error(400, "BadRequest", std::move(message)); }
  static Answer not_found(std::string message) { return error(404, "NotFound", std::move(message)); }

  // Teams hides the telling text one level down.
  Answer&& inner(std::string inner_code_, std::string inner_message_) && {
    inner_code = std::move(inner_code_);
    inner_message = std::move(inner_message_);
    return std::move(*this);
  }
};

// The state could not be written: the only failure of the emulator's own.
inline Answer storage_failed(const Error& error) {
  return Answer::error(507, "insufficientStorage", error.message);
}

}  // namespace teamferry::emulator
