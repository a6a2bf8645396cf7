#include "native/emulator/server.h"

#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <list>
#include <optional>
#include <thread>
#include <type_traits>
#include <vector>

#include "native/emulator/tls.h"

namespace teamferry::emulator {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using ErrorCode = boost::system::error_code;
using Clock = std::chrono::steady_clock;

// One executor by its own type: the erased one of asio's defaults costs an allocation and a call at every step.
using Executor = asio::io_context::executor_type;
using Socket = asio::basic_stream_socket<tcp, Executor>;
using Acceptor = asio::basic_socket_acceptor<tcp, Executor>;
using Timer = asio::basic_waitable_timer<Clock, asio::wait_traits<Clock>, Executor>;
template <class T>
using Awaitable = asio::awaitable<T, Executor>;

constexpr auto kNoThrow = asio::as_tuple(asio::use_awaitable_t<Executor>{});
constexpr std::chrono::minutes kIdle{5};
constexpr std::chrono::seconds kGoodbye{5};       // for a client to notice that the connection is over
constexpr std::size_t kBlock = 16 * 1024;         // read at once
constexpr std::size_t kJoined = 64 * 1024;        // bodies up to this are sent together with their head
constexpr unsigned char kHandshakeRecord = 0x16;  // RFC 8446, section 5.1: the first byte of a ClientHello
constexpr std::string_view kGoOn = "HTTP/1.1 100 Continue\r\n\r\n";

// A thousand lanes are a thousand sockets; the usual soft limit is not enough for both ends of them.
void raise_file_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

bool is_loopback(const Socket& socket) {
  ErrorCode failure;
  asio::ip::address address = socket.remote_endpoint(failure).address();
  if (failure) return false;
  if (address.is_v6() && address.to_v6().is_v4_mapped()) {
    address = asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6());
  }
  return address.is_loopback();
}

// Bytes that came and are not read yet.
class Input {
 public:
  std::string_view unread() const { return {block_.data() + begin_, end_ - begin_}; }
  void take(std::size_t count) {
    begin_ += count;
    if (begin_ == end_) begin_ = end_ = 0;
  }
  asio::mutable_buffer room() {
    if (begin_ > 0) {
      std::copy(block_.begin() + static_cast<std::ptrdiff_t>(begin_),
                block_.begin() + static_cast<std::ptrdiff_t>(end_), block_.begin());
      end_ -= begin_;
      begin_ = 0;
    }
    if (block_.size() - end_ < kBlock / 4) block_.resize(block_.size() + kBlock);
    return asio::buffer(block_.data() + end_, block_.size() - end_);
  }
  void came(std::size_t count) { end_ += count; }

 private:
  std::vector<char> block_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

}  // namespace

struct Server::Impl {
  // In the list while it lives, so that one timer watches over all deadlines.
  struct Connection {
    Connection(std::list<Connection*>& list, Socket accepted)
        : all(list), place(list.insert(list.end(), this)), socket(std::move(accepted)), peer{is_loopback(socket)} {}
    ~Connection() { all.erase(place); }
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    void allow(Clock::duration time) { deadline = Clock::now() + time; }
    // Unless all was said, nothing unsent lingers in the kernel: a client that does not read would keep it for long.
    void end() {
      ErrorCode ignored;
      if (!said_all) socket.set_option(asio::socket_base::linger(true, 0), ignored);
      socket.close(ignored);
    }

    std::list<Connection*>& all;
    std::list<Connection*>::iterator place;
    Socket socket;
    Peer peer;
    bool said_all = false;
    Clock::time_point deadline = Clock::time_point::max();  // the socket is closed then, which ends what waits for it
  };

  Setup setup;
  std::string own_host;  // "127.0.0.1:4711"
  std::unique_ptr<asio::ssl::context> tls;
  std::list<Connection*> connections;  // outlives the context, whose end ends them
  std::optional<asio::io_context> context{std::in_place, 1};
  std::optional<Acceptor> acceptor{*context};
  std::thread thread;

  Awaitable<void> accept() {
    for (;;) {
      auto [failure, socket] = co_await acceptor->async_accept(kNoThrow);
      if (failure == asio::error::operation_aborted) co_return;
      if (failure) {
        // Out of descriptors, as a rule: some will be closed soon.
        Timer pause(*context, std::chrono::milliseconds(20));
        co_await pause.async_wait(kNoThrow);
        continue;
      }
      try {
        asio::co_spawn(*context, serve(std::make_unique<Connection>(connections, std::move(socket))), asio::detached);
      } catch (const std::bad_alloc&) {
        // One connection less.
      }
    }
  }

