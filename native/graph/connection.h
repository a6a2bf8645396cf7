#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "native/base/loop.h"
#include "native/base/result.h"
#include "native/base/task.h"
#include "native/http/transport.h"

namespace teamferry::graph {

struct Config {
  std::string graph_url = "https://graph.microsoft.com";  // a host, with or without a version behind it
  std::string version = "v1.0";                           // used when the address carries none
  // Set: this cloud has no startMigration (auth::check_road_b), so it is answered with this and not asked for.
  std::optional<Error> no_start_migration = {};
};

// How requests leave and answers come back; which ones there are, the rest of this folder says.
//
// Any 2xx is an answer. All else is an Error, whose `code` is Graph's, or ours: unexpected_status (an answer that Graph
// does not give), foreign_link (kind state; the next page is said to be elsewhere), and those of the row of policies.
//
// An Error of the service whose words puzzle people has a sentence more (hints.h).
//
// The row of policies and the loop must outlive the connection and the tasks it gave out. Belongs to the loop's thread.
// Tested by tests/native/graph/connection_test.cpp.
class Connection {
 public:
  Connection(Loop& loop, http::Transport& row, Config config);

  // The absolute address of a path below the version: what a body's "...@odata.bind" names.
  std::string url(std::string_view path) const;
  // The same on beta; nothing if that is where this connection leads anyway.
  std::optional<std::string> beta_url(std::string_view path) const;
  // The address of a path as people write one: below the version ("/users?$top=5"), on beta if it begins with /beta/,
  // or an absolute one of this Graph, such as a nextLink. Spaces, quotes and other marks that an address cannot hold
  // are encoded. Refuses another host (foreign_host) and what is no path (bad_path). What Pages and call() begin with.
  Result<std::string> resolve(std::string_view path) const;
  Loop& loop() const { return loop_; }
  const std::optional<Error>& no_start_migration() const { return no_start_migration_; }

  // `route` names the path in the log ("/teams/{team}"); the method is put before it.

  // Reads. Rides the retry policy.
  Task<Result<http::Response>> get(std::string address, std::string route);
  // The first page, or the one that a nextLink names: followed as it stands, but only to where the first came from.
  Task<Result<http::Response>> page(std::string first, std::string next_link, std::string route);

  // Does something that must not happen twice: one attempt, on a connection of its own. An Error that is ambiguous()
  // may have happened; the caller looks before repeating it.
  Task<Result<http::Response>> post_once(std::string address, std::string body_json, std::string route);
  Task<Result<http::Response>> send_once(std::string method, std::string address, std::string body_json,
                                         std::string route);

  // What has no function of its own: GET, POST, PATCH or DELETE of a path that resolve() takes. GET rides the retry
  // policy, all others are tried once. Refuses another method (bad_method).
  Task<Result<http::Response>> call(std::string method, std::string path, std::string body_json = "",
                                    http::Headers more = {});

  // Sends what was made ready.
  Task<Result<http::Response>> exchange(http::Request request);

 private:
  Loop& loop_;
  http::Transport& row_;
  std::string base_;  // "https://graph.microsoft.com/v1.0"
  std::optional<Error> no_start_migration_;
};

}  // namespace teamferry::graph
