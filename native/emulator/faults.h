#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "native/base/result.h"
#include "native/emulator/answer.h"
#include "native/emulator/throttle.h"
#include "native/emulator/traffic.h"
#include "native/http/message.h"

// Misbehaviour on demand: a list of rules, each with what goes wrong, on which requests, and how often.
//
// What is reproducible. Every decision follows from the seed number, the rule's place in the list, and which request
// it is: its number among those the rule looks at, or, with "per", the thing it is about, by names and not by ids that
// are drawn at random. So the same requests in the same order get the same faults, whatever the machine's speed; and
// with "chance" and "per" the same messages (conversations, paths) are hit whatever the order. Requests that several
// connections send at once are acted upon in the order of their arrival, so without "per" the order decides who is
// hit. "from" and "until" ask the clock, as throttling does.
namespace teamferry::emulator {

enum class Fault {
  status,                // an error answer instead of the act, or after it
  reset_before,          // the connection is reset, nothing was done
  reset_after,           // acted upon, then the connection is reset (E163)
  half_answer,           // acted upon, half of the answer arrives
  gateway_html,          // a gateway's page instead of an answer
  slow,                  // the answer is late
  expired_token,         // 401 with the lifetime text
  clock_skew,            // the emulator's clock is ahead (or behind, below zero)
  no_roles,              // the token given out has no roles
  inline_images_403,     // E97
  oneonone_412,          // E55
  wedge,                 // E56: a start so soon after the completion sticks
  read_lag,              // Options::read_lag
  provisioning,          // Options::provisioning
  files_delay,           // Options::files_delay
  no_retry_after,        // E155
  retry_after_fraction,  // E157
  retry_after_date,      // E157
};

// What one decision of a rule is about.
enum class Per { request, message, conversation, path };

struct FaultRule {
  std::string name;    // for people
  std::string source;  // as it was read, JSON
  Fault fault = Fault::status;

  // What.
  int status = 0;
  std::string code;  // empty: the usual one of the status
  std::string message;
  std::optional<std::chrono::milliseconds> retry_after;
  bool acted = false;               // status, gateway_html: after the act instead of without it
  std::chrono::milliseconds ms{0};  // of those that take a time

  // Where: all that are given must agree.
  std::set<Traffic> on;           // empty: any
  std::string method;             // empty: any
  std::vector<std::string> path;  // empty: any

  // How often. A unit is a request, or what `per` says; a chosen one is hit `times` times in a row.
  Per per = Per::request;
  double chance = 1;       // of each unit
  std::int64_t every = 0;  // not 0: each unit whose number is a multiple
  std::int64_t first = 0;  // not 0: only so many units
  std::int64_t times = 1;  // kAlways: without end
  std::int64_t most = 0;   // not 0: so many hits in all

  // When, in the emulator's time.
  std::optional<std::int64_t> from;
  std::optional<std::int64_t> until;

  static constexpr std::int64_t kAlways = INT64_MAX;
};

// The word of the file for a fault: "reset-before".
std::string_view name_of(Fault fault);

// Rules and perhaps a seed number, as a file or a request brings them: {"seed": 7, "rules": [...]}. The error names the
// JSON path ("rules[2].chance"). examples/emulator/README.md is the manual.
// Tested by tests/native/emulator/faults_test.cpp.
inline constexpr std::size_t kMostFaultRules = 200;
struct FaultList {
  std::optional<std::uint64_t> seed;
  std::vector<FaultRule> rules;
};
Result<FaultList> read_faults(std::string_view json);
Result<FaultList> read_faults_file(const std::string& path);  // the error names the file, too

// A request as rules see it.
struct Incoming {
  const http::Request& request;
  Traffic traffic = Traffic::others;
  const std::vector<std::string>& segments;  // behind the version
  const Place& place;
  std::int64_t now = 0;  // ms
};

// What befalls one request.
struct Befallen {
  const FaultRule* answer = nullptr;  // instead of, or over, the true answer; holds until the rules change
  std::chrono::milliseconds slow{0};
  std::chrono::milliseconds skew{0};
  bool no_roles = false;
  std::optional<RetryAfter> retry_after;
  std::string names;  // of all rules that hit it

  bool is(Fault fault) const { return answer != nullptr && answer->fault == fault; }
};

// The rules at work. Not thread-safe. Tested by tests/native/emulator/faults_test.cpp.
class Faults {
 public:
  Faults(std::vector<FaultRule> rules, std::uint64_t seed);

  // Replaces all, with fresh counts; or adds behind the others, which go on counting.
  void replace(std::vector<FaultRule> rules, std::uint64_t seed);
  void add(std::vector<FaultRule> rules);

  // Each rule decides for itself. Of several that would give the answer the first in the list does; all others add up.
  Befallen decide(const Incoming& incoming);

  // The standing faults now: the longest of those that hold, or `otherwise`.
  std::chrono::milliseconds standing(Fault fault, std::chrono::milliseconds otherwise, std::int64_t now) const;

  // The tenant has a past: the consent that its `first` tokens lacked has arrived in an earlier life.
  void consent();

  // The wedge watches completions that succeeded.
  void completed(const std::string& conversation_id, std::int64_t now);

  struct Active {
    const FaultRule* rule;
    std::uint64_t looked_at;
    std::uint64_t hits;
  };
  std::vector<Active> active() const;
  std::uint64_t seed() const { return seed_; }
  std::uint64_t hits() const { return hits_; }
  bool empty() const { return rules_.empty(); }

 private:
  struct State {
    FaultRule rule;
    std::uint64_t looked_at = 0;
    std::uint64_t hits = 0;
    std::int64_t units = 0;                               // seen
    std::int64_t left = 0;                                // of the row begun, per request
    std::unordered_map<std::uint64_t, std::int64_t> row;  // left for each unit
  };

  bool concerns(const FaultRule& rule, const Incoming& incoming) const;
  bool hit(State& state, std::size_t index, const Incoming& incoming);
  bool chosen(const State& state, std::size_t index, std::string_view unit) const;
  bool wedged(const FaultRule& rule, const Incoming& incoming);

  std::uint64_t seed_;
  std::uint64_t hits_ = 0;
  std::vector<State> rules_;
  std::unordered_map<std::string, std::int64_t> completed_;  // conversation, when
  std::unordered_set<std::string> wedged_;
};

// What the client is told. Statuses and texts are those of sections 2.7 and 7 of the fact sheet; the texts of 500, 503
// and 504 are ours.
Answer fault_answer(const FaultRule& rule, Traffic traffic, RetryAfter form, std::int64_t now);
http::Response fault_sign_in_answer(const FaultRule& rule, RetryAfter form, std::int64_t now);
http::Response gateway_page(const FaultRule& rule, RetryAfter form, std::int64_t now);

}  // namespace teamferry::emulator
