#include "native/emulator/throttle.h"

#include <fmt/format.h>

#include "native/emulator/time.h"
#include "native/emulator/traffic.h"

namespace teamferry::emulator {
namespace {

constexpr std::array<std::string_view, 4> kProfiles = {"article", "table", "strict", "off"};
constexpr std::array<std::string_view, 4> kForms = {"whole", "fraction", "date", "none"};

constexpr std::int64_t kMicro = 1000;  // to the millisecond
constexpr std::int64_t kSecond = 1000;
constexpr std::int64_t kLonger = 60;       // times the burst window
constexpr std::int64_t kLongerShare = 83;  // per cent

template <class Enum, std::size_t N>
Result<Enum> read_name(const std::array<std::string_view, N>& names, std::string_view name, const char* what) {
  const auto found = std::find(names.begin(), names.end(), name);
  if (found != names.end()) return static_cast<Enum>(found - names.begin());
  return Error::argument("bad_option", fmt::format("{} is '{}': it is one of {}", what, name, fmt::join(names, ", ")));
}

}  // namespace

Result<Profile> read_profile(std::string_view name) {
  return read_name<Profile>(kProfiles, name, "profile");
}
std::string_view name_of(Profile profile) {
  return kProfiles[static_cast<std::size_t>(profile)];
}
Result<RetryAfter> read_retry_after(std::string_view name) {
  return read_name<RetryAfter>(kForms, name, "the form of Retry-After");
}
std::string_view name_of(RetryAfter form) {
  return kForms[static_cast<std::size_t>(form)];
}

std::optional<std::string> print_retry_after(RetryAfter form, std::int64_t wait_ms, std::int64_t now_ms) {
  switch (form) {
    case RetryAfter::whole:
      return std::to_string((wait_ms + 999) / 1000);
    case RetryAfter::fraction:
      return fmt::format("{}.{:03}", wait_ms / 1000, wait_ms % 1000);
    case RetryAfter::date:
      return print_http_date((now_ms + wait_ms + 999) / 1000 * 1000);
    case RetryAfter::none:
      break;
  }
  return std::nullopt;
}

Throttle::Budget::Budget(std::int64_t count, std::int64_t window)
    : burst_(count, window / count), most_(count * kLonger * kLongerShare / 100), length_(window * kLonger) {}

std::int64_t Throttle::Budget::wait(std::int64_t now) const {
  const bool inside = now >= began_ && now - began_ < length_;
  return std::max(burst_.wait(now), inside && count_ >= most_ ? began_ + length_ - now : 0);
}

void Throttle::Budget::spend(std::int64_t now) {
  burst_.spend(now);
  if (now < began_ || now - began_ >= length_ || count_ == 0) {
    began_ = now;
    count_ = 0;
  }
  ++count_;
}

Throttle::Verdict Throttle::take(const Asked& asked, std::int64_t now) {
  switch (profile_) {
    case Profile::article:
      return take_article(asked, now);
    case Profile::table:
      return take_table(asked, now);
    case Profile::strict:
      return take_strict(asked, now);
    case Profile::off:
      break;
  }
  return {};
}

Throttle::Verdict Throttle::take_article(const Asked& asked, std::int64_t now) {
  if (!asked.import) return {};
  constexpr std::int64_t kCapacity = 5;
  Bucket& bucket = buckets_.try_emplace(std::string(asked.resource), kCapacity, kSecond / kCapacity).first->second;
  const std::int64_t wait = bucket.wait(now);
  if (wait > 0) return {wait, "5 a second in one conversation"};
  bucket.spend(now);
  return {};
}

Throttle::Verdict Throttle::take_strict(const Asked& asked, std::int64_t now) {
  if (!asked.import) return {};
  Attempts& attempts = attempts_[std::string(asked.resource)];
  const auto recent = [&](std::int64_t at) { return at <= now && now - at < kSecond; };
  const bool sixth = std::all_of(attempts.at.begin(), attempts.at.end(),
                                 [&](std::int64_t at) { return at != INT64_MIN && recent(at); });
  attempts.at[attempts.next] = now;
  attempts.next = (attempts.next + 1) % attempts.at.size();
  if (!sixth) return {};
  return {attempts.at[attempts.next] + kSecond - now, "no six attempts in a second in one conversation"};
}

Throttle::Verdict Throttle::take_table(const Asked& asked, std::int64_t now) {
  struct Dimension {
    const char* name;
    std::int64_t count;
    std::int64_t window;  // ms
    std::string key;
    Budget* budget;
  };
  const Limit& limit = asked.limit;
  std::array<Dimension, 3> dimensions = {
      Dimension{"per resource", asked.resource.empty() ? 0 : limit.per_resource, limit.resource_window.count(),
                fmt::format("{}\nresource {}", limit.name, asked.resource), nullptr},
      Dimension{"per app and tenant", limit.per_tenant, kSecond,
                fmt::format("{}\ntenant {} {}", limit.name, asked.tenant, asked.app), nullptr},
      Dimension{"per app", limit.per_app, kSecond, fmt::format("{}\napp {}", limit.name, asked.app), nullptr}};
  const std::int64_t now_us = now * kMicro;
  for (Dimension& dimension : dimensions) {
    if (dimension.count == 0) continue;
    dimension.budget =
        &budgets_.try_emplace(std::move(dimension.key), dimension.count, dimension.window * kMicro).first->second;
    const std::int64_t wait = dimension.budget->wait(now_us);
    if (wait > 0) return {(wait + kMicro - 1) / kMicro, fmt::format("{}, {}", limit.name, dimension.name)};
  }
  for (const Dimension& dimension : dimensions) {
    if (dimension.budget != nullptr) dimension.budget->spend(now_us);
  }
  return {};
}

}  // namespace teamferry::emulator
