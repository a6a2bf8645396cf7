#pragma once

#include <string>
#include <string_view>

// How a message's text names its pictures. In the store a src is still relative, "../hostedContents/{id}/$value":
// its beginning depends on the address that the reading client uses, and is printed for each answer.
namespace teamferry::emulator {

inline constexpr std::string_view kHostedStart = "../hostedContents/";
inline constexpr std::string_view kHostedEnd = "/$value";

// An id that no other picture has; of characters that need no escape in a path or in JSON.
std::string new_hosted_id();

}  // namespace teamferry::emulator
