#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "native/graph/connection.h"

// Several requests in one, for look-ups: each part is paced by the service on its own, so nothing is imported this way.
// Facts: section 2.16 of the fact sheet.
// Tested by tests/native/graph/batch_test.cpp.
namespace teamferry::graph {

struct BatchPart {
  std::string path;  // below the version: "/users/ada@orbit.example"
  std::string method = "GET";
  std::string body_json = {};
  std::vector<std::size_t> depends_on = {};  // places in the list; they come before this one
};

// What became of a part: a 2xx or 3xx with its body, or the part's own Error. 424: what it depends on failed.
struct BatchAnswer {
  int status = 0;
  std::string body;  // JSON; empty: none
  std::optional<Error> error = {};
};

// How many parts a batch takes: counts.batch_parts of the limits.
std::size_t batch_parts();

// The answers, in the order of the parts. Parts that are throttled (429), or could not be read for a passing reason
// (5xx of a GET), are sent again with what depended on them, after the longest Retry-After among them, five times in
// all; then their error stands. A list of GETs rides the retry policy as a whole, any other is tried once. Errors:
// too_many, bad_dependency (kind argument), unreadable.
Task<Result<std::vector<BatchAnswer>>> batch(Connection& graph, std::vector<BatchPart> parts);

}  // namespace teamferry::graph
