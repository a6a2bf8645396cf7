#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "native/base/result.h"
#include "native/emulator/router.h"

namespace teamferry::emulator {

inline constexpr std::size_t kMostRequestBytes = 4 << 20;  // "Graph has a limit of 4 MB on all calls"

// HTTP/1.1 over TCP: keep-alive, chunked bodies, any number of connections on one thread of its own. Whatever bytes
// arrive, the worst that happens is that their connection is closed.
// Tested by tests/native/emulator/server_test.cpp.
class Server {
 public:
  // Called on the server's thread, one request at a time; the url is absolute.
  using Handler = std::function<Outcome(const http::Request&)>;

  static Result<std::unique_ptr<Server>> start(const std::string& host, std::uint16_t port, Handler handler);

  ~Server();  // stops
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  std::uint16_t port() const;
  std::string url() const;  // "http://127.0.0.1:4711"

  // Closes everything and joins the thread.
  void stop();

 private:
  struct Impl;
  explicit Server(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace teamferry::emulator
