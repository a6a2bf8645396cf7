#include "native/throttle/tenant_budget.h"

#include <algorithm>
#include <chrono>
#include <vector>

#include "native/limits/limits.h"

namespace teamferry::throttle {
namespace {

using Duration = TenantBudget::Duration;

constexpr std::chrono::seconds kLate{1};
constexpr std::chrono::milliseconds kGlance{500};
constexpr std::chrono::seconds kMeasured{1};

Duration seconds(double count) {
  return std::chrono::ceil<Duration>(std::chrono::duration<double>(count));
}

}  // namespace

Duration TenantBudget::take(const std::string& who, TimePoint now) {
  if (rate_ <= 0) return Duration::zero();
  grow(now);
  const auto kept = slots_.find(who);
  if (kept != slots_.end() && kept->second > now) return std::min<Duration>(kept->second - now, kGlance);
  bool go = kept != slots_.end() && now - kept->second <= kLate;
  if (kept != slots_.end()) slots_.erase(kept);
  if (!go) {
    const TimePoint slot = std::max(now, next_);
    next_ = slot + seconds(1 / rate_);
    if (slot > now) {
      slots_.emplace(who, slot);
      return std::min<Duration>(slot - now, kGlance);
    }
  }
  lately_.push_back(now);
  while (now - lately_.front() > kMeasured) lately_.pop_front();
  active_since_ = active_since_ == TimePoint::min() ? now : active_since_;
  return Duration::zero();
}

void TenantBudget::grow(TimePoint now) {
  const auto& data = limits::in_force().pace;
  const Duration period = seconds(data.tenant_doubling_seconds);
  if (grown_at_ == TimePoint::min()) grown_at_ = now;
  if (now - grown_at_ < period) return;
  for (; now - grown_at_ >= period; grown_at_ += period) {
    if (ceiling_ <= 0) {
      rate_ *= 2;
    } else if (const double wanted = ceiling_ * data.used_share; rate_ < wanted) {
      rate_ = std::min(wanted, rate_ + ceiling_ * data.tenant_step_share);
    } else {
      ceiling_ *= 1 + data.tenant_probe_share;
      rate_ = ceiling_ * data.used_share;
    }
    rate_ = std::min(rate_, most_);
    if (rate_ == most_) {  // nothing is left to grow: the rest of a long pause needs no steps
      grown_at_ += (now - grown_at_) / period * period;
      break;
    }
  }
  move_up(now);
}

// The slots that are kept, in their order, at the rate of now.
void TenantBudget::move_up(TimePoint now) {
  std::vector<std::pair<TimePoint, const std::string*>> waiting;
  for (const auto& [who, slot] : slots_) {
    if (slot > now) waiting.emplace_back(slot, &who);
  }
  if (waiting.empty()) return;
  std::sort(waiting.begin(), waiting.end());
  TimePoint slot = waiting.front().first;
  for (const auto& [before, who] : waiting) {
    slots_[*who] = slot;
    slot += seconds(1 / rate_);
  }
  next_ = slot;
}

// What really left: a rate that was never used says nothing of what is too much.
double TenantBudget::measured(TimePoint now) {
  if (active_since_ == TimePoint::min() || now - active_since_ < kMeasured) return rate_;
  while (!lately_.empty() && now - lately_.front() > kMeasured) lately_.pop_front();
  return std::min(rate_, static_cast<double>(lately_.size()));
}

void TenantBudget::throttled(const std::string& who, TimePoint now, TimePoint until) {
  drop(who);
  if (rate_ <= 0 || now < calm_until_) return;
  const auto& data = limits::in_force().pace;
  const Duration at_once = seconds(data.crowd_seconds);
  objected_[who] = now;
  std::erase_if(objected_, [&](const auto& one) { return now - one.second > at_once; });
  if (static_cast<int>(objected_.size()) < data.crowd_conversations) return;
  objected_.clear();
  const double floor = std::min(data.tenant_floor_per_second, rate_);
  ceiling_ = std::max(measured(now), floor);
  rate_ = std::max(floor, ceiling_ / 2);
  slots_.clear();
  next_ = until;
  calm_until_ = until + at_once;
  grown_at_ = until;
  active_since_ = TimePoint::min();
  lately_.clear();
}

}  // namespace teamferry::throttle
