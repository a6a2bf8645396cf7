#pragma once

#include <optional>
#include <string>
#include <vector>

#include "native/graph/connection.h"
#include "native/graph/pages.h"
#include "native/graph/user.h"

namespace teamferry::graph {

// The users of the tenant, 999 a page: the cheapest way to know many of them. Facts: section 2.14 of the fact sheet.
//
//   Directory directory(client);
//   while page = directory.next(): for each user of *page ...
//
// The connection must outlive it. Tested by tests/native/graph/users_test.cpp.
class Directory {
 public:
  // `filter` as Graph reads one: "accountEnabled eq true"; empty: everybody.
  explicit Directory(Connection& graph, std::string filter = "");

  // As Pages::next() does: nothing means that was all.
  Task<Result<std::optional<std::vector<User>>>> next();

 private:
  Pages pages_;
};

}  // namespace teamferry::graph