  Awaitable<void> watch_deadlines() {
    const auto period =
        std::clamp<Clock::duration>(setup.request_deadline / 4, std::chrono::milliseconds(5), std::chrono::seconds(1));
    Timer timer(*context);
    for (;;) {
      timer.expires_after(period);
      co_await timer.async_wait(kNoThrow);
      const auto now = Clock::now();
      for (Connection* each : connections) {
        if (each->deadline <= now) each->end();
      }
    }
  }

  // Takes the connection from its first byte to its last.
  Awaitable<void> serve(std::unique_ptr<Connection> connection) {
    // What is thrown here (no memory) costs this connection only.
    try {
      ErrorCode ignored;
      connection->socket.set_option(tcp::no_delay(true), ignored);
      connection->socket.non_blocking(true, ignored);
      if (co_await begins_handshake(*connection)) {
        co_await serve_tls(*connection);
      } else if (co_await converse(*connection, connection->socket, "http")) {
        co_await part(*connection);
      }
    } catch (const std::exception&) {
    }
  }

  Awaitable<bool> begins_handshake(Connection& connection) {
    if (!tls) co_return false;
    unsigned char first = 0;
    connection.allow(kIdle);
    auto [failure, size] =
        co_await connection.socket.async_receive(asio::buffer(&first, 1), Socket::message_peek, kNoThrow);
    co_return !failure && size == 1 && first == kHandshakeRecord;
  }

  Awaitable<void> serve_tls(Connection& connection) {
    asio::ssl::stream<Socket&> stream(connection.socket, *tls);
    connection.allow(setup.request_deadline);
    auto [failure] = co_await stream.async_handshake(asio::ssl::stream_base::server, kNoThrow);
    if (failure) co_return;
    if (!co_await converse(connection, stream, "https")) co_return;
    connection.allow(kGoodbye);
    co_await stream.async_shutdown(kNoThrow);
    co_await part(connection);
  }

  // Requests and answers until the client or an answer ends it. False: nothing more is to be said.
  template <class Stream>
  Awaitable<bool> converse(Connection& connection, Stream& stream, const char* scheme) {
    RequestReader reader(scheme, own_host, setup.body_limit);
    Input input;
    for (;;) {
      if (!co_await read(connection, stream, reader, input)) co_return false;
      const bool whole = reader.state() == RequestReader::State::done;
      const bool keep_alive = whole && reader.keep_alive();
      const Outcome outcome = answer(reader, connection.peer);
      if (outcome.delay.count() > 0) {
        connection.deadline = Clock::time_point::max();
        Timer timer(*context, outcome.delay);
        co_await timer.async_wait(kNoThrow);
      }
      if (outcome.cut == Cut::reset) {
        connection.end();
        co_return false;
      }
      std::string head = print_head(outcome.response, keep_alive, whole && reader.http_1_0());
      std::string_view body = outcome.response.body;
      if (outcome.cut == Cut::half) {
        // An answer without a body would be whole with its head.
        if (body.empty()) head.resize(head.size() / 2);
        body = body.substr(0, body.size() / 2);
      }
      if (reader.request().method == "HEAD") body = {};
      if (body.size() <= kJoined) {
        head += body;
        body = {};
      }
      if (!co_await write(connection, stream, head) || !co_await write(connection, stream, body)) co_return false;
      if (outcome.cut == Cut::half) {
        co_await part(connection);
        co_return false;
      }
      if (!keep_alive) co_return true;
      reader.reset();
    }
  }

  // Until the reader has a request, or knows that there is none. False: the connection is over.
  template <class Stream>
  Awaitable<bool> read(Connection& connection, Stream& stream, RequestReader& reader, Input& input) {
    bool invited = false;
    connection.allow(kIdle);
    for (;;) {
      if (!input.unread().empty()) {
        if (!reader.started()) connection.allow(setup.request_deadline);
        input.take(reader.feed(input.unread()));
        if (reader.state() != RequestReader::State::reading) co_return true;
        if (reader.wants_continue() && !invited) {
          invited = true;
          if (!co_await write(connection, stream, kGoOn)) co_return false;
        }
      }
      auto [failure, size] = co_await stream.async_read_some(input.room(), kNoThrow);
      if (failure) co_return false;
      input.came(size);
    }
  }

