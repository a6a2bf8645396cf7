#include "native/emulator/assertion.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "native/emulator/text.h"
#include "native/emulator/time.h"

namespace teamferry::emulator {
namespace {

using nlohmann::json;

constexpr std::string_view kManual =
    "Review the documentation at https://learn.microsoft.com/entra/identity-platform/certificate-credentials .";

Refused refused(int code, std::string text) {
  return {401, "invalid_client", code, std::move(text)};
}

Refused malformed(std::string_view why) {
  return refused(50027, fmt::format("JWT token is invalid or malformed. {}", why));
}

json read_part(std::string_view part) {
  const auto decoded = from_base64url(part);
  return decoded ? json::parse(*decoded, nullptr, false) : json();
}

std::string text_of(const json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

// Seconds since 1970. Some libraries write a fraction. Nothing: absent, no number, or beyond any calendar.
std::optional<std::int64_t> seconds_of(const json& claims, const char* name) {
  constexpr double kLatest = 253'402'300'799;  // the year 9999
  const auto found = claims.find(name);
  if (found == claims.end() || !found->is_number()) return std::nullopt;
  const double value = found->get<double>();
  if (!(value >= 0 && value <= kLatest)) return std::nullopt;
  return static_cast<std::int64_t>(value);
}

std::optional<Refused> check_names(const json& claims, const AssertionRules& rules) {
  const std::string client = lower_ascii(rules.client_id);
  if (lower_ascii(text_of(claims, "iss")) != client || lower_ascii(text_of(claims, "sub")) != client) {
    return refused(
        700021,
        fmt::format("Client assertion application identifier doesn't match 'client_id' parameter. {}", kManual));
  }
  const std::string audience = text_of(claims, "aud");
  if (std::none_of(rules.audiences.begin(), rules.audiences.end(),
                   [&](const std::string& known) { return lower_ascii(known) == lower_ascii(audience); })) {
    return refused(
        700023, fmt::format("Client assertion audience claim does not match Realm issuer. The assertion is for '{}', "
                            "this is '{}'. {}",
                            audience, rules.audiences.front(), kManual));
  }
  // Required by the documentation; that a claim which is absent passes as well is our guess at libraries in use.
  if (claims.contains("jti") && text_of(claims, "jti").empty()) return malformed("'jti' must be a text.");
  return std::nullopt;
}

std::optional<Refused> check_times(const json& claims, std::int64_t now) {
  constexpr std::int64_t kSkew = 300;
  const auto expires = seconds_of(claims, "exp");
  const auto begins = claims.contains("nbf") ? seconds_of(claims, "nbf") : 0;
  if (!expires || !begins) return malformed("'exp' and 'nbf' must be seconds since 1970.");
  if (*expires * 1000 > now && *begins <= now / 1000 + kSkew) return std::nullopt;
  return refused(700024,
                 fmt::format("Client assertion is not within its valid time range. Current time: {}, assertion "
                             "valid from {}, expiry time of assertion {}. {}",
                             print_time(now), print_time(*begins * 1000), print_time(*expires * 1000), kManual));
}

// A header may name its certificate in either way, or in both if they agree.
bool names(const json& header, const Certificate& certificate) {
  const auto fits = [&](const char* name, const std::string& thumbprint) {
    return !header.contains(name) || text_of(header, name) == thumbprint;
  };
  return fits("x5t#S256", certificate.thumbprint_sha256()) && fits("x5t", certificate.thumbprint_sha1());
}

std::optional<Refused> check_signature(const json& header, Algorithm algorithm, std::string_view text,
                                       std::string_view signature, const AssertionRules& rules) {
  const auto bad = [](std::string_view reason) {
    return refused(700027,
                   fmt::format("Client assertion contains an invalid signature. [Reason - {}] {}", reason, kManual));
  };
  if (!header.contains("x5t#S256") && !header.contains("x5t")) {
    return bad("The key was not found. The header has neither 'x5t#S256' nor 'x5t'.");
  }
  const auto found = std::find_if(rules.certificates.begin(), rules.certificates.end(),
                                  [&](const Certificate& certificate) { return names(header, certificate); });
  if (found == rules.certificates.end()) {
    return bad(
        fmt::format("The key was not found., Thumbprint of key used by client: '{}', this app has {} registered.",
                    text_of(header, header.contains("x5t#S256") ? "x5t#S256" : "x5t"), rules.certificates.size()));
  }
  if (!found->valid_at(rules.now)) return bad("The key used is expired.");
  if (!found->verify(algorithm, text, signature)) {
    return bad(
        fmt::format("The provided signature value did not match the expected signature value., Thumbprint of "
                    "key used by client: '{}'.",
                    found->thumbprint_sha1()));
  }
  return std::nullopt;
}

}  // namespace

std::optional<Refused> check_assertion(std::string_view jwt, const AssertionRules& rules) {
  const auto first = jwt.find('.');
  const auto last = jwt.rfind('.');
  if (first == last) return malformed("It must have three parts.");
  const json header = read_part(jwt.substr(0, first));
  const json claims = read_part(jwt.substr(first + 1, last - first - 1));
  const auto signature = from_base64url(jwt.substr(last + 1));
  if (!header.is_object() || !claims.is_object() || !signature)
    return malformed("Its parts are not base64url of JSON.");
  const std::string algorithm = text_of(header, "alg");
  if (algorithm != "PS256" && algorithm != "RS256") {
    return malformed(fmt::format("'{}' is not a supported signature algorithm.", algorithm));
  }
  if (auto problem = check_names(claims, rules)) return problem;
  if (auto problem = check_times(claims, rules.now)) return problem;
  return check_signature(header, algorithm == "PS256" ? Algorithm::ps256 : Algorithm::rs256, jwt.substr(0, last),
                         *signature, rules);
}

}  // namespace teamferry::emulator
