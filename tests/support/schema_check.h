#pragma once

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include "native/base/datetime.h"

// A small judge of JSON against the schemas of an OpenAPI 3.0 document: type, nullable, enum, required, properties,
// items, additionalProperties, anyOf, allOf, oneOf, $ref, discriminator, pattern, minimum, maximum, format date-time.
//
// Stricter than the standard in one thing: a property that neither the schema nor a type derived from it declares is a
// problem, unless it is an annotation of OData (has an '@'), or the schema declares no properties at all. So a
// misspelt name is found although Graph's description allows additional ones.
namespace teamferry {

class SchemaCheck {
 public:
  using json = nlohmann::json;
  explicit SchemaCheck(const json& document) : document_(document) {}

  // What is wrong with the value, each "where: what". Empty: nothing.
  std::vector<std::string> check(const json& schema, const json& value) const {
    std::vector<std::string> problems;
    check(schema, value, "", problems, false);
    if (problems.empty()) find_strangers(schema, value, "", problems);
    return problems;
  }

  // The schema that a $ref leads to, or the schema itself.
  const json& resolve(const json& schema) const {
    const auto reference = schema.find("$ref");
    if (reference == schema.end()) return schema;
    return resolve(document_.at(json::json_pointer(reference->get<std::string>().substr(1))));
  }

 private:
  using Problems = std::vector<std::string>;

  static bool is_of(const std::string& type, const json& value) {
    if (type == "object") return value.is_object();
    if (type == "array") return value.is_array();
    if (type == "string") return value.is_string();
    if (type == "boolean") return value.is_boolean();
    if (type == "integer") return value.is_number_integer();
    return type == "number" && value.is_number();
  }

  bool fits(const json& schema, const json& value, bool derived) const {
    Problems problems;
    check(schema, value, "", problems, derived);
    return problems.empty();
  }

  // `derived`: the value's own type was found already, so its bases do not look for it again.
  void check(const json& unresolved, const json& value, const std::string& at, Problems& problems, bool derived) const {
    const json& schema = resolve(unresolved);
    const auto complain = [&](const std::string& what) { problems.push_back((at.empty() ? "/" : at) + ": " + what); };
    if (const json* own = derived ? nullptr : type_named_in(schema, value)) {
      return check(*own, value, at, problems, true);
    }
    for (const auto& part : list(schema, "allOf")) check(part, value, at, problems, derived);
    check_choices(schema, value, complain, derived);
    if (schema.contains("enum")) {
      const auto& known = schema["enum"];
      if (std::find(known.begin(), known.end(), value) == known.end()) complain(value.dump() + " is not in the enum");
    }
    if (value.is_null()) {
      const bool typed = schema.contains("type");
      if (typed && !schema.value("nullable", false)) complain("must not be null");
      return;
    }
    if (schema.contains("type") && !is_of(schema["type"], value)) {
      return complain(fmt::format("is no {}", schema["type"].get<std::string>()));
    }
    if (value.is_string()) check_text(schema, value.get<std::string>(), complain);
    if (value.is_number()) check_number(schema, value.get<double>(), complain);
    if (value.is_array() && schema.contains("items")) {
      for (std::size_t i = 0; i < value.size(); ++i) {
        check(schema["items"], value[i], fmt::format("{}/{}", at, i), problems, false);
      }
    }
    if (value.is_object()) check_members(schema, value, at, problems, complain);
  }

  template <class Complain>
  void check_choices(const json& schema, const json& value, const Complain& complain, bool derived) const {
    if (schema.contains("anyOf")) {
      const auto& choices = schema["anyOf"];
      const auto fitting =
          std::count_if(choices.begin(), choices.end(), [&](const json& s) { return fits(s, value, derived); });
      if (fitting == 0) {
        Problems closest;
        check(choices.front(), value, "", closest, derived);
        complain("fits none of the alternatives; of the first: " + (closest.empty() ? "" : closest.front()));
      }
    }
    if (schema.contains("oneOf")) {
      const auto& choices = schema["oneOf"];
      const auto fitting =
          std::count_if(choices.begin(), choices.end(), [&](const json& s) { return fits(s, value, derived); });
      if (fitting != 1) complain(fmt::format("fits {} of the alternatives, not one", fitting));
    }
  }

