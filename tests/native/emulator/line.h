#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cerrno>
#include <cstdint>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>

#include "native/emulator/emulator.h"

// A connection to the emulator over loopback, spoken to byte by byte, and what the tests of the transport share.
namespace teamferry::emulator {

// Status line, headers and body of the next answer of what `held` has and `more` adds; empty when the connection ended
// first.
template <class More>
std::string take_answer(std::string& held, const More& more) {
  std::size_t end = 0;
  while ((end = held.find("\r\n\r\n")) == held.npos) {
    if (!more()) return "";
  }
  end += 4;
  const auto length = held.find("Content-Length: ");
  if (length < end) end += std::stoul(held.substr(length + 16));
  while (held.size() < end) {
    if (!more()) return "";
  }
  std::string taken = held.substr(0, end);
  held.erase(0, end);
  return taken;
}

class Line {
 public:
  explicit Line(const Emulator& emulator) : Line(emulator.port()) {}
  explicit Line(std::uint16_t port) : fd_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    inet_pton(AF_INET, "127.0.0.1", &address.sin_addr);
    timeval limit{10, 0};  // a test that waits has failed
    setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    REQUIRE(connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  }
  ~Line() { close(fd_); }
  Line(const Line&) = delete;
  Line& operator=(const Line&) = delete;

  int fd() const { return fd_; }

  void send(std::string_view text) {
    while (!text.empty()) {
      const ssize_t put = ::send(fd_, text.data(), text.size(), MSG_NOSIGNAL);
      if (put <= 0) return;
      text.remove_prefix(static_cast<std::size_t>(put));
    }
  }
  bool more() {
    char buffer[4096];
    const ssize_t got = recv(fd_, buffer, sizeof buffer, 0);
    if (got <= 0) return false;
    held_.append(buffer, static_cast<std::size_t>(got));
    return true;
  }
  std::string answer() {
    return take_answer(held_, [this] { return more(); });
  }
  // Everything until the other side closes.
  std::string rest() {
    while (more()) {
    }
    return std::exchange(held_, "");
  }
  // True once the other side has closed.
  bool ended() { return held_.empty() && !more(); }
  // True once the other side has reset the connection.
  bool was_reset() { return ended() && errno == ECONNRESET; }

 private:
  int fd_;
  std::string held_;
};

inline std::unique_ptr<Emulator> start(Options options = {}) {
  auto started = Emulator::start(std::move(options));
  if (!started) FAIL(started.error().to_string());
  return std::move(started).value();
}

inline int status_of(const std::string& answer) {
  return answer.size() < 12 ? 0 : std::stoi(answer.substr(9, 3));
}
inline std::string body_of(const std::string& answer) {
  return answer.substr(answer.find("\r\n\r\n") + 4);
}

inline std::string token_request(const Emulator& emulator) {
  const App app = emulator.apps().front();
  const std::string form = "client_id=" + app.client_id + "&client_secret=" + app.client_secret +
                           "&scope=https%3A%2F%2Fgraph.microsoft.com%2F.default&grant_type=client_credentials";
  return "POST /" + emulator.tenant_id() +
         "/oauth2/v2.0/token HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(form.size()) + "\r\n\r\n" + form;
}

inline std::string token_of(const Emulator& emulator) {
  Line line(emulator);
  line.send(token_request(emulator));
  return nlohmann::json::parse(body_of(line.answer()))["access_token"];
}

inline std::string get_request(const std::string& path, const std::string& token) {
  return "GET " + path + " HTTP/1.1\r\nHost: 127.0.0.1:1\r\nAuthorization: Bearer " + token + "\r\n\r\n";
}

}  // namespace teamferry::emulator
