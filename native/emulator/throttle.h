#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "native/base/result.h"

namespace teamferry::emulator {

struct Limit;

// A bucket of `capacity` that refills by one each `interval`. A request that is turned away takes nothing, or clients
// that come back together would starve each other. Times are of any one unit.
class Bucket {
 public:
  Bucket(std::int64_t capacity, std::int64_t interval) : capacity_(capacity), interval_(interval) {}

  // Zero when a request may pass; otherwise the time until the next one may.
  std::int64_t wait(std::int64_t now) const { return std::max<std::int64_t>(0, full_at(now) - spare() - now); }
  void spend(std::int64_t now) { full_at_ = full_at(now) + interval_; }

 private:
  std::int64_t spare() const { return (capacity_ - 1) * interval_; }
  // A clock set back must not lock anything for as long as it was set back.
  std::int64_t full_at(std::int64_t now) const { return std::clamp(full_at_, now, now + capacity_ * interval_); }

  std::int64_t capacity_;
  std::int64_t interval_;
  std::int64_t full_at_ = INT64_MIN;
};

// How fast the service lets clients be.
//
//   article  The import article's "5 RPS per channel": of imports, five a second and five at once in one conversation.
//            Only requests that are let through count.
//   table    The page of limits of 2026: each request has a budget per resource, per app and tenant, and per app; the
//            first that is used up turns it away. The page speaks of a burst window and of a longer one at about 83 %,
//            without their lengths. Inferred: the burst is a bucket of the printed number, refilled over its own
//            window (a second, or a minute for members); the longer window is 60 times as long, begins with its first
//            request, and holds 83 % of what would pass at the printed rate. Only requests that are let through count.
//   strict   No six imports in any second in one conversation, and those that are turned away count too.
//   off      No limit.
enum class Profile { article, table, strict, off };
Result<Profile> read_profile(std::string_view name);
std::string_view name_of(Profile profile);

// How Retry-After is written: "3", "2.128", "Mon, 04 May 2026 10:00:03 GMT", or not at all.
enum class RetryAfter { whole, fraction, date, none };
Result<RetryAfter> read_retry_after(std::string_view name);
std::string_view name_of(RetryAfter form);
std::optional<std::string> print_retry_after(RetryAfter form, std::int64_t wait_ms, std::int64_t now_ms);

// Who asks for what.
struct Asked {
  const Limit& limit;
  bool import = false;
  std::string_view app;
  std::string_view tenant;
  std::string_view resource;  // id of the conversation or team; empty: none that is there
};

// Not thread-safe. Times are milliseconds; a minute of them passes as fast as the clock says.
// Tested by tests/native/emulator/throttle_test.cpp.
class Throttle {
 public:
  explicit Throttle(Profile profile) : profile_(profile) {}

  Profile profile() const { return profile_; }

  struct Verdict {
    std::int64_t wait = 0;  // zero: let through, and counted
    std::string budget;     // that is used up: "POST chat messages, per resource"
  };
  Verdict take(const Asked& asked, std::int64_t now);

 private:
  // A printed number: its burst and its longer window. In microseconds, since 30 a second is no whole number of ms.
  class Budget {
   public:
    Budget(std::int64_t count, std::int64_t window);
    std::int64_t wait(std::int64_t now) const;
    void spend(std::int64_t now);

   private:
    Bucket burst_;
    std::int64_t most_;    // in the longer window
    std::int64_t length_;  // of it
    std::int64_t began_ = 0;
    std::int64_t count_ = 0;
  };

  // The last five attempts.
  struct Attempts {
    std::array<std::int64_t, 5> at{INT64_MIN, INT64_MIN, INT64_MIN, INT64_MIN, INT64_MIN};
    std::size_t next = 0;
  };

  Verdict take_article(const Asked& asked, std::int64_t now);
  Verdict take_table(const Asked& asked, std::int64_t now);
  Verdict take_strict(const Asked& asked, std::int64_t now);

  Profile profile_;
  std::unordered_map<std::string, Bucket> buckets_;     // article: by conversation
  std::unordered_map<std::string, Budget> budgets_;     // table: by row and whose it is
  std::unordered_map<std::string, Attempts> attempts_;  // strict: by conversation
};

}  // namespace teamferry::emulator
