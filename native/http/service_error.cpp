#include "native/http/service_error.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <nlohmann/json.hpp>

namespace teamferry::http {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;

constexpr std::size_t kLongestErrorBody = 1024 * 1024;
constexpr int kDeepestInnerError = 32;
constexpr milliseconds kLongestRetryAfter = std::chrono::hours(24);

std::string text_of(const json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

const json* object_of(const json& parent, const char* name) {
  const auto found = parent.find(name);
  return found != parent.end() && found->is_object() ? &*found : nullptr;
}

std::string_view reason_phrase(int status) {
  switch (status) {
    case 400:
      return "the service finds the request wrong and does not say why";
    case 401:
      return "the service does not accept the sign-in";
    case 403:
      return "the service forbids it and does not say why";
    case 404:
      return "not found";
    case 405:
      return "the service does not offer this method here";
    case 408:
    case 504:
      return "the service took too long";
    case 409:
      return "it conflicts with something that exists";
    case 413:
      return "the request is too large";
    case 429:
      return "too many requests";
    case 502:
    case 503:
      return "the service is not available";
    default:
      return "the service does not say why";
  }
}

// What a person would read on an HTML page: its title, else its text.
std::string html_summary(std::string_view page) {
  auto between = [&](std::string_view open, std::string_view close) -> std::string_view {
    const auto at = page.find(open);
    if (at == page.npos) return {};
    const auto start = page.find('>', at);
    if (start == page.npos) return {};
    const auto end = page.find(close, start);
    return page.substr(start + 1, end == page.npos ? page.npos : end - start - 1);
  };
  for (const auto& [open, close] : {std::pair{"<title", "</title"}, {"<TITLE", "</TITLE"}, {"<h1", "</h1"}}) {
    if (auto title = one_line(between(open, close)); !title.empty()) return fmt::format("an HTML page, '{}'", title);
  }
  std::string text;
  bool in_tag = false;
  for (char c : page.substr(0, 4096)) {
    if (c == '<') in_tag = true;
    if (!in_tag) text += c;
    if (c == '>') {
      in_tag = false;
      text += ' ';
    }
  }
  return fmt::format("an HTML page, '{}'", one_line(text, 120));
}

// Walks error, error.innerError, its innerError and so on. The deepest text tells most.
void read_envelope(const json& envelope, Error& error) {
  error.code = text_of(envelope, "code");
  error.message = one_line(text_of(envelope, "message"), 1000);
  const json* level = &envelope;
  for (int depth = 0; level && depth < kDeepestInnerError; ++depth) {
    for (const char* name : {"request-id", "requestId"}) {
      if (auto id = text_of(*level, name); !id.empty() && error.request_id.empty()) error.request_id = one_line(id, 80);
    }
    for (const char* name : {"client-request-id", "clientRequestId"}) {
      if (auto id = text_of(*level, name); !id.empty() && error.client_request_id.empty()) {
        error.client_request_id = one_line(id, 80);
      }
    }
    if (depth > 0) {
      if (auto text = text_of(*level, "message"); !text.empty()) error.inner_message = one_line(text, 1000);
      if (error.code.empty()) error.code = text_of(*level, "code");
    }
    const json* inner = object_of(*level, "innerError");
    level = inner ? inner : object_of(*level, "innererror");
  }
  const auto details = envelope.find("details");
  if (error.inner_message.empty() && details != envelope.end() && details->is_array() && !details->empty() &&
      details->front().is_object()) {
    error.inner_message = one_line(text_of(details->front(), "message"), 1000);
  }
}

void read_json(const json& body, Error& error) {
  if (!body.is_object()) return;
  if (const json* envelope = object_of(body, "error")) return read_envelope(*envelope, error);
  if (const auto code = text_of(body, "error"); !code.empty()) {  // the sign-in
    error.code = code;
    error.message = one_line(text_of(body, "error_description"), 1000);
    return;
  }
  error.code = text_of(body, "code");
  error.message = one_line(text_of(body, "message"), 1000);
}

int month_of(std::string_view name) {
  constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                        "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto found = std::find(kMonths.begin(), kMonths.end(), name);
  return found == kMonths.end() ? 0 : static_cast<int>(found - kMonths.begin()) + 1;
}

}  // namespace

std::string one_line(std::string_view text, std::size_t limit) {
  std::string line;
  bool gap = false;
  for (std::size_t i = 0; i < text.size();) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c <= ' ' || c == 0x7f) {
      gap = !line.empty();
      ++i;
      continue;
    }
    // A whole UTF-8 character, or a question mark for bytes that are none.
    std::size_t length = c < 0x80                ? 1
                         : c >= 0xc2 && c < 0xe0 ? 2
                         : c >= 0xe0 && c < 0xf0 ? 3
                         : c >= 0xf0 && c < 0xf5 ? 4
                                                 : 0;
    bool whole = length > 0 && i + length <= text.size();
    for (std::size_t k = 1; whole && k < length; ++k) whole = (static_cast<unsigned char>(text[i + k]) & 0xc0) == 0x80;
    const std::string_view character = whole ? text.substr(i, length) : "?";
    if (line.size() + gap + character.size() > limit) return line + "...";
    if (std::exchange(gap, false)) line += ' ';
    line += character;
    i += whole ? length : 1;
  }
  return line;
}

