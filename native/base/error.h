#pragma once

#include <chrono>
#include <optional>
#include <string>

namespace teamferry {

// What went wrong, in the words a person needs in order to act on it: one shape from the socket to the
// script. An error of kind `service` came back from Graph or the sign-in; every other kind has status 0.
// Source: https://learn.microsoft.com/graph/errors
// Tested by tests/native/base/error_test.cpp.
struct Error {
  enum class Kind {
    transport,  // no usable answer: refused, reset, timed out, cut short
    service,    // an answer that says no
    argument,   // the caller's input is wrong: an option, a file, a record
    state,      // the thing is not in a state that allows this
  };

  Kind kind = Kind::argument;
  int status = 0;                                        // HTTP status; 0 when no response arrived
  std::string code;                                      // Graph's error.code ("TooManyRequests"), or ours ("bad_path")
  std::string message;                                   // one sentence for a person; no code branches on it
  std::string inner_message;                             // the most telling innerError.message ("SubCode-Text"), if any
  std::string request_id;                                // from the response: what Microsoft support asks for
  std::string client_request_id;                         // sent by us on every attempt: what our log is searched for
  std::optional<std::chrono::milliseconds> retry_after;  // set only when the service sent one

  // 408, 429, 500, 502, 503, 504, or no response at all.
  bool retryable() const;

  // The server may have acted although the caller cannot know: no answer, 408 or 5xx.
  bool ambiguous() const;

  // "429 TooManyRequests: Too many requests (request-id 1a0ffbc0)"
  std::string to_string() const;

  static Error argument(std::string code, std::string message);
  static Error state(std::string code, std::string message);
  static Error transport(std::string code, std::string message);
};

}  // namespace teamferry
