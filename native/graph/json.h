#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "native/base/datetime.h"
#include "native/base/result.h"
#include "native/http/message.h"

// Reads Graph's answers. For this folder's sources only; a missing property, null and one of another type are alike
// unless said otherwise.
namespace teamferry::graph {

std::string text_of(const nlohmann::json& object, const char* name);
std::optional<DateTime> date_of(const nlohmann::json& object, const char* name);
// The object of that name, or one without properties.
const nlohmann::json& object_of(const nlohmann::json& object, const char* name);
// The list of that name, or null.
const nlohmann::json& array_of(const nlohmann::json& object, const char* name);

// On one line, whatever bytes are in its texts.
std::string compact(const nlohmann::json& value);

// A text as a filter names it, its quotes doubled: 'o''hara@x.example'.
std::string odata_text(std::string_view text);

// The body as an object; otherwise an error of kind transport, code `unreadable`, that names the call.
Result<nlohmann::json> read_object(const http::Response& response, std::string_view what);
Error unreadable(std::string_view what, std::string_view why);

// "teams" out of "/v1.0/teams('1')/operations('2')" or "/teams/1/operations/2": "1", decoded. Empty if not there.
std::string key_of(std::string_view address, std::string_view collection);

}  // namespace teamferry::graph
