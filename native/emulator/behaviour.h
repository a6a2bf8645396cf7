#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "native/base/result.h"
#include "native/emulator/emulator.h"
#include "native/emulator/faults.h"
#include "native/emulator/throttle.h"

namespace teamferry::emulator {

// How the emulator behaves beside what it knows: its pace and its faults, from the options, a scenario, or a control
// request. Tested by tests/native/emulator/scenario_test.cpp.
class Behaviour {
 public:
  // Fails for an unknown profile, form of Retry-After or scenario, and for a faults file that is not right.
  static Result<Behaviour> open(const Options& options);

  // The rules of a scenario, alone and with fresh counts, and its profile (that of the options, if it has none). The
  // empty name: no rules, and the profile of the options. Fails for an unknown name and changes nothing then.
  Status play(std::string_view scenario, std::optional<std::uint64_t> seed);

  const std::string& scenario() const { return scenario_; }
  RetryAfter retry_after() const { return retry_after_; }

  Faults faults;
  Throttle throttle;

 private:
  Behaviour(Profile profile, RetryAfter retry_after, std::uint64_t seed)
      : faults({}, seed), throttle(profile), profile_(profile), retry_after_(retry_after) {}

  Profile profile_;  // of the options
  RetryAfter retry_after_;
  std::string scenario_;
};

}  // namespace teamferry::emulator
