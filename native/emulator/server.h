#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "native/base/result.h"
#include "native/emulator/authority.h"
#include "native/emulator/router.h"
#include "native/emulator/wire.h"

namespace teamferry::emulator {

// HTTP/1.1 over TCP and TLS on one port: a first byte of 0x16 begins a handshake, any other a request. Keep-alive,
// chunked bodies, any number of connections on one thread of its own. Whatever bytes arrive, the worst that happens
// is that their connection is closed.
// Tested by tests/native/emulator/server_test.cpp and tls_test.cpp.
class Server {
 public:
  // Called on the server's thread, one request at a time; the url is absolute, its scheme the connection's.
  using Handler = std::function<Outcome(const http::Request&, Peer)>;

  struct Setup {
    std::string host = "127.0.0.1";  // an address, or "localhost"
    std::uint16_t port = 0;          // 0: any free one
    Handler handler;
    Handler too_large;                 // answers requests whose body, over `body_limit`, was not read
    BodyLimit body_limit;              // absent: none
    std::optional<Identity> identity;  // absent: no TLS

    // For a handshake; for a request from its first byte to its last; for the client to take some of its answer.
    std::chrono::milliseconds request_deadline{120'000};
  };

  static Result<std::unique_ptr<Server>> start(Setup setup);

  ~Server();  // stops
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  std::uint16_t port() const;
  std::string url() const;        // "http://127.0.0.1:4711"
  std::string https_url() const;  // "https://127.0.0.1:4711"

  // Closes everything and joins the thread.
  void stop();

 private:
  struct Impl;
  explicit Server(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace teamferry::emulator
