#pragma once

#include <ostream>
#include <string>
#include <string_view>
#include <utility>

namespace teamferry::auth {

// A client secret, a password, a token. Prints as <secret> wherever it is printed, and is wiped when it dies. Only the
// sign-in reveals it. Tested by tests/native/auth/environment_test.cpp.
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

// Writes `instead` wherever the secret stands in foreign text, as it is or percent-encoded.
void redact(std::string& text, const std::string& secret, std::string_view instead);

}  // namespace teamferry::auth
