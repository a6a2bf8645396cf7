#pragma once

#include <algorithm>
#include <cstdint>

namespace teamferry::emulator {

// The pace that the service allows in one conversation: a bucket of `capacity` that refills by one each `interval`.
// A request that is turned away takes nothing, or clients that come back together would starve each other.
// Source: the import article's "5 RPS per channel". Tested by tests/native/emulator/text_test.cpp.
class Bucket {
 public:
  static constexpr std::int64_t kInterval = 200;  // ms
  static constexpr std::int64_t kCapacity = 5;

  // Zero when the request may pass; otherwise the milliseconds until the next one may.
  std::int64_t take(std::int64_t now) {
    // A clock set back must not lock a conversation for as long as it was set back.
    full_at_ = std::clamp(full_at_, now, now + kCapacity * kInterval);
    const std::int64_t wait = full_at_ - (kCapacity - 1) * kInterval - now;
    if (wait > 0) return wait;
    full_at_ += kInterval;
    return 0;
  }

 private:
  std::int64_t full_at_ = INT64_MIN;
};

}  // namespace teamferry::emulator
