#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// Strict reading of a seed: every value is asked for by name and kind, and what nobody asked for is a mistake.
// Tested by tests/native/emulator/seed_test.cpp.
namespace teamferry::emulator {

// What is wrong with a seed and where: "teams[0].channels[2].messages[5].from". Thrown inside the reading of a seed and
// caught at its border, since every value of some five levels can be wrong.
struct SeedProblem {
  std::string path;
  std::string message;
};

// One value of the document. Every function throws a SeedProblem that names the value.
class SeedValue {
 public:
  SeedValue(const nlohmann::json& value, std::string path) : value_(&value), path_(std::move(path)) {}

  const std::string& path() const { return path_; }
  bool is_text() const { return value_->is_string(); }
  [[noreturn]] void fail(std::string message) const { throw SeedProblem{path_, std::move(message)}; }

  std::string text() const;  // not empty
  bool boolean() const;
  std::int64_t time() const;  // ms since 1970
  std::vector<SeedValue> items() const;

  // Of an object. keys() refuses every member that is not in the list.
  void keys(const std::vector<std::string_view>& known) const;
  std::optional<SeedValue> find(std::string_view key) const;  // nothing: absent
  SeedValue at(std::string_view key) const;

  // The member's value, or `otherwise` when it is absent.
  std::string text(std::string_view key, std::string otherwise) const;
  bool boolean(std::string_view key, bool otherwise) const;
  std::optional<std::int64_t> time(std::string_view key) const;
  std::vector<SeedValue> items(std::string_view key) const;

 private:
  const nlohmann::json* value_;
  std::string path_;
};

}  // namespace teamferry::emulator
