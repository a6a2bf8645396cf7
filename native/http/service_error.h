#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "native/base/datetime.h"
#include "native/base/error.h"
#include "native/http/message.h"

namespace teamferry::http {

// Reads a refusal (status 400 and above) into the one error shape. Understands Graph's envelope with its inner
// errors at any depth and in both spellings, the sign-in's {error, error_description}, gateways' HTML pages, and
// nothing at all. Foreign text is cut, and its control characters are blanked. `now` serves a Retry-After that is
// a date when the answer has no Date of its own.
// Source: https://learn.microsoft.com/graph/errors
// Tested by tests/native/http/service_error_test.cpp.
Error service_error(const Response& response, DateTime now);

// Retry-After: whole seconds, seconds with a fraction, or an HTTP date seen from `now`. Never negative, at most a
// day, rounded up to the millisecond; nothing if it is none of these.
std::optional<std::chrono::milliseconds> parse_retry_after(std::string_view text, DateTime now);

// The three forms of an HTTP date: "Sun, 06 Nov 1994 08:49:37 GMT" and its two ancestors.
// Source: https://www.rfc-editor.org/rfc/rfc9110#section-5.6.7
std::optional<DateTime> parse_http_date(std::string_view text);

// One printable line of at most `limit` bytes out of foreign text.
std::string one_line(std::string_view text, std::size_t limit = 300);

}  // namespace teamferry::http
