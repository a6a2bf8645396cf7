#pragma once

#include <functional>
#include <map>
#include <string>

#include "native/limits/limits.h"

namespace teamferry::limits {

// Where a name of service.json goes, and what makes sense there.
struct Field {
  std::function<void(Limits&, double)> set_number;  // either this ...
  std::function<void(Limits&, Texts)> set_texts;    // ... or this
  bool whole = false;                               // no fraction
  double least = 0, most = 0;                       // of a number
};

// By name: "sizes.message_soft_bytes".
const std::map<std::string, Field, std::less<>>& fields();

// What is wrong with values that are fine each by itself; empty if nothing.
std::string contradiction(const Limits& limits);

}  // namespace teamferry::limits