  template <class Complain>
  static void check_text(const json& schema, const std::string& text, const Complain& complain) {
    if (schema.value("format", "") == "date-time" && !DateTime::parse(text)) complain("'" + text + "' is no date-time");
    if (schema.contains("pattern") && !std::regex_search(text, std::regex(schema["pattern"].get<std::string>()))) {
      complain("'" + text + "' does not match the pattern");
    }
  }

  template <class Complain>
  static void check_number(const json& schema, double number, const Complain& complain) {
    if (schema.contains("minimum") && number < schema["minimum"].get<double>()) complain("is too small");
    if (schema.contains("maximum") && number > schema["maximum"].get<double>()) complain("is too large");
  }

  template <class Complain>
  void check_members(const json& schema, const json& value, const std::string& at, Problems& problems,
                     const Complain& complain) const {
    for (const auto& name : list(schema, "required")) {
      if (!value.contains(name.get<std::string>())) complain("lacks " + name.get<std::string>());
    }
    const json properties = schema.value("properties", json::object());
    for (const auto& [name, member] : value.items()) {
      if (properties.contains(name)) {
        check(properties[name], member, at + "/" + name, problems, false);
      } else if (schema.contains("additionalProperties") && name.find('@') == name.npos) {
        const json& additional = schema["additionalProperties"];
        if (additional == false) complain("may not have " + name);
        if (additional.is_object()) check(additional, member, at + "/" + name, problems, false);
      }
    }
  }

  // The derived type that a value says it has, where the schema knows it.
  const json* type_named_in(const json& schema, const json& value) const {
    const json* discriminator = find_discriminator(schema);
    if (discriminator == nullptr || !value.is_object()) return nullptr;
    const auto name = value.find(discriminator->value("propertyName", ""));
    if (name == value.end() || !name->is_string() || !discriminator->contains("mapping")) return nullptr;
    const auto& mapping = (*discriminator)["mapping"];
    const auto found = mapping.find(name->get<std::string>());
    return found == mapping.end() ? nullptr : &document_.at(json::json_pointer(found->get<std::string>().substr(1)));
  }

  const json* find_discriminator(const json& schema) const {
    if (schema.contains("discriminator")) return &schema["discriminator"];
    for (const auto& part : list(schema, "allOf")) {
      if (part.contains("discriminator")) return &part["discriminator"];
    }
    return nullptr;
  }

  // Every property that the schema, its bases, its alternatives or its derived types declare.
  void gather(const json& unresolved, std::map<std::string, const json*>& declared, std::set<const json*>& seen) const {
    const json& schema = resolve(unresolved);
    if (!seen.insert(&schema).second) return;
    if (schema.contains("properties")) {
      for (const auto& [name, property] : schema["properties"].items()) declared.emplace(name, &property);
    }
    for (const char* of : {"allOf", "anyOf", "oneOf"}) {
      for (const auto& part : list(schema, of)) gather(part, declared, seen);
    }
    if (!schema.contains("discriminator") || !schema["discriminator"].contains("mapping")) return;
    for (const auto& [name, target] : schema["discriminator"]["mapping"].items()) {
      gather(document_.at(json::json_pointer(target.get<std::string>().substr(1))), declared, seen);
    }
  }

  void find_strangers(const json& schema, const json& value, const std::string& at, Problems& problems) const {
    if (value.is_array()) {
      const json& list_schema = array_schema(schema);
      if (!list_schema.contains("items")) return;
      for (std::size_t i = 0; i < value.size(); ++i) {
        find_strangers(list_schema["items"], value[i], fmt::format("{}/{}", at, i), problems);
      }
    }
    if (!value.is_object()) return;
    std::map<std::string, const json*> declared;
    std::set<const json*> seen;
    gather(schema, declared, seen);
    if (declared.empty()) return;
    for (const auto& [name, member] : value.items()) {
      const auto found = declared.find(name);
      if (found != declared.end()) {
        find_strangers(*found->second, member, at + "/" + name, problems);
      } else if (name.find('@') == name.npos) {
        problems.push_back(fmt::format("{}: nothing is called {}", at.empty() ? "/" : at, name));
      }
    }
  }

  const json& array_schema(const json& unresolved) const {
    const json& schema = resolve(unresolved);
    for (const auto& part : list(schema, "anyOf")) {
      if (resolve(part).contains("items")) return resolve(part);
    }
    return schema;
  }

  static const json& list(const json& schema, const char* name) {
    static const json kNone = json::array();
    const auto found = schema.find(name);
    return found == schema.end() ? kNone : *found;
  }

  const json& document_;
};

}  // namespace teamferry
