#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>

#include "native/base/clock.h"
#include "native/base/loop.h"
#include "native/http/transport.h"

// The client is a row of policies, each a Transport that wraps the next:
//
//   client-request-id -> retry -> service errors -> throttle -> auth -> log -> transport
//
// Left of retry runs once a call, right of it once an attempt. To the right of `service errors` any HTTP status is
// a Response; to the left a status of 400 and above is an Error, and that policy is the only place where one
// becomes the other. The throttle policy is throttle/policy.h, the auth policy auth/policy.h, the whole row
// graph/pipeline.h.
//
// A policy refers to what it is given; all of it must outlive the tasks of send().
// Tested by tests/native/http/policy_test.cpp.
namespace teamferry::http {

// A source of random bits, seeded by whoever builds the row. The same seed gives the same run.
using Random = std::function<std::uint64_t()>;

// A random GUID (version 4) in its usual 36 characters.
std::string random_guid(const Random& random);

// Names the call: the same client-request-id on every attempt. One that is set already stays.
class ClientRequestIdPolicy : public Transport {
 public:
  ClientRequestIdPolicy(Transport& next, Random random) : next_(next), random_(std::move(random)) {}
  Task<Result<Response>> send(Request request) override;

 private:
  Transport& next_;
  Random random_;
};

// Repeats what may succeed later: Error::retryable(), and a 412 that speaks of a version mismatch. Waits the
// longer of Retry-After and the back-off: 1, 2, 4 ... 300 s, each with up to 20 % more or less; a 429 without
// Retry-After waits 5 s at least. Leaves requests alone whose `retry` is false.
class RetryPolicy : public Transport {
 public:
  struct Options {
    int max_retries = 5;
    std::chrono::seconds longest_backoff{300};
    // Told before each wait, so that every wait is visible.
    std::function<void(const Request&, const Error&, Loop::Duration)> on_wait;
    // Asked four times a second while waiting. true: the wait ends, and the last error stands.
    std::function<bool()> stopping;
  };
  RetryPolicy(Transport& next, Loop& loop, Random random) : RetryPolicy(next, loop, std::move(random), Options{}) {}
  RetryPolicy(Transport& next, Loop& loop, Random random, Options options)
      : next_(next), loop_(loop), random_(std::move(random)), options_(std::move(options)) {}
  Task<Result<Response>> send(Request request) override;

 private:
  Loop::Duration wait_after(const Error& error, int failures) const;
  Task<bool> pause(Loop::Duration time);

  Transport& next_;
  Loop& loop_;
  Random random_;
  Options options_;
};

// Turns a refusal into an Error (http/service_error.h) and gives every Error the client-request-id.
class ServiceErrorPolicy : public Transport {
 public:
  ServiceErrorPolicy(Transport& next, const WallClock& clock) : next_(next), clock_(clock) {}
  Task<Result<Response>> send(Request request) override;

 private:
  Transport& next_;
  const WallClock& clock_;
};

// One attempt as the log tells it. Holds no address, header or body: those carry tokens and people's words.
struct Attempt {
  std::string route;  // "POST /teams/{team}/channels"; the method alone if the request named none
  int status = 0;     // 0: no answer, see `failure`
  std::string failure;
  std::chrono::milliseconds time{0};
  int number = 1;
  std::string client_request_id;
  std::string request_id;  // Graph's request-id or the sign-in's x-ms-request-id, if it looks like one

  // "POST /teams 202 35 ms, attempt 1, client-request-id .., request-id .."
  std::string to_string() const;
};

// Tells a sink about each attempt when it has ended.
class LogPolicy : public Transport {
 public:
  using Sink = std::function<void(const Attempt&)>;
  LogPolicy(Transport& next, const Loop& loop, Sink sink) : next_(next), loop_(loop), sink_(std::move(sink)) {}
  Task<Result<Response>> send(Request request) override;

 private:
  Transport& next_;
  const Loop& loop_;
  Sink sink_;
};

}  // namespace teamferry::http
