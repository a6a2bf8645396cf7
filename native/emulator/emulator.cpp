#include "native/emulator/emulator.h"

#include "native/emulator/authority.h"
#include "native/emulator/router.h"
#include "native/emulator/server.h"
#include "native/emulator/tenant.h"

namespace teamferry::emulator {
namespace {

constexpr std::size_t kMostRequestBytes = 4 << 20;                 // "Graph has a limit of 4 MB on all calls" (E96)
constexpr std::size_t kMostFileBytes = (250 << 20) + (64 * 1024);  // one PUT of a file: 250 MB

bool ends_with(std::string_view text, std::string_view end) {
  return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

// Contents of files and chunks of upload sessions are larger than what Graph itself takes.
std::size_t most_bytes(std::string_view method, std::string_view target) {
  const std::string_view path = target.substr(0, target.find('?'));
  const bool file = method == "PUT" && (ends_with(path, "/content") || path.substr(0, 8) == "/upload/");
  return file ? kMostFileBytes : kMostRequestBytes;
}

// "http://127.0.0.1:4711/ca.pem"
bool wants_authority(const http::Request& request) {
  constexpr std::string_view kPath = "/ca.pem";
  return ends_with(request.url, kPath) && request.url.find('/', 8) == request.url.size() - kPath.size() &&
         (request.method == "GET" || request.method == "HEAD");
}

}  // namespace

struct Emulator::Impl {
  std::unique_ptr<Router> router;
  std::unique_ptr<Authority> authority;
  std::unique_ptr<Server> server;  // behind the others, so that it ends first

  Outcome handle(const http::Request& request, Peer peer) {
    if (!wants_authority(request)) return router->handle(request, peer);
    Outcome outcome;
    outcome.response.status = 200;
    outcome.response.headers.add("Content-Type", "application/x-pem-file");
    outcome.response.body = authority->ca_pem();
    return outcome;
  }
};

Result<std::unique_ptr<Emulator>> Emulator::start(Options options) {
  auto impl = std::make_unique<Impl>();
  Server::Setup setup;
  setup.host = options.host;
  setup.port = options.port;
  setup.request_deadline = options.request_deadline;
  setup.body_limit = most_bytes;
  const std::string data_dir = options.data_dir;
  auto router = Router::open(std::move(options));
  if (!router) return router.error();
  impl->router = std::move(router).value();
  auto authority = Authority::open(data_dir);
  if (!authority) return authority.error();
  impl->authority = std::move(authority).value();
  setup.identity = impl->authority->identity();
  setup.handler = [&held = *impl](const http::Request& request, Peer peer) { return held.handle(request, peer); };
  setup.too_large = [&held = *impl](const http::Request& request, Peer) {
    return held.router->refuse_too_large(request);
  };
  auto server = Server::start(std::move(setup));
  if (!server) return server.error();
  impl->server = std::move(server).value();
  return std::unique_ptr<Emulator>(new Emulator(std::move(impl)));
}

Emulator::Emulator(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Emulator::~Emulator() = default;

std::uint16_t Emulator::port() const {
  return impl_->server->port();
}
std::string Emulator::graph_url() const {
  return impl_->server->url();
}
std::string Emulator::login_url() const {
  return impl_->server->url();
}
std::string Emulator::https_url() const {
  return impl_->server->https_url();
}
std::string Emulator::ca_file() const {
  return impl_->authority->ca_file();
}
std::string Emulator::ca_pem() const {
  return impl_->authority->ca_pem();
}
std::string Emulator::tenant_id() const {
  return impl_->router->tenant().id;
}
std::vector<App> Emulator::apps() const {
  return impl_->router->apps();
}
std::vector<User> Emulator::users() const {
  return impl_->router->users();
}
std::optional<User> Emulator::find_user(const std::string& whom) const {
  return impl_->router->find_user(whom);
}
Result<User> Emulator::ensure_user(const std::string& displayName, const std::string& mail) {
  return impl_->router->ensure_user(displayName, mail);
}
User Emulator::fallback_user() const {
  return *impl_->router->find_user(impl_->router->tenant().fallback);
}
Stats Emulator::stats() const {
  return impl_->router->stats();
}
double Emulator::speed() const {
  return impl_->router->speed();
}
std::string Emulator::profile() const {
  return impl_->router->profile();
}
void Emulator::stop() {
  impl_->server->stop();
  impl_->authority->withdraw();
}

}  // namespace teamferry::emulator
