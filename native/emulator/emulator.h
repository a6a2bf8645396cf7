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

struct AppSecret {
  std::string value;
  std::optional<std::int64_t> expires{};  // ms since 1970; nothing: never
};

// An app registration. The roles are application permissions with admin consent given.
struct App {
  std::string client_id;
  std::string client_secret;
  std::vector<std::string> roles;
  std::string name;
  std::vector<AppSecret> secrets{};         // empty: client_secret alone; otherwise it is one of these
  std::vector<std::string> certificates{};  // PEM: whose keys may sign assertions instead of a secret
  std::vector<std::string> scopes{};        // not empty: its tokens have `scp` and no roles, as if somebody signed in
};

struct User {
  std::string id;
  std::string displayName;
  std::string mail;               // empty: none
  std::string userPrincipalName;  // of a guest: "ann_home.example#EXT#@tenant.example"
  std::string userType = "Member";
  bool accountEnabled = true;
  std::vector<std::string> proxyAddresses{};  // "SMTP:" and the mail address is among them; aliases have "smtp:"
  std::string givenName{};
  std::string surname{};
  std::string deletedDateTime{};  // not empty: only among the deleted items
};

struct Options {
  std::string host = "127.0.0.1";  // an address, or "localhost"
  std::uint16_t port = 0;          // 0: any free one

  // Where the state lives. Empty: in memory. Otherwise everything acknowledged survives a kill at any moment, and
  // a second emulator on the same folder is refused. A missing folder is made, for its owner alone.
  std::string data_dir;

  // How fast clients may be: "article", "table", "strict" or "off" (throttle.h says what they are).
  std::string profile = "article";
  std::string retry_after = "whole";  // of a 429: "whole" seconds, a "fraction", an HTTP "date", or "none"

  // Misbehaviour (examples/emulator/README.md): a scenario by name, and a JSON file of rules that stand behind its own.
  // A scenario may have a profile of its own, which outranks `profile`. The same number gives the same faults; absent:
  // that of the file, or 1.
  std::string scenario;
  std::string faults_file;
  std::optional<std::uint64_t> seed_number{};

  // How much faster than the clock the emulator's time passes, from 1 to 100,000: pace, lifetimes, delays and lags
  // with it. Answers tell clients in the header x-teamferry-speed, unless it is 1.
  double speed = 1;

  bool ingestion_ids = false;             // message ids: epoch ms of createdDateTime, or increasing times of arrival
  std::chrono::milliseconds read_lag{0};  // a message shows in reads only this long after it was stored
  std::chrono::milliseconds latency{0};   // each Graph answer is sent this long after the request was acted upon
  std::chrono::milliseconds provisioning{0};  // new teams and channels are 404 until then; operations run over it
  // The first look at a channel's filesFolder is 404 and has it made; from this long after it is there.
  std::chrono::milliseconds files_delay{0};
  std::chrono::seconds token_lifetime{3600};

  // In real time: a client has this long for a TLS handshake, for a request from its first byte to its last, and for
  // taking some of its answer. Then its connection is closed.
  std::chrono::milliseconds request_deadline{120'000};

  // A JSON file that describes the tenant to begin with (examples/emulator/README.md). Only a tenant without a past
  // takes it: a data_dir remembers its seed, and refuses a changed or a later one.
  std::string seed_file;

  // A CSV file (a people.csv): each row gets a user with an id that follows from its address. Users who are there
  // stay as they are.
  std::string users_from;

  Variants variants;                 // other answers than the strict, documented ones
  std::vector<App> apps;             // empty: those of the seed, or default_apps()
  const WallClock* clock = nullptr;  // nullptr: the system's. Rules stored times, token expiry, pace, lag, delays;
                                     // only `latency` is waited for in real time. Must outlive the emulator.
};

// Fixed registrations: "full" and "second" with every role a full run needs, "import-only" with Teamwork.Migrate.All
// alone, "reader" without any migration role and with an expired secret beside the good one, "signed-in" whose tokens
// are those of a person (scopes, no roles).
std::vector<App> default_apps();

struct Stats {
  std::uint64_t requests = 0;   // all that were answered, sign-in included
  std::uint64_t imports = 0;    // messages stored since the start
  std::uint64_t throttled = 0;  // answers 429
  std::uint64_t faults = 0;     // requests that a fault rule hit
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
  std::string https_url() const;  // the same port; "https://127.0.0.1:4711"

  // The certificate authority that HTTPS clients are to trust (authority.h): a file that is there until the stop, or
  // stays in Options::data_dir; and its text. `GET /ca.pem` serves it too.
  std::string ca_file() const;
  std::string ca_pem() const;
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
  double speed() const;         // of Options
  std::string profile() const;  // in force: that of the scenario, if it has one

  // Closes every connection and joins the thread. Requests acted upon but not answered stay acted upon.
  void stop();

 private:
  struct Impl;
  explicit Emulator(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace teamferry::emulator
