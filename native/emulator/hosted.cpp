#include "native/emulator/hosted.h"

#include <fmt/format.h>

#include "native/emulator/text.h"

namespace teamferry::emulator {

std::string new_hosted_id() {
  return base64url(fmt::format("id=x_0-{},type=1", quick_guid()));
}

}  // namespace teamferry::emulator
