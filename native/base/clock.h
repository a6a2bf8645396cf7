#pragma once

#include "native/base/datetime.h"

namespace teamferry {

// The time of day. Passed in, so that a test decides what time it is.
class WallClock {
 public:
  virtual ~WallClock() = default;
  virtual DateTime now() const = 0;
};

class SystemClock : public WallClock {
 public:
  DateTime now() const override;
};

}  // namespace teamferry
