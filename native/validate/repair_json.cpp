#include "native/validate/repair_json.h"

namespace teamferry::validate {
namespace {

using Json = nlohmann::json;

Json* member(Json& object, std::string_view name) {
  if (!object.is_object()) return nullptr;
  const auto found = object.find(name);
  return found == object.end() ? nullptr : &*found;
}

}  // namespace

std::string* text_in(Json& object, std::string_view name) {
  Json* value = member(object, name);
  return value != nullptr && value->is_string() ? value->get_ptr<std::string*>() : nullptr;
}

std::string_view view_in(const Json& object, std::string_view name) {
  if (!object.is_object()) return {};
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? std::string_view(found->get_ref<const std::string&>())
                                                     : std::string_view();
}

Json* list_in(Json& object, std::string_view name) {
  Json* value = member(object, name);
  return value != nullptr && value->is_array() ? value : nullptr;
}

Json* object_in(Json& object, std::string_view name) {
  Json* value = member(object, name);
  return value != nullptr && value->is_object() ? value : nullptr;
}

std::string* html_of(Json& body) {
  Json* content = object_in(body, "body");
  if (content == nullptr || view_in(*content, "contentType") != "html") return nullptr;
  return text_in(*content, "content");
}

void note(Changes& changes, const char* rule, std::string field, std::string_view before, std::string_view after) {
  changes.push_back({rule, std::move(field), shown(before), shown(after)});
}

}  // namespace teamferry::validate
