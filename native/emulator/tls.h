#pragma once

#include <boost/asio/ssl/context.hpp>
#include <memory>

#include "native/base/result.h"
#include "native/emulator/authority.h"

namespace teamferry::emulator {

// The server's side of TLS 1.2 and 1.3 with that identity. It offers HTTP/1.1 alone. Heavy: for server.cpp.
// Tested by tests/native/emulator/tls_test.cpp.
Result<std::unique_ptr<boost::asio::ssl::context>> make_tls_context(const Identity& identity);

}  // namespace teamferry::emulator
