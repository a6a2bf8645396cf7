#pragma once

#include <string>

#include "native/limits/limits.h"

namespace teamferry::limits {

// Other limits as long as it lives, written as a project's file.
class Override {
 public:
  explicit Override(const std::string& json) : before_(in_force()) {
    put_in_force(overridden(json, "limits.json").value());
  }
  ~Override() { put_in_force(before_); }
  Override(const Override&) = delete;

 private:
  Limits before_;
};

}  // namespace teamferry::limits
