#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "native/base/result.h"

namespace teamferry::http {

// The part of an address that decides who gets what is sent there. All lower case; the port is never empty.
struct Origin {
  std::string scheme;
  std::string host;  // an IPv6 address stands in brackets
  std::string port;

  bool operator==(const Origin&) const = default;
  // This very machine: localhost, 127.0.0.0/8, ::1.
  bool is_loopback() const;
};

// Nothing unless the address is absolute, http or https, and free of user names and control characters.
// Tested by tests/native/http/url_test.cpp.
std::optional<Origin> origin_of(std::string_view url);

// The address for a person's eyes: without query and fragment, which may carry a token, and without a user's name and
// password. Foreign text: cut and on one line.
std::string without_query(std::string_view url);

// A secret travels over https, or over http within this machine. Otherwise an error, code `insecure_url`,
// that names the address.
Status check_may_carry_secrets(std::string_view url);

// Percent-encodes all but the unreserved characters of RFC 3986, so the text is safe as a segment of a path
// and as a value of a query or a form.
std::string percent_encode(std::string_view text);

}  // namespace teamferry::http
