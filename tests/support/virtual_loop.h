#pragma once

#include <map>
#include <mutex>
#include <vector>

#include "native/base/clock.h"
#include "native/base/loop.h"

namespace teamferry {

// A loop whose clock jumps to the next timer: hours of waiting cost nothing. Its wall clock keeps step,
// starting at 2026-01-01T00:00:00Z.
class VirtualLoop : public Loop {
 public:
  TimePoint now() const override { return now_; }
  DateTime now_wall() const {
    return DateTime{1767225600000 + std::chrono::duration_cast<std::chrono::milliseconds>(now_ - start_).count()};
  }
  void at(TimePoint when, std::function<void()> fn) override { timers_.emplace(std::max(when, now_), std::move(fn)); }
  void post(std::function<void()> fn) override {
    std::lock_guard lock(mutex_);
    posted_.push_back(std::move(fn));
  }
  bool step() override {
    std::vector<std::function<void()>> posted;
    {
      std::lock_guard lock(mutex_);
      posted.swap(posted_);
    }
    for (auto& fn : posted) fn();
    if (!posted.empty()) return true;
    if (timers_.empty()) return false;
    auto first = timers_.extract(timers_.begin());
    now_ = first.key();
    first.mapped()();
    return true;
  }

  // A WallClock view of this loop, for what takes one.
  class Wall : public WallClock {
   public:
    explicit Wall(const VirtualLoop& loop) : loop_(loop) {}
    DateTime now() const override { return loop_.now_wall(); }

   private:
    const VirtualLoop& loop_;
  };

 private:
  TimePoint start_{std::chrono::hours(1)};
  TimePoint now_ = start_;
  std::multimap<TimePoint, std::function<void()>> timers_;
  std::mutex mutex_;
  std::vector<std::function<void()>> posted_;
};

}  // namespace teamferry
