#pragma once

#include <functional>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "native/base/datetime.h"
#include "native/base/loop.h"
#include "native/http/transport.h"

// A model of the service that a test can hurt: what it holds survives the client that talks to it, its clock is the
// test's, and any request can go wrong in any way a network or a busy server makes it go wrong.
namespace teamferry::fake {

struct Message {
  std::string id;
  std::int64_t ms = 0;
  std::string author, parent, contentType, content;
  bool deleted = false;
  std::int64_t stored = 0;  // service time in ms
};

// A channel or a chat.
struct Channel {
  std::string id, name, mode = "inProgress", owner;  // mode "": never in migration mode
  std::string kind = "standard";                     // standard, private, group (a chat)
  std::int64_t floor = 0;
  std::int64_t ready = 0;  // 404 before
  std::vector<Message> messages;

  const Message* at(std::int64_t ms) const;
  const Message* by_id(const std::string& message) const;
};

struct Team {
  std::string id, name, description, operation;
  bool completed = false, general_was_early = false;
  std::int64_t ready = 0;
  std::vector<Channel> channels;  // the first is General
};

// How a request fails. `after`: the service has done what was asked, and only the answer is lost.
enum class Fault {
  none,
  throttle,
  throttle_bare,
  error_before,
  error_after,
  lost_before,
  lost_after,
  empty_answer,
  refuse,
  mismatch,  // 412, which says nothing about the request
  token,     // 401, before anything was looked at
  conflict   // 409, though nothing stands there
};

// One import as it arrived, for the invariants.
struct Import {
  std::string channel;
  std::int64_t ms = 0;
  std::string body;
  std::int64_t service_time = 0;
  int status = 0;  // what the service decided, whether or not the answer came through
  std::uint64_t order = 0;
};

// One import as it left a client, whether or not it arrived.
struct Departure {
  std::string channel;
  std::int64_t ms = 0;
  std::string body;
  std::uint64_t order = 0;
  int answered = 0;  // the status that the client was given; 0: none
};

// What outlives a client.
struct Store {
  std::vector<Team> teams;
  std::vector<Channel> chats;
  bool ingestion_ids = false;
  std::int64_t read_lag = 0;      // ms
  std::int64_t provisioning = 0;  // ms
  std::size_t page = 50, inline_replies = 50;
  bool readable = true;  // false: no role to read messages
  std::string client_id = "app-1";

  std::int64_t now = 1'767'225'600'000;  // of the service
  std::uint64_t order = 0;
  std::uint64_t ids = 0;
  std::vector<Import> imports;
  std::vector<Departure> departed;
  std::string broken_pace;  // the first request that left too soon
  std::function<void(const Channel&)> on_complete;
  std::map<std::string, std::uint64_t> last_read;     // of a channel: order
  std::map<std::uint64_t, http::Request> in_transit;  // left the client, not yet arrived

  Team* team(const std::string& id);
  Channel* channel(const std::string& team_id, const std::string& id);
  Channel* channel_named(const std::string& name);
  Channel* chat(const std::string& id);
  std::vector<const Channel*> everywhere() const;  // every channel and chat
  // Puts a message there as somebody else would.
  void stranger(const std::string& channel, std::int64_t ms, std::string author, std::string content,
                std::string parent = "");
  // "general|ms|author|parent ms|content", sorted: equal contents are equal lists.
  std::vector<std::string> content() const;
  // What breaks the invariants of the protocol; empty: nothing.
  std::string broken_invariant() const;
};

// The way to the store for one life of the client.
class Service : public http::Transport {
 public:
  using Script = std::function<Fault(const http::Request&)>;

  Service(Loop& loop, Store& store, std::uint64_t seed);
  ~Service() override;

  Task<Result<http::Response>> send(http::Request request) override;

  std::int64_t wall_ms() const { return now(); }  // of the service

  Script script;          // decides first
  double fault_rate = 0;  // of the rest
  std::int64_t latency = 100;
  bool jitter = false;                                          // latency from a fifth to twice
  std::map<std::string, std::vector<std::int64_t>> departures;  // of imports, by channel: loop time in ms
  std::vector<std::int64_t> creations;                          // when a channel was asked for: loop time in ms
  std::map<std::string, int> calls;                             // by "POST channels", ...
  int imports_a_second = 0;                                     // of one conversation, at most; 0: not watched

 private:
  std::int64_t now() const;
  Fault fault(const http::Request& request);
  void note_departure(const http::Request& request, std::uint64_t ticket, Fault fate);
  void note_answer(const http::Request& request, std::uint64_t ticket, const http::Response& response);

  Loop& loop_;
  Store& store_;
  std::minstd_rand random_;
  Loop::TimePoint start_;
  std::int64_t start_ms_;
  std::map<std::string, std::vector<std::int64_t>> counted_;  // departures that the pace is about
  std::map<std::string, std::int64_t> held_until_;            // by Retry-After
  std::set<std::string> again_;                               // bodies whose token was refused
};

}  // namespace teamferry::fake
