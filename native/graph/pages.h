#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "native/graph/connection.h"

namespace teamferry::graph {

// Walks any collection page by page, by its @odata.nextLink:
//
//   Pages pages(client, client.url("/users?$top=999"), "/users");
//   while page = next(): for each item of *page ...
//
// A page that cannot be read is an error, not the end: a list with a hole would look like a shorter one. A nextLink
// that leads to another host, or to where it came from, is an error too (foreign_link, unreadable). Holds no page.
// The connection must outlive it. Tested by tests/native/graph/pages_test.cpp.
// Source: https://learn.microsoft.com/graph/paging
class Pages {
 public:
  // `first` is absolute (Connection::url, or resolve for a path of a person's). `route` names the collection in the log
  // and in errors.
  Pages(Connection& connection, std::string first, std::string route);

  // The items of the next page, each an object; an empty page may have a successor. Nothing: that was all.
  // After an error or the end there is nothing more.
  Task<Result<std::optional<nlohmann::json>>> next();

  // Where the page after the last one read stands; empty: nowhere. A later walk may begin there.
  const std::string& next_link() const { return next_link_; }

 private:
  Connection& connection_;
  std::string first_;
  std::string route_;
  std::string next_link_;
  bool begun_ = false;
};

}  // namespace teamferry::graph
