#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace teamferry::auth {

// Base64 as JSON Web Tokens write it: '-' and '_', no padding. Source: https://www.rfc-editor.org/rfc/rfc7515#section-2
std::string encode_base64url(std::string_view bytes);

// Takes the alphabet of plain base64 too, and ends at the first '='. Nothing for any other character.
std::optional<std::string> decode_base64url(std::string_view text);

}  // namespace teamferry::auth
