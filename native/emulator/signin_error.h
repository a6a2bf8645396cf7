#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "native/http/message.h"

namespace teamferry::emulator {

// A refusal of the sign-in: one of Entra's AADSTS codes. Statuses and `error` are those of the fact sheet, 6.5.
struct Refused {
  int status;
  const char* error;
  int code;
  std::string text;
};

// An answer of the sign-in, never to be cached.
http::Response sign_in_answer(int status, const nlohmann::json& body);

// The error body, complete. `correlation`: the client's own id of the request, or empty. `now` in ms.
http::Response sign_in_refusal(const Refused& refused, std::string_view base, std::string correlation,
                               std::int64_t now);

}  // namespace teamferry::emulator
