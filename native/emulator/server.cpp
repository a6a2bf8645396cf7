#include "native/emulator/server.h"

#include <fmt/format.h>
#include <sys/resource.h>

#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <chrono>
#include <optional>
#include <thread>
#include <vector>

namespace teamferry::emulator {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace bhttp = boost::beast::http;
using asio::ip::tcp;

constexpr auto kNoThrow = asio::as_tuple(asio::use_awaitable);
constexpr std::chrono::minutes kIdle{5};
constexpr std::uint32_t kMostHeaderBytes = 64 * 1024;  // a token with many roles is long

// A thousand lanes are a thousand sockets; the usual soft limit is not enough for both ends of them.
void raise_file_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

std::string print_head(const http::Response& response, bool keep_alive, unsigned version) {
  const auto reason = bhttp::obsolete_reason(static_cast<bhttp::status>(response.status));
  std::string head = fmt::format("HTTP/1.1 {} {}\r\n", response.status, std::string_view(reason.data(), reason.size()));
  head.reserve(1024);
  for (const auto& [name, value] : response.headers) {
    head += name;
    head += ": ";
    head += value;
    head += "\r\n";
  }
  if (response.status != 204) head += fmt::format("Content-Length: {}\r\n", response.body.size());
  if (!keep_alive) {
    head += "Connection: close\r\n";
  } else if (version == 10) {
    head += "Connection: keep-alive\r\n";
  }
  head += "\r\n";
  return head;
}

bool plain_host(std::string_view host) {
  return !host.empty() &&
         host.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-:[]_") == host.npos;
}

// The absolute url of a request; empty for a target that is none. A host that is not one is replaced by our own.
std::string read_url(std::string_view target, std::string_view host, const std::string& own) {
  constexpr std::string_view kScheme = "http://";
  if (target.substr(0, kScheme.size()) == kScheme) {
    target.remove_prefix(kScheme.size());
    host = target.substr(0, target.find('/'));
    target.remove_prefix(host.size());
    if (target.empty()) target = "/";
  }
  if (target.empty() || target.front() != '/') return "";
  return (plain_host(host) ? std::string(kScheme) + std::string(host) : own) + std::string(target);
}

http::Response refusal(int status, const char* code, const char* message) {
  http::Response response;
  response.status = status;
  response.headers.add("Content-Type", "application/json");
  response.body = fmt::format(R"({{"error":{{"code":"{}","message":"{}","innerError":{{}}}}}})", code, message);
  return response;
}

// What bytes that are no request get.
http::Response refusal_of(const beast::error_code& failure) {
  if (failure == bhttp::error::body_limit) {
    return refusal(413, "RequestEntityTooLarge", "Request Entity too large.");
  }
  if (failure == bhttp::error::header_limit) return refusal(431, "BadRequest", "The request headers are too long.");
  return refusal(400, "BadRequest", "The request is not HTTP.");
}

using Parser = bhttp::request_parser<bhttp::string_body>;

http::Request to_request(Parser& parser, const std::string& own) {
  auto& message = parser.get();
  http::Request request;
  request.method = std::string(message.method_string());
  const auto host = message[bhttp::field::host];
  request.url = read_url({message.target().data(), message.target().size()}, {host.data(), host.size()}, own);
  for (const auto& field : message) {
    request.headers.add(std::string(field.name_string()), std::string(field.value()));
  }
  request.body = std::move(message.body());
  return request;
}

}  // namespace

struct Server::Impl {
  Handler handler;
  std::optional<asio::io_context> context{std::in_place, 1};
  std::optional<tcp::acceptor> acceptor{*context};
  std::string own_url;
  std::thread thread;

  asio::awaitable<void> accept() {
    for (;;) {
      auto [failure, socket] = co_await acceptor->async_accept(kNoThrow);
      if (failure == asio::error::operation_aborted) co_return;
      if (failure) {
        // Out of descriptors, as a rule: some will be closed soon.
        asio::steady_timer pause(*context, std::chrono::milliseconds(20));
        co_await pause.async_wait(kNoThrow);
        continue;
      }
      asio::co_spawn(*context, serve(std::move(socket)), asio::detached);
    }
  }

  asio::awaitable<void> serve(tcp::socket socket) {
    beast::error_code ignored;
    socket.set_option(tcp::no_delay(true), ignored);
    beast::tcp_stream stream(std::move(socket));
    beast::flat_buffer buffer;
    bool open = true;
    while (open) open = co_await exchange(stream, buffer);
    stream.socket().shutdown(tcp::socket::shutdown_both, ignored);
  }

