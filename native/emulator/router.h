#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "native/base/clock.h"
#include "native/base/result.h"
#include "native/emulator/behaviour.h"
#include "native/emulator/emulator.h"
#include "native/emulator/request_log.h"
#include "native/emulator/scaled_clock.h"
#include "native/emulator/signin.h"
#include "native/emulator/store.h"
#include "native/emulator/traffic.h"
#include "native/http/message.h"

namespace teamferry::emulator {

// How much of an answer the client gets.
enum class Cut {
  none,   // all of it
  reset,  // nothing: the connection is reset
  half,   // the head and half of the body, then the connection ends
};

// What becomes of a request: its answer, how long the answer is held back, and what is lost on the way.
struct Outcome {
  http::Response response;
  std::chrono::milliseconds delay{0};
  Cut cut = Cut::none;
};

// Where a request came from.
struct Peer {
  bool loopback = true;  // from this machine
};

// From a request to its answer, without any socket: sign-in, routes, roles, state. All methods may be called from
// any thread; one request is acted upon at a time.
// Tested by tests/native/emulator/*_test.cpp.
class Router {
 public:
  static Result<std::unique_ptr<Router>> open(Options options);

  // The url's host is what links in answers are made of.
  Outcome handle(const http::Request& request, Peer peer = {});

  // The answer to a request whose body is over the limit and was not read (E96).
  Outcome refuse_too_large(const http::Request& request);

  const Tenant& tenant() const { return store_->tenant(); }  // never changes
  std::vector<App> apps() const;
  std::vector<User> users() const;
  std::optional<User> find_user(const std::string& whom) const;
  Result<User> ensure_user(const std::string& display_name, const std::string& mail);
  Stats stats() const;
  double speed() const { return given_.speed; }
  std::string profile() const;  // in force: that of the scenario, if it has one

 private:
  Router(Options options, Behaviour behaviour, std::unique_ptr<Store> store);

  // A request on its way; a part of a $batch has one of its own.
  struct Turn {
    std::int64_t now = 0;               // ms
    std::string base;                   // "http://127.0.0.1:4711", as the client named it
    std::string version;                // "v1.0", "beta", or what stood there
    std::vector<std::string> segments;  // decoded, behind the version
    std::string_view query;
    TrafficClass kind;
    Place place;
    Befallen befallen;
    std::string app;     // client id of the caller, once it is known
    std::string budget;  // that throttled it
    bool part = false;   // of a $batch
  };
  // Faults, sign-in or Graph, and the request log. What befell the request stays in the turn: it is the caller's to
  // cut and to delay the answer.
  http::Response respond(const http::Request& request, Turn& turn);
  http::Response act(const http::Request& request, Turn& turn, bool to_sign_in);
  Answer route(const http::Request& request, Turn& turn);
  Answer batch(const http::Request& request, Turn& turn, const Caller& caller);  // batch.cpp
  std::optional<Answer> throttle(Turn& turn, const Caller& caller);
  void stand(std::int64_t now);  // sets the delays that faults stand for
  std::chrono::milliseconds in_real_time(std::chrono::milliseconds wait) const;
  http::Response finish(const http::Request& request, Answer answer, std::int64_t now);

  mutable std::mutex mutex_;
  Options options_;
  const Options given_;  // as they were before standing faults changed the delays
  SystemClock system_clock_;
  ScaledClock clock_;
  Behaviour behaviour_;
  std::unique_ptr<Store> store_;
  SignIn sign_in_;
  RequestLog log_;
  Stats stats_;
  std::int64_t date_second_ = -1;  // of the Date header below
  std::string date_;
};

}  // namespace teamferry::emulator
