#include "native/migrate/plan_rows.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

namespace teamferry::migrate {

Text Arena::add(std::string_view text) {
  text = text.substr(0, kBlock);
  if (text.empty()) return {};
  if (used_ + text.size() > kBlock) {
    blocks_.push_back(std::make_unique_for_overwrite<char[]>(kBlock));
    used_ = 0;
  }
  std::memcpy(blocks_.back().get() + used_, text.data(), text.size());
  Text added;
  added.at = (blocks_.size() - 1) * kBlock + used_;
  added.size = text.size();
  used_ += text.size();
  return added;
}

KeyIndex::KeyIndex(std::size_t expected, KeyOf key_of)
    : key_of_(std::move(key_of)), slots_(std::bit_ceil(std::max<std::size_t>(16, expected * 2)), kNone) {}

std::uint32_t KeyIndex::find(std::string_view key) const {
  const std::size_t mask = slots_.size() - 1;
  for (std::size_t at = std::hash<std::string_view>()(key) & mask; slots_[at] != kNone; at = (at + 1) & mask) {
    if (key_of_(slots_[at]) == key) return slots_[at];
  }
  return kNone;
}

bool KeyIndex::add(std::uint32_t index) {
  const std::string_view key = key_of_(index);
  const std::size_t mask = slots_.size() - 1;
  std::size_t at = std::hash<std::string_view>()(key) & mask;
  for (; slots_[at] != kNone; at = (at + 1) & mask) {
    if (key_of_(slots_[at]) == key) return false;
  }
  slots_[at] = index;
  return true;
}

}  // namespace teamferry::migrate