  // One request and its answer. False: the connection is over.
  asio::awaitable<bool> exchange(beast::tcp_stream& stream, beast::flat_buffer& buffer) {
    Parser parser;
    parser.body_limit(kMostRequestBytes);
    parser.header_limit(kMostHeaderBytes);
    parser.eager(true);
    stream.expires_after(kIdle);
    auto [failure, size] = co_await bhttp::async_read_header(stream, buffer, parser, kNoThrow);
    if (!failure && !parser.is_done()) {
      if (beast::iequals(parser.get()[bhttp::field::expect], "100-continue")) {
        constexpr std::string_view kGoOn = "HTTP/1.1 100 Continue\r\n\r\n";
        co_await asio::async_write(stream, asio::buffer(kGoOn), kNoThrow);
      }
      std::tie(failure, size) = co_await bhttp::async_read(stream, buffer, parser, kNoThrow);
    }
    if (failure) {
      co_await refuse(stream, failure);
      co_return false;
    }
    const bool keep_alive = parser.keep_alive();
    const unsigned version = parser.get().version();
    const bool head_only = parser.get().method() == bhttp::verb::head;
    const http::Request request = to_request(parser, own_url);
    Outcome outcome;
    if (request.url.empty()) {
      outcome.response = refusal(400, "BadRequest", "The request target is not a path.");
    } else {
      outcome = handle(request);
    }
    if (outcome.delay.count() > 0) {
      stream.expires_never();
      asio::steady_timer timer(*context, outcome.delay);
      co_await timer.async_wait(kNoThrow);
    }
    stream.expires_after(kIdle);
    const std::string head = print_head(outcome.response, keep_alive, version);
    const std::array<asio::const_buffer, 2> parts{
        asio::buffer(head), asio::buffer(head_only ? std::string_view() : std::string_view(outcome.response.body))};
    auto [write_failure, written] = co_await asio::async_write(stream, parts, kNoThrow);
    co_return keep_alive && !write_failure;
  }

  // A fault of the emulator's own costs one request, never the server.
  Outcome handle(const http::Request& request) {
    try {
      return handler(request);
    } catch (const std::exception&) {
      return {refusal(500, "InternalServerError", "The emulator failed on this request."), {}};
    }
  }

  // Says what was wrong and lets the client finish sending: a reset would swallow the answer.
  asio::awaitable<void> refuse(beast::tcp_stream& stream, beast::error_code failure) {
    if (failure.category() != beast::error_code(bhttp::error::end_of_stream).category() ||
        failure == bhttp::error::end_of_stream || failure == bhttp::error::partial_message) {
      co_return;
    }
    const http::Response response = refusal_of(failure);
    const std::string text = print_head(response, false, 11) + response.body;
    stream.expires_after(std::chrono::seconds(5));
    co_await asio::async_write(stream, asio::buffer(text), kNoThrow);
    beast::error_code ignored;
    stream.socket().shutdown(tcp::socket::shutdown_send, ignored);
    std::vector<char> scrap(64 * 1024);
    for (;;) {
      auto [ended, size] = co_await stream.async_read_some(asio::buffer(scrap), kNoThrow);
      if (ended) co_return;
    }
  }
};

Result<std::unique_ptr<Server>> Server::start(const std::string& host, std::uint16_t port, Handler handler) {
  beast::error_code failure;
  const auto address = asio::ip::make_address(host == "localhost" ? "127.0.0.1" : host, failure);
  if (failure) return Error::argument("bad_host", fmt::format("'{}' is not an address to listen on", host));
  raise_file_limit();
  auto impl = std::make_unique<Impl>();
  impl->handler = std::move(handler);
  const tcp::endpoint endpoint(address, port);
  tcp::acceptor& acceptor = *impl->acceptor;
  acceptor.open(endpoint.protocol(), failure);
  if (!failure) acceptor.set_option(asio::socket_base::reuse_address(true), failure);
  if (!failure) acceptor.bind(endpoint, failure);
  if (!failure) acceptor.listen(asio::socket_base::max_listen_connections, failure);
  if (failure) {
    return Error::state("cannot_listen",
                        fmt::format("the emulator cannot listen on {} port {}: {}", host, port, failure.message()));
  }
  // "Any address" is no address to connect to.
  std::string name = address.is_unspecified() ? (address.is_v6() ? "::1" : "127.0.0.1") : address.to_string();
  if (address.is_v6()) name = "[" + name + "]";
  impl->own_url = fmt::format("http://{}:{}", name, acceptor.local_endpoint(failure).port());
  asio::co_spawn(*impl->context, impl->accept(), asio::detached);
  impl->thread = std::thread([&context = *impl->context] { context.run(); });
  return std::unique_ptr<Server>(new Server(std::move(impl)));
}

Server::Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Server::~Server() {
  stop();
}

std::uint16_t Server::port() const {
  const std::string& url = impl_->own_url;
  return static_cast<std::uint16_t>(std::stoul(url.substr(url.rfind(':') + 1)));
}

std::string Server::url() const {
  return impl_->own_url;
}

void Server::stop() {
  if (!impl_->context) return;
  impl_->context->stop();
  impl_->thread.join();
  impl_->acceptor.reset();
  impl_->context.reset();  // and with it every connection
}

}  // namespace teamferry::emulator
