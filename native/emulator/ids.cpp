#include "native/emulator/ids.h"

#include <fmt/format.h>

#include <algorithm>

#include "native/emulator/text.h"

namespace teamferry::emulator {
namespace {
std::string without_dashes(std::string_view guid) {
  std::string hex(guid);
  hex.erase(std::remove(hex.begin(), hex.end(), '-'), hex.end());
  return hex;
}
}  // namespace

std::string channel_id(std::string_view guid) {
  return fmt::format("19:{}@thread.tacv2", without_dashes(guid));
}

std::string group_chat_id(std::string_view guid) {
  return fmt::format("19:{}@thread.v2", without_dashes(guid));
}

std::string one_on_one_id(std::string_view user, std::string_view other) {
  return fmt::format("19:{}_{}@unq.gbl.spaces", std::min(user, other), std::max(user, other));
}

std::string new_member_id(std::string_view room, std::string_view user) {
  return base64url(fmt::format("{}##{}##{}##{}", 1, room, user, quick_guid()));
}

}  // namespace teamferry::emulator
