#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "native/validate/finding.h"

namespace teamferry::validate {

using Json = nlohmann::json;

// What the service says of a field of a body.
struct FieldRule {
  enum class Use { ours, read_only };
  std::string_view name;
  Use use = Use::ours;
};

// One JSON object of a body, read without trust: what is null is absent, what has another type is a finding `shape`
// and absent. Views live as long as the JSON.
class Fields {
 public:
  // `path` as findings shall name it: "from.user"; empty for the body itself. Null, or what is no object, has no
  // fields.
  Fields(const Json* object, std::string path, Findings& findings);

  bool there() const { return object_ != nullptr; }
  bool has(std::string_view name) const { return find(name) != nullptr; }
  const Json* raw(std::string_view name) const { return find(name); }
  std::string_view text(std::string_view name) const;
  std::optional<std::int64_t> number(std::string_view name) const;
  std::optional<bool> flag(std::string_view name) const;
  Fields object(std::string_view name) const;
  std::span<const Json> list(std::string_view name) const;  // empty when it is not one

  // The objects of a list.
  template <class Each>
  void each(std::string_view name, Each each) const {
    const auto items = list(name);
    for (std::size_t i = 0; i < items.size(); ++i) each(Fields(&items[i], at(name, i), findings_));
  }

  // Names what the service does not know, and what it sets itself. Annotations (@odata.type) pass.
  // Source: the schema of chatMessage and the like, https://learn.microsoft.com/graph/api/resources/chatmessage
  // (2026-08); that unknown fields are refused is how OData services answer (inferred).
  void check_names(std::span<const FieldRule> known) const;

  std::string at(std::string_view name) const;

 private:
  const Json* find(std::string_view name) const;
  void wrong_type(std::string_view name, const char* wanted) const;
  std::string at(std::string_view name, std::size_t index) const;

  const Json* object_;
  std::string path_;
  Findings& findings_;
};

}  // namespace teamferry::validate