std::optional<DateTime> parse_http_date(std::string_view text) {
  std::vector<std::string> words(1);
  for (char c : text) {
    if (std::isalnum(static_cast<unsigned char>(c))) {
      words.back() += c;
    } else if (!words.back().empty()) {
      words.emplace_back();
    }
    if (words.size() > 10) return std::nullopt;
  }
  std::vector<int> numbers;
  int month = 0;
  bool month_first = false;
  for (const auto& word : words) {
    if (const int found = month_of(word)) {
      month = found;
      month_first = numbers.empty();
    } else if (!word.empty() && word.size() <= 4 &&
               std::all_of(word.begin(), word.end(), [](unsigned char c) { return std::isdigit(c); })) {
      numbers.push_back(std::stoi(word));
    }
  }
  if (month == 0 || numbers.size() != 5) return std::nullopt;
  if (month_first) std::rotate(numbers.begin() + 1, numbers.end() - 1, numbers.end());  // asctime has the year last
  int year = numbers[1];
  if (year < 100) year += year < 70 ? 2000 : 1900;
  return DateTime::parse(
      fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", year, month, numbers[0], numbers[2], numbers[3], numbers[4]));
}

std::optional<milliseconds> parse_retry_after(std::string_view text, DateTime now) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  if (text.empty()) return std::nullopt;
  int dots = 0;
  const bool number = std::isdigit(static_cast<unsigned char>(text.front())) &&
                      std::all_of(text.begin(), text.end(),
                                  [&dots](unsigned char c) { return std::isdigit(c) || (c == '.' && ++dots == 1); });
  if (!number) {
    const auto moment = parse_http_date(text);
    if (!moment) return std::nullopt;
    return std::clamp(milliseconds(moment->ms - now.ms), milliseconds(0), kLongestRetryAfter);
  }
  if (text.size() > 30) return kLongestRetryAfter;
  // Digit by digit, since strtod would ask the locale what a decimal point is.
  double seconds = 0, unit = 1;
  bool fraction = false;
  for (char c : text) {
    if (c == '.') {
      fraction = true;
    } else if (fraction) {
      seconds += (c - '0') * (unit /= 10);
    } else {
      seconds = seconds * 10 + (c - '0');
    }
  }
  const double longest = std::chrono::duration<double>(kLongestRetryAfter).count();
  return milliseconds(static_cast<std::int64_t>(std::ceil(std::min(seconds, longest) * 1000 - 1e-6)));
}

Error service_error(const Response& response, DateTime now) {
  Error error;
  error.kind = Error::Kind::service;
  error.status = response.status;
  if (response.body.size() <= kLongestErrorBody) {
    const json body = json::parse(response.body, nullptr, false);
    if (!body.is_discarded()) read_json(body, error);
  }
  error.code = one_line(error.code, 80);
  if (error.message.empty() && error.inner_message.empty()) {
    const auto start = response.body.find_first_not_of(" \t\r\n");
    if (start == std::string::npos || response.body[start] == '{' || response.body[start] == '[') {
      error.message = reason_phrase(response.status);
    } else if (response.body[start] == '<') {
      error.message = html_summary(response.body);
    } else {
      error.message = one_line(response.body);
    }
  }

  if (const auto* id = response.headers.find("request-id")) error.request_id = one_line(*id, 80);
  if (const auto* id = response.headers.find("client-request-id")) error.client_request_id = one_line(*id, 80);
  if (const auto* wait = response.headers.find("Retry-After")) {
    const auto* date = response.headers.find("Date");
    const auto sent = date ? parse_http_date(*date) : std::nullopt;
    error.retry_after = parse_retry_after(*wait, sent.value_or(now));
  }
  return error;
}

}  // namespace teamferry::http
