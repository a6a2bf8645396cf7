#pragma once

#include <string_view>
#include <vector>

#include "native/base/error.h"

// Answers of Graph that puzzle people, and the sentence that helps. Facts: sections 2.7 and 8 of the fact sheet.
// Tested by tests/native/graph/connection_test.cpp.
namespace teamferry::graph {

struct Hint {
  int status;              // 0: any
  std::string_view route;  // how the request's route ends ("/messages"); empty: any
  std::string_view text;   // is in the message or in the inner one; "=..." is the whole message
  std::string_view hint;   // what it means and what to do
  std::string_view source;
};

const std::vector<Hint>& hints();

// Puts the first hint that fits behind the message. `route` names the call: "POST /teams/{team}/members". Errors that
// did not come from the service stay as they are.
void add_hint(Error& error, std::string_view route);

}  // namespace teamferry::graph
