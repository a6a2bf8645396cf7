#include <fmt/format.h>

#include <array>
#include <nlohmann/json.hpp>

#include "native/emulator/faults.h"
#include "native/emulator/text.h"
#include "native/emulator/time.h"

// The words of the faults.
namespace teamferry::emulator {
namespace {

struct Usual {
  int status;
  const char* code;
  const char* message;
};

constexpr std::array kUsual = {
    Usual{400, "BadRequest", "Bad Request"},
    Usual{401, "InvalidAuthenticationToken", "Lifetime validation failed, the token is expired."},
    Usual{403, "Forbidden", "InsufficientPrivileges"},
    Usual{404, "NotFound", "The requested resource was not found."},
    Usual{408, "RequestTimeout", "The request timed out."},
    Usual{409, "Conflict",
          "Exception of type 'Microsoft.Skype.Messaging.ThreadService.Common.Store.Exceptions.StoreException' was "
          "thrown."},
    Usual{412, "PreconditionFailed", "PreconditionFailed"},
    Usual{413, "RequestEntityTooLarge", "Request Entity too large."},
    Usual{429, "TooManyRequests", "Please retry again later."},
    Usual{500, "InternalServerError", "An internal server error occurred."},
    Usual{502, "BadGateway", "Failed to execute backend request."},
    Usual{503, "ServiceUnavailable", "The service is temporarily unavailable."},
    Usual{504, "GatewayTimeout", "The backend did not answer in time."},
    Usual{507, "insufficientStorage", "The quota is used up."},
};

const Usual& usual_of(int status) {
  static constexpr Usual kOther{0, "UnknownError", ""};
  for (const Usual& usual : kUsual) {
    if (usual.status == status) return usual;
  }
  return kOther;
}

std::optional<std::string> retry_after_of(const FaultRule& rule, RetryAfter form, std::int64_t now) {
  if (!rule.retry_after) return std::nullopt;
  return print_retry_after(form, rule.retry_after->count(), now);
}

http::Response plain_response(int status, const char* type, std::string body, std::int64_t now) {
  http::Response response;
  response.status = status;
  response.headers.add("Content-Type", type);
  response.headers.add("Date", print_http_date(now));
  response.body = std::move(body);
  return response;
}

Answer status_answer(const FaultRule& rule, Traffic traffic) {
  const Usual& usual = usual_of(rule.status);
  // Files have a word of their own for being throttled.
  const char* code = rule.status == 429 && traffic == Traffic::uploads ? "activityLimitReached" : usual.code;
  Answer answer = Answer::error(rule.status, rule.code.empty() ? code : rule.code,
                                rule.message.empty() ? usual.message : rule.message);
  if (rule.status == 429) return std::move(answer).inner("429", "Please retry after");
  return answer;
}

}  // namespace

Answer fault_answer(const FaultRule& rule, Traffic traffic, RetryAfter form, std::int64_t now) {
  Answer answer;
  switch (rule.fault) {
    case Fault::expired_token:
      answer = Answer::error(401, "InvalidAuthenticationToken", "Lifetime validation failed, the token is expired.");
      answer.headers.emplace_back(
          "WWW-Authenticate",
          R"(Bearer realm="", authorization_uri="https://login.microsoftonline.com/common/oauth2/authorize", )"
          R"(client_id="00000003-0000-0000-c000-000000000000")");
      return answer;
    case Fault::inline_images_403:
      return Answer::error(403, "Forbidden", "Forbidden");
    case Fault::oneonone_412:
      return Answer::error(412, "PreconditionFailed", "PreconditionFailed")
          .inner("1", "PreconditionFailed-Version mismatch for thread resource.");
    case Fault::wedge:
      // The report has no words for the start, and says that a completion does nothing; its 204 is inferred (E56).
      return traffic == Traffic::starts ? Answer::bad_request("Migration is already in progress for this conversation.")
                                        : Answer::none();
    default:
      answer = status_answer(rule, traffic);
      break;
  }
  if (auto text = retry_after_of(rule, form, now)) answer.headers.emplace_back("Retry-After", std::move(*text));
  return answer;
}

http::Response fault_sign_in_answer(const FaultRule& rule, RetryAfter form, std::int64_t now) {
  const std::string trace = quick_guid();
  const std::string correlation = quick_guid();
  const std::string stamp = print_spaced_time(now);
  const int number = rule.status == 429 ? 90055 : 90033;
  const std::string text = !rule.message.empty() ? rule.message
                           : rule.status == 429  ? "The request was throttled. Please try again later."
                                                 : "A transient error has occurred. Please try again.";
  const nlohmann::json body = {
      {"error", rule.code.empty() ? "temporarily_unavailable" : rule.code},
      {"error_description", fmt::format("AADSTS{}: {} Trace ID: {} Correlation ID: {} Timestamp: {}", number, text,
                                        trace, correlation, stamp)},
      {"error_codes", nlohmann::json::array({number})},
      {"timestamp", stamp},
      {"trace_id", trace},
      {"correlation_id", correlation}};
  http::Response response = plain_response(rule.status, "application/json; charset=utf-8", body.dump(), now);
  if (auto value = retry_after_of(rule, form, now)) response.headers.add("Retry-After", std::move(*value));
  return response;
}

// Of a proxy between: none of Graph's headers.
http::Response gateway_page(const FaultRule& rule, RetryAfter form, std::int64_t now) {
  const char* title = rule.status == 502   ? "502 Bad Gateway"
                      : rule.status == 503 ? "503 Service Temporarily Unavailable"
                                           : "504 Gateway Time-out";
  http::Response response = plain_response(
      rule.status, "text/html",
      fmt::format("<html>\r\n<head><title>{0}</title></head>\r\n<body>\r\n<center><h1>{0}</h1></center>\r\n</body>\r\n"
                  "</html>\r\n",
                  title),
      now);
  if (auto value = retry_after_of(rule, form, now)) response.headers.add("Retry-After", std::move(*value));
  return response;
}

}  // namespace teamferry::emulator
