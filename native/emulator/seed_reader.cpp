#include "native/emulator/seed_reader.h"

#include <fmt/format.h>

#include <algorithm>

#include "native/emulator/time.h"

namespace teamferry::emulator {

std::string SeedValue::text() const {
  if (!value_->is_string()) fail("must be a text");
  if (value_->get_ref<const std::string&>().empty()) fail("must not be empty; leave it out instead");
  return value_->get<std::string>();
}

bool SeedValue::boolean() const {
  if (!value_->is_boolean()) fail("must be true or false");
  return value_->get<bool>();
}

std::int64_t SeedValue::time() const {
  const auto time = read_time(text());
  if (!time) fail(fmt::format("'{}' is no time; write it as 2019-02-04T19:58:15.511Z", text()));
  return *time;
}

std::vector<SeedValue> SeedValue::items() const {
  if (!value_->is_array()) fail("must be a list: [...]");
  std::vector<SeedValue> all;
  for (std::size_t i = 0; i < value_->size(); ++i) all.emplace_back((*value_)[i], fmt::format("{}[{}]", path_, i));
  return all;
}

void SeedValue::keys(const std::vector<std::string_view>& known) const {
  if (!value_->is_object()) fail("must be an object: {...}");
  for (const auto& [key, unused] : value_->items()) {
    if (std::find(known.begin(), known.end(), key) != known.end()) continue;
    throw SeedProblem{path_.empty() ? key : path_ + "." + key,
                      fmt::format("is no key of a seed here; there are {}", fmt::join(known, ", "))};
  }
}

std::optional<SeedValue> SeedValue::find(std::string_view key) const {
  const auto found = value_->find(std::string(key));
  if (found == value_->end()) return std::nullopt;
  return SeedValue(*found, path_.empty() ? std::string(key) : fmt::format("{}.{}", path_, key));
}

SeedValue SeedValue::at(std::string_view key) const {
  auto found = find(key);
  if (!found) fail(fmt::format("lacks '{}'", key));
  return *found;
}

std::string SeedValue::text(std::string_view key, std::string otherwise) const {
  const auto found = find(key);
  return found ? found->text() : std::move(otherwise);
}

bool SeedValue::boolean(std::string_view key, bool otherwise) const {
  const auto found = find(key);
  return found ? found->boolean() : otherwise;
}

std::optional<std::int64_t> SeedValue::time(std::string_view key) const {
  const auto found = find(key);
  return found ? std::optional(found->time()) : std::nullopt;
}

std::vector<SeedValue> SeedValue::items(std::string_view key) const {
  const auto found = find(key);
  return found ? found->items() : std::vector<SeedValue>();
}

}  // namespace teamferry::emulator
