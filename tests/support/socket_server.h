#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <functional>
#include <mutex>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace teamferry {

// A connection that a SocketServer accepted. Reads and writes whole things, blocking.
class Connection {
 public:
  explicit Connection(int fd) : fd_(fd) {}

  // The next request with its head and body, or empty once the client has gone.
  std::string read_request() {
    while (true) {
      if (const auto head = buffer_.find("\r\n\r\n"); head != std::string::npos) {
        std::size_t length = head + 4;
        if (const auto field = buffer_.find("Content-Length: "); field < head) {
          length += std::stoul(buffer_.substr(field + 16));
        }
        if (buffer_.size() >= length) {
          std::string request = buffer_.substr(0, length);
          buffer_.erase(0, length);
          return request;
        }
      }
      char bytes[65536];
      const ssize_t count = recv(fd_, bytes, sizeof bytes, 0);
      if (count <= 0) return {};
      buffer_.append(bytes, static_cast<std::size_t>(count));
    }
  }

  void write(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t count = send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (count <= 0) return;
      bytes.remove_prefix(static_cast<std::size_t>(count));
    }
  }
  void answer(std::string_view body, std::string_view status = "200 OK") {
    write("HTTP/1.1 " + std::string(status) + "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n");
    write(body);
  }

  // Lets the close that follows the handler be a reset.
  void reset_on_close() {
    const linger now{1, 0};
    setsockopt(fd_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  }
  // Blocks until the client has closed.
  void wait_for_close() {
    char byte;
    while (recv(fd_, &byte, 1, 0) > 0) continue;
  }
  int fd() const { return fd_; }

 private:
  int fd_;
  std::string buffer_;
};

// A server on loopback whose handler talks on each connection, in a thread of its own, and closes it by returning.
class SocketServer {
 public:
  explicit SocketServer(std::function<void(Connection&)> handler) : handler_(std::move(handler)) {
    listener_ = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 || listen(listener_, 512) != 0 ||
        getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
      throw std::runtime_error("no server on loopback");
    }
    port_ = ntohs(address.sin_port);
    acceptor_ = std::thread([this] { accept_all(); });
  }
  ~SocketServer() {
    stop_ = true;
    shutdown(listener_, SHUT_RDWR);
    acceptor_.join();
    {
      std::lock_guard lock(mutex_);
      for (int fd : open_) shutdown(fd, SHUT_RDWR);
    }
    for (auto& thread : threads_) thread.join();
    close(listener_);
  }
  SocketServer(const SocketServer&) = delete;

  std::string url(std::string_view path = "/", std::string_view scheme = "http") const {
    return std::string(scheme) + "://127.0.0.1:" + std::to_string(port_) + std::string(path);
  }
  int connections() const { return connections_; }

 private:
  void accept_all() {
    while (!stop_) {
      const int fd = accept(listener_, nullptr, nullptr);
      if (fd < 0) return;
      ++connections_;
      std::lock_guard lock(mutex_);
      open_.push_back(fd);
      threads_.emplace_back([this, fd] { serve(fd); });
    }
  }
  void serve(int fd) {
    Connection connection(fd);
    handler_(connection);
    std::lock_guard lock(mutex_);
    std::erase(open_, fd);
    close(fd);
  }

  std::function<void(Connection&)> handler_;
  int listener_ = -1;
  int port_ = 0;
  std::atomic<bool> stop_{false};
  std::atomic<int> connections_{0};
  std::mutex mutex_;
  std::vector<int> open_;             // guarded by mutex_
  std::vector<std::thread> threads_;  // written by the acceptor alone
  std::thread acceptor_;
};

}  // namespace teamferry
