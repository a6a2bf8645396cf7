#pragma once

#include <string>
#include <string_view>

#include "native/validate/repair.h"

namespace teamferry::validate {

// What the files of the repairs share: reading JSON without trust, and noting changes.

// The text under `name`, or null.
std::string* text_in(nlohmann::json& object, std::string_view name);
std::string_view view_in(const nlohmann::json& object, std::string_view name);  // empty if it is none

// The list or the object under `name`, or null.
nlohmann::json* list_in(nlohmann::json& object, std::string_view name);
nlohmann::json* object_in(nlohmann::json& object, std::string_view name);

// The HTML of the body, or null when it is no HTML.
std::string* html_of(nlohmann::json& body);

void note(Changes& changes, const char* rule, std::string field, std::string_view before, std::string_view after);

}  // namespace teamferry::validate
