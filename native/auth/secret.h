#pragma once

#include <ostream>
#include <string>
#include <utility>

namespace teamferry::auth {

// A client secret. Prints as <secret> wherever it is printed, and is wiped when it dies. Only the sign-in reveals it.
// Tested by tests/native/auth/environment_test.cpp.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string value) : value_(std::move(value)) {}
  Secret(const Secret&) = default;
  Secret(Secret&& other) noexcept : value_(other.value_) { other.wipe(); }
  Secret& operator=(const Secret& other) {
    if (this != &other) {
      wipe();
      value_ = other.value_;
    }
    return *this;
  }
  ~Secret() { wipe(); }

  bool empty() const { return value_.empty(); }
  const std::string& reveal() const { return value_; }

  friend std::ostream& operator<<(std::ostream& out, const Secret&) { return out << "<secret>"; }

 private:
  void wipe();
  std::string value_;
};

}  // namespace teamferry::auth
