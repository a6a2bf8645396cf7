#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "native/base/clock.h"
#include "native/base/result.h"
#include "native/emulator/variants.h"

// A local Microsoft Graph with its sign-in: what a migration is rehearsed and tested against. It is stateful and
// strict, and answers as the conformance rows E1.. of the fact sheet say. It shares no rule with the validators of
// the client: two opinions that agree are worth more than one asked twice.
namespace teamferry::emulator {

// An app registration. The roles are application permissions with admin consent given.
struct App {
  std::string client_id;
  std::string client_secret;
  std::vector<std::string> roles;
  std::string name;
};

struct User {
  std::string id;
  std::string displayName;
  std::string mail;
  std::string userPrincipalName;
};

struct Options {
  std::string host = "127.0.0.1";  // an address, or "localhost"
  std::uint16_t port = 0;          // 0: any free one

  // Where the state lives. Empty: in memory. Otherwise everything acknowledged survives a kill at any moment, and
  // a second emulator on the same folder is refused. A missing folder is made, for its owner alone.
  std::string data_dir;

  // "article": 5 imports a second and conversation, a burst of 5; only requests that were let through count.
  // "off": no limit.
  std::string profile = "article";

  bool ingestion_ids = false;             // message ids: epoch ms of createdDateTime, or increasing times of arrival
  std::chrono::milliseconds read_lag{0};  // a message shows in reads only this long after it was stored
  std::chrono::milliseconds latency{0};   // each Graph answer is sent this long after the request was acted upon
  std::chrono::milliseconds provisioning{0};  // new teams and channels are 404 until then; operations run over it
  std::chrono::seconds token_lifetime{3600};

  Variants variants;                 // other answers than the strict, documented ones
  std::vector<App> apps;             // empty: the four of default_apps()
  const WallClock* clock = nullptr;  // nullptr: the system's. Rules stored times, token expiry, pace, lag, delays;
                                     // only `latency` is waited for in real time. Must outlive the emulator.
};

// Fixed registrations: "full" and "second" with every role a full run needs, "import-only" with Teamwork.Migrate.All
// alone, "reader" without any migration role.
std::vector<App> default_apps();

struct Stats {
  std::uint64_t requests = 0;   // all that were answered, sign-in included
  std::uint64_t imports = 0;    // messages stored since the start
  std::uint64_t throttled = 0;  // answers 429
};

// A running emulator: one thread of its own. All methods may be called from any thread.
// Tested by tests/native/emulator/*_test.cpp.
class Emulator {
 public:
  // Opens the state and listens. Fails when the port is taken, or the folder is locked, foreign or damaged.
  static Result<std::unique_ptr<Emulator>> start(Options options);

  ~Emulator();  // stops
  Emulator(const Emulator&) = delete;
  Emulator& operator=(const Emulator&) = delete;

  std::uint16_t port() const;
  std::string graph_url() const;  // "http://127.0.0.1:4711"; requests add /v1.0 or /beta
  std::string login_url() const;  // the same host; requests add /{tenant}/oauth2/v2.0/token
  std::string tenant_id() const;
  std::vector<App> apps() const;
  std::vector<User> users() const;

  // The user with this id, principal name or mail address (letter case ignored), as a lookup over HTTP finds.
  std::optional<User> find_user(const std::string& whom) const;

  // The user with this mail address (letter case ignored); creates one if there is none. The id follows from the
  // address alone, so that it is the same in every emulator. Durable.
  Result<User> ensure_user(const std::string& displayName, const std::string& mail);

  // The user of the tenant that stands in for whoever has none of their own. Every emulator has it.
  User fallback_user() const;

  Stats stats() const;

  // Closes every connection and joins the thread. Requests acted upon but not answered stay acted upon.
  void stop();

 private:
  struct Impl;
  explicit Emulator(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace teamferry::emulator
