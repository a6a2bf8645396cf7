#pragma once

#include <stdexcept>
#include <utility>
#include <variant>

#include "native/base/error.h"

namespace teamferry {

// A value or an Error. Functions that can fail return it; exceptions are for broken contracts only.
// Asking a failed result for its value is such a breach and throws std::logic_error.
template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : held_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : held_(std::in_place_index<1>, std::move(error)) {}

  bool ok() const { return held_.index() == 0; }
  explicit operator bool() const { return ok(); }

  T& value() & { return check(), *std::get_if<0>(&held_); }
  const T& value() const& { return check(), *std::get_if<0>(&held_); }
  T&& value() && { return check(), std::move(*std::get_if<0>(&held_)); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  const Error& error() const& { return std::get<1>(held_); }
  Error&& error() && { return std::get<1>(std::move(held_)); }

 private:
  void check() const {
    if (!ok()) throw std::logic_error("value of a failed result: " + error().to_string());
  }
  std::variant<T, Error> held_;
};

struct Unit {};

// The result of something done for its effect: `return done();`.
using Status = Result<Unit>;
inline Status done() {
  return Unit{};
}

}  // namespace teamferry
