#include "native/base/clock.h"

#include <chrono>

namespace teamferry {

DateTime SystemClock::now() const {
  using namespace std::chrono;
  return DateTime{duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count()};
}

}  // namespace teamferry
