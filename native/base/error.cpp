#include "native/base/error.h"

#include <fmt/format.h>

namespace teamferry {

bool Error::retryable() const {
  if (kind == Kind::transport) return true;
  switch (status) {
    case 408:
    case 429:
    case 500:
    case 502:
    case 503:
    case 504:
      return true;
    default:
      return false;
  }
}

bool Error::ambiguous() const {
  return retryable() && status != 429;
}

std::string Error::to_string() const {
  std::string text;
  if (status != 0) text += fmt::format("{} ", status);
  if (!code.empty()) text += code;
  if (!message.empty()) text += (text.empty() ? "" : ": ") + message;
  if (!inner_message.empty() && inner_message != message) text += fmt::format(" ({})", inner_message);
  if (!request_id.empty()) text += fmt::format(" (request-id {})", request_id);
  return text;
}

Error Error::argument(std::string code, std::string message) {
  Error error;
  error.kind = Kind::argument;
  error.code = std::move(code);
  error.message = std::move(message);
  return error;
}

Error Error::state(std::string code, std::string message) {
  Error error = argument(std::move(code), std::move(message));
  error.kind = Kind::state;
  return error;
}

Error Error::transport(std::string code, std::string message) {
  Error error = argument(std::move(code), std::move(message));
  error.kind = Kind::transport;
  return error;
}

}  // namespace teamferry
