#include "native/emulator/signin_error.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "native/emulator/text.h"
#include "native/emulator/time.h"

namespace teamferry::emulator {

using nlohmann::json;

http::Response sign_in_answer(int status, const json& body) {
  http::Response response;
  response.status = status;
  response.headers.add("Content-Type", "application/json; charset=utf-8");
  response.headers.add("Cache-Control", "no-store, no-cache");
  response.headers.add("Pragma", "no-cache");
  response.body = body.dump(-1, ' ', false, json::error_handler_t::replace);
  return response;
}

http::Response sign_in_refusal(const Refused& refused, std::string_view base, std::string correlation,
                               std::int64_t now) {
  const std::string trace = quick_guid();
  if (correlation.empty()) correlation = quick_guid();
  const std::string stamp = print_spaced_time(now);
  auto response = sign_in_answer(
      refused.status, {{"error", refused.error},
                       {"error_description", fmt::format("AADSTS{}: {} Trace ID: {} Correlation ID: {} Timestamp: {}",
                                                         refused.code, refused.text, trace, correlation, stamp)},
                       {"error_codes", json::array({refused.code})},
                       {"timestamp", stamp},
                       {"trace_id", trace},
                       {"correlation_id", correlation},
                       {"error_uri", fmt::format("{}/error?code={}", base, refused.code)}});
  response.headers.add("x-ms-request-id", trace);
  return response;
}

}  // namespace teamferry::emulator
