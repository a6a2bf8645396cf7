#pragma once

#include <utility>
#include <vector>

#include "native/base/loop.h"

namespace teamferry::migrate {

// Something to wait for that happens again and again: a state has changed, look at it anew. Whoever waits is
// resumed by the loop and not inside notify(), so that a notifier finds its own state as it left it.
class Signal {
 public:
  explicit Signal(Loop& loop) : loop_(loop) {}

  // Ends after the next notify().
  Callback<Unit> wait() {
    return Callback<Unit>([this](Callback<Unit>::Resume resume) { waiting_.push_back(std::move(resume)); });
  }
  void notify() {
    if (waiting_.empty()) return;
    loop_.post([woken = std::exchange(waiting_, {})] {
      for (const auto& resume : woken) resume(Unit{});
    });
  }
  // Of those who wait only the one that has waited longest: for changes that one of them alone can make use of.
  void notify_one() {
    if (waiting_.empty()) return;
    auto first = std::move(waiting_.front());
    waiting_.erase(waiting_.begin());
    loop_.post([woken = std::move(first)] { woken(Unit{}); });
  }

 private:
  Loop& loop_;
  std::vector<Callback<Unit>::Resume> waiting_;
};

}  // namespace teamferry::migrate
