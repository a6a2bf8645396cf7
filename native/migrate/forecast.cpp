#include "native/migrate/forecast.h"

#include <algorithm>

namespace teamferry::migrate {

using std::chrono::duration;

void Forecast::sent(Loop::TimePoint now) {
  if (seconds_.empty() || now - seconds_.back().start >= std::chrono::seconds(1)) seconds_.push_back({now, 0});
  ++seconds_.back().messages;
  while (now - seconds_.front().start > kSpan) seconds_.pop_front();
}

double Forecast::rate(Loop::TimePoint now) const {
  std::int64_t messages = 0;
  Loop::TimePoint first = now;
  for (const auto& second : seconds_) {
    if (now - second.start > kSpan) continue;
    messages += second.messages;
    first = std::min(first, second.start);
  }
  const double span = std::max(1.0, duration<double>(now - first).count());
  return static_cast<double>(messages) / span;
}

std::optional<Loop::Duration> Forecast::left(Loop::TimePoint now, std::int64_t remaining, std::int64_t longest,
                                             double lane_rate, double tenant_rate) const {
  const double measured = rate(now);
  const double whole = measured > 0 ? measured : tenant_rate;
  if (whole <= 0) return std::nullopt;
  double seconds = static_cast<double>(remaining) / whole;
  if (lane_rate > 0) seconds = std::max(seconds, static_cast<double>(longest) / lane_rate);
  return std::chrono::duration_cast<Loop::Duration>(duration<double>(seconds));
}

}  // namespace teamferry::migrate
