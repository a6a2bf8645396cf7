#include "native/http/url.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "native/http/service_error.h"

namespace teamferry::http {
namespace {

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return result;
}

bool all_digits(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](unsigned char c) { return std::isdigit(c); });
}

// "127." with three more numbers: a host such as 127.evil.example is a name, not this machine.
bool is_loopback_v4(std::string_view host) {
  if (host.substr(0, 4) != "127.") return false;
  if (std::count(host.begin(), host.end(), '.') != 3) return false;
  return std::all_of(host.begin(), host.end(), [](unsigned char c) { return c == '.' || std::isdigit(c); });
}

}  // namespace

bool Origin::is_loopback() const {
  return host == "localhost" || host == "[::1]" || is_loopback_v4(host);
}

std::optional<Origin> origin_of(std::string_view url) {
  for (unsigned char c : url) {
    if (c <= ' ' || c == 0x7f || c == '\\') return std::nullopt;
  }
  const auto colon = url.find("://");
  if (colon == std::string_view::npos) return std::nullopt;
  Origin origin;
  origin.scheme = lower(url.substr(0, colon));
  if (origin.scheme != "http" && origin.scheme != "https") return std::nullopt;
  std::string_view rest = url.substr(colon + 3);
  rest = rest.substr(0, rest.find_first_of("/?#"));
  if (rest.find('@') != std::string_view::npos) return std::nullopt;

  std::string_view host = rest, port;
  const auto bracket = rest.find(']');
  const auto split = rest.find(':', bracket == std::string_view::npos ? 0 : bracket);
  if (split != std::string_view::npos) {
    host = rest.substr(0, split);
    port = rest.substr(split + 1);
    if (port.size() > 5 || !all_digits(port)) return std::nullopt;
  }
  if (host.empty()) return std::nullopt;
  origin.host = lower(host);
  origin.port = port.empty() ? (origin.scheme == "https" ? "443" : "80") : std::string(port);
  return origin;
}

std::string without_query(std::string_view url) {
  std::string shown(url.substr(0, url.find_first_of("?#")));
  const auto host = shown.find("://");
  if (host != std::string::npos) {
    const auto end = shown.find('/', host + 3);
    const auto name = shown.rfind('@', end);
    if (name != std::string::npos && name > host) shown.erase(host + 3, name - host - 2);
  }
  return one_line(shown, 200);
}

Status check_may_carry_secrets(std::string_view url) {
  const auto origin = origin_of(url);
  if (!origin) {
    return Error::argument("bad_url", fmt::format("'{}' is not an http or https address", without_query(url)));
  }
  if (origin->scheme == "https" || origin->is_loopback()) return done();
  return Error::argument("insecure_url", fmt::format("{} would carry secrets over plain http to another machine; use "
                                                     "https, or http to this machine only",
                                                     without_query(url)));
}

std::string percent_encode(std::string_view text) {
  std::string result;
  result.reserve(text.size() + text.size() / 4);
  for (unsigned char c : text) {
    if ((c < 0x80 && std::isalnum(c)) || c == '-' || c == '.' || c == '_' || c == '~') {
      result += static_cast<char>(c);
    } else {
      result += fmt::format("%{:02X}", c);
    }
  }
  return result;
}

}  // namespace teamferry::http
