#include "native/validate/json_fields.h"

#include <fmt/format.h>

#include <algorithm>

namespace teamferry::validate {

Fields::Fields(const Json* object, std::string path, Findings& findings)
    : object_(object), path_(std::move(path)), findings_(findings) {
  if (object_ == nullptr || object_->is_object()) return;
  add_error(findings_, "shape", path_.empty() ? "body" : path_,
            fmt::format("it is not an object but {}", object_->type_name()), "Write { ... }");
  object_ = nullptr;
}

std::string Fields::at(std::string_view name) const {
  return path_.empty() ? shown(name) : fmt::format("{}.{}", path_, shown(name));
}

std::string Fields::at(std::string_view name, std::size_t index) const {
  return fmt::format("{}[{}]", at(name), index);
}

const Json* Fields::find(std::string_view name) const {
  if (object_ == nullptr) return nullptr;
  const auto found = object_->find(name);
  return found == object_->end() || found->is_null() ? nullptr : &*found;
}

void Fields::wrong_type(std::string_view name, const char* wanted) const {
  add_error(findings_, "shape", at(name), fmt::format("it is not {} but {}", wanted, find(name)->type_name()),
            fmt::format("Write {}", wanted));
}

std::string_view Fields::text(std::string_view name) const {
  const Json* value = find(name);
  if (value == nullptr) return {};
  if (!value->is_string()) return wrong_type(name, "a text"), std::string_view();
  return value->get_ref<const std::string&>();
}

std::optional<std::int64_t> Fields::number(std::string_view name) const {
  const Json* value = find(name);
  if (value == nullptr) return std::nullopt;
  if (!value->is_number_integer()) return wrong_type(name, "a whole number"), std::nullopt;
  if (value->is_number_unsigned() && value->get<std::uint64_t>() > INT64_MAX) return INT64_MAX;
  return value->get<std::int64_t>();
}

std::optional<bool> Fields::flag(std::string_view name) const {
  const Json* value = find(name);
  if (value == nullptr) return std::nullopt;
  if (!value->is_boolean()) return wrong_type(name, "true or false"), std::nullopt;
  return value->get<bool>();
}

Fields Fields::object(std::string_view name) const {
  return Fields(find(name), at(name), findings_);
}

std::span<const Json> Fields::list(std::string_view name) const {
  const Json* value = find(name);
  if (value == nullptr) return {};
  if (!value->is_array()) return wrong_type(name, "a list"), std::span<const Json>();
  return value->get_ref<const Json::array_t&>();
}

void Fields::check_names(std::span<const FieldRule> known) const {
  if (object_ == nullptr) return;
  for (const auto& [name, value] : object_->get_ref<const Json::object_t&>()) {
    if (findings_.size() >= kMostFindings) return;
    const auto rule =
        std::find_if(known.begin(), known.end(), [&](const FieldRule& each) { return each.name == name; });
    if (rule == known.end()) {
      if (name.find('@') != name.npos) continue;
      add_error(findings_, "shape", at(name), "the service knows no such field", "Leave it out");
    } else if (rule->use == FieldRule::Use::read_only && !value.is_null()) {
      add_warning(findings_, "shape", at(name), "the service sets it itself", "Leave it out");
    }
  }
}

}  // namespace teamferry::validate
