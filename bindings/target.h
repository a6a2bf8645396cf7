#pragma once

#include <functional>
#include <memory>
#include <string>

#include "native/base/result.h"
#include "native/emulator/emulator.h"
#include "native/http/message.h"
#include "native/migrate/session.h"

namespace teamferry::auth {
struct Cloud;
class TokenSource;
}  // namespace teamferry::auth
namespace teamferry::http {
class CurlLoop;
}

namespace teamferry::bindings {

// Where a migration goes to, with everything between us and there: loop, sign-in, policies, client, pace.
// Belongs to one thread.
class Target {
 public:
  struct Options {
    std::string name;       // emulator, or a cloud's; empty: by the addresses
    std::string graph_url;  // empty: the cloud's own
    std::string login_url;
    std::string ca_file;        // PEM file of further certificate authorities
    std::string pace;           // name of limits; empty: article, or what the emulator in this process enforces
    std::string log;            // a file that gets a line a request; empty: none
    bool force_road_b = false;  // startMigration also where Microsoft does not document it (auth/cloud.h)
    // Told before a read is tried again, and asked whether to give up waiting (http::RetryPolicy::Options).
    std::function<void(const http::Request&, const Error&, Loop::Duration)> on_wait;
    // Told before a request waits for its turn (throttle::ThrottlePolicy::Options).
    std::function<void(const http::Request&, Loop::Duration)> on_turn;
    std::function<bool()> stopping;
    emulator::Options emulator;
  };

  // For the emulator: starts it on Options::emulator. Otherwise reads from the environment how to sign in
  // (auth/environment.h). Nothing is sent yet.
  static Result<std::unique_ptr<Target>> open(Options options);
  ~Target();

  http::CurlLoop& loop();
  graph::Client& client();
  throttle::Pace& pace();
  const migrate::Identity& identity() const;
  const std::string& cloud_graph_url() const;  // what Graph calls itself in bodies, however it is reached
  auth::TokenSource& tokens();
  const auth::Cloud& cloud() const;
  const WallClock& clock() const;
  const std::string& pace_name() const;  // of the limits in force: "article"
  const std::string& sign_in() const;    // how it signs in, for a person; empty for the emulator inside
  emulator::Emulator* emulator();        // nullptr for any other target

 private:
  struct Parts;
  explicit Target(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace teamferry::bindings
