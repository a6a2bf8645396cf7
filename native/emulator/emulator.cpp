#include "native/emulator/emulator.h"

#include "native/emulator/router.h"
#include "native/emulator/server.h"
#include "native/emulator/tenant.h"

namespace teamferry::emulator {

struct Emulator::Impl {
  std::unique_ptr<Router> router;
  std::unique_ptr<Server> server;  // behind the router, so that it ends first
};

Result<std::unique_ptr<Emulator>> Emulator::start(Options options) {
  const std::string host = options.host;
  const std::uint16_t port = options.port;
  auto router = Router::open(std::move(options));
  if (!router) return router.error();
  auto impl = std::make_unique<Impl>();
  impl->router = std::move(router).value();
  auto server = Server::start(
      host, port, [&routes = *impl->router](const http::Request& request) { return routes.handle(request); });
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
std::string Emulator::tenant_id() const {
  return kTenantId;
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
  return emulator::fallback_user();
}
Stats Emulator::stats() const {
  return impl_->router->stats();
}
void Emulator::stop() {
  impl_->server->stop();
}

}  // namespace teamferry::emulator