  template <class Stream>
  Awaitable<bool> write(Connection& connection, Stream& stream, std::string_view text) {
    if constexpr (std::is_same_v<Stream, Socket>) {
      // As a rule the socket takes it all at once, without a turn through the loop.
      ErrorCode full;
      text.remove_prefix(text.empty() ? 0 : stream.write_some(asio::buffer(text), full));
    }
    while (!text.empty()) {
      connection.allow(setup.request_deadline);
      auto [failure, size] = co_await stream.async_write_some(asio::buffer(text), kNoThrow);
      if (failure) co_return false;
      text.remove_prefix(size);
    }
    co_return true;
  }

  // A fault of the emulator's own costs one request, never the server.
  Outcome answer(RequestReader& reader, Peer peer) {
    const auto refuse = [](int status, const char* code, const char* message) {
      return Outcome{refusal(status, code, message), {}, Cut::none};
    };
    if (reader.state() == RequestReader::State::bad) {
      return reader.status() == 431 ? refuse(431, "BadRequest", "The request headers are too long.")
                                    : refuse(400, "BadRequest", "The request is not HTTP.");
    }
    if (reader.request().url.empty()) return refuse(400, "BadRequest", "The request target is not a path.");
    try {
      const bool whole = reader.state() == RequestReader::State::done;
      return (whole ? setup.handler : setup.too_large)(reader.request(), peer);
    } catch (const std::exception&) {
      return refuse(500, "InternalServerError", "The emulator failed on this request.");
    }
  }

  // Lets the client finish sending before the end: a reset would swallow the last answer.
  Awaitable<void> part(Connection& connection) {
    ErrorCode ignored;
    connection.said_all = true;
    connection.socket.shutdown(Socket::shutdown_send, ignored);
    connection.allow(kGoodbye);
    std::vector<char> scrap(kJoined);
    for (;;) {
      auto [ended, size] = co_await connection.socket.async_read_some(asio::buffer(scrap), kNoThrow);
      if (ended) co_return;
    }
  }
};

Result<std::unique_ptr<Server>> Server::start(Setup setup) {
  ErrorCode failure;
  const auto address = asio::ip::make_address(setup.host == "localhost" ? "127.0.0.1" : setup.host, failure);
  if (failure) return Error::argument("bad_host", fmt::format("'{}' is not an address to listen on", setup.host));
  raise_file_limit();
  auto impl = std::make_unique<Impl>();
  impl->setup = std::move(setup);
  if (impl->setup.identity) {
    auto tls = make_tls_context(*impl->setup.identity);
    if (!tls) return tls.error();
    impl->tls = std::move(tls).value();
  }
  const tcp::endpoint endpoint(address, impl->setup.port);
  Acceptor& acceptor = *impl->acceptor;
  acceptor.open(endpoint.protocol(), failure);
  if (!failure) acceptor.set_option(asio::socket_base::reuse_address(true), failure);
  if (!failure) acceptor.bind(endpoint, failure);
  if (!failure) acceptor.listen(asio::socket_base::max_listen_connections, failure);
  if (failure) {
    return Error::state("cannot_listen", fmt::format("the emulator cannot listen on {} port {}: {}", impl->setup.host,
                                                     impl->setup.port, failure.message()));
  }
  // "Any address" is no address to connect to.
  std::string name = address.is_unspecified() ? (address.is_v6() ? "::1" : "127.0.0.1") : address.to_string();
  if (address.is_v6()) name = "[" + name + "]";
  impl->own_host = fmt::format("{}:{}", name, acceptor.local_endpoint(failure).port());
  asio::co_spawn(*impl->context, impl->accept(), asio::detached);
  asio::co_spawn(*impl->context, impl->watch_deadlines(), asio::detached);
  impl->thread = std::thread([&context = *impl->context] { context.run(); });
  return std::unique_ptr<Server>(new Server(std::move(impl)));
}

Server::Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Server::~Server() {
  stop();
}

std::uint16_t Server::port() const {
  const std::string& host = impl_->own_host;
  return static_cast<std::uint16_t>(std::stoul(host.substr(host.rfind(':') + 1)));
}

std::string Server::url() const {
  return "http://" + impl_->own_host;
}

std::string Server::https_url() const {
  return "https://" + impl_->own_host;
}

void Server::stop() {
  if (!impl_->context) return;
  impl_->context->stop();
  impl_->thread.join();
  impl_->acceptor.reset();
  impl_->context.reset();  // and with it every connection
}

}  // namespace teamferry::emulator
