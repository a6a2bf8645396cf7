#include "bindings/graph_session.h"

#include <fmt/format.h>

#include "bindings/host.h"
#include "bindings/records.h"
#include "bindings/stop.h"
#include "native/http/curl_loop.h"
#include "native/migrate/primitives.h"

namespace teamferry::bindings {

namespace {

char kSessionKey;

// "waiting 5 s: 429 TooManyRequests in GET /teams/{team}"
std::string told(const http::Request& request, const Error& error, Loop::Duration wait) {
  return fmt::format("waiting {:.0f} s: {}{} in {}", std::chrono::duration<double>(wait).count(),
                     error.status ? fmt::format("{} ", error.status) : "", error.code,
                     request.route.empty() ? request.method : request.route);
}

}  // namespace

// In the order in which they need each other.
struct GraphSession::Parts {
  std::unique_ptr<Target> target;
  migrate::Primitives primitives;
  TaskBridge bridge;
};

void GraphSession::open(lua_State* L, Options options) {
  lua_pushlightuserdata(L, &kSessionKey);
  lua_insert(L, -2);
  void* place = lua_newuserdata(L, sizeof(GraphSession));
  lua_insert(L, -2);
  new (place) GraphSession(L, std::move(options));
  lua_createtable(L, 0, 1);
  lua_pushcfunction(L, collect<GraphSession>);
  lua_setfield(L, -2, "__gc");
  lua_setmetatable(L, -2);
  lua_rawset(L, LUA_REGISTRYINDEX);
}

GraphSession& GraphSession::of(lua_State* L) {
  lua_pushlightuserdata(L, &kSessionKey);
  lua_rawget(L, LUA_REGISTRYINDEX);
  auto* session = static_cast<GraphSession*>(lua_touserdata(L, -1));
  lua_pop(L, 1);
  if (!session) throw CallError("graph is not open here");
  return *session;
}

GraphSession::GraphSession(lua_State* L, Options options)
    : L_(L), options_(std::move(options)), items_(luaL_ref(L, LUA_REGISTRYINDEX)) {
  options_.target.stopping = [] { return stop_asked().load(); };
  options_.target.on_wait = [this](const http::Request& request, const Error& error, Loop::Duration wait) {
    if (error.status == 429) ++slowed_down_;
    Host::of(L_).log(Host::Level::warn, told(request, error, wait));
  };
}

GraphSession::~GraphSession() = default;

Status GraphSession::connect() {
  if (parts_) return done();
  auto opened = Target::open(options_.target);
  if (!opened) return opened.error();
  std::unique_ptr<Target> target = std::move(*opened);
  migrate::Primitives::Options options;
  options.stopping = options_.target.stopping;
  Target& there = *target;
  parts_.reset(new Parts{std::move(target), migrate::Primitives(there.client(), std::move(options)),
                         TaskBridge(there.loop(), options_.target.stopping)});
  return done();
}

std::optional<Error> GraphSession::refusal(const TaskBridge::Call& call) {
  if (call.writes && !options_.write) {
    return Error::state("read_only", fmt::format("{} changes something, and this was opened to read; give --write to "
                                                 "allow it",
                                                 call.name));
  }
  if (auto connected = connect(); !connected) return connected.error();
  return std::nullopt;
}

void GraphSession::push_items(lua_State* L) const {
  lua_rawgeti(L, LUA_REGISTRYINDEX, items_);
}

migrate::Primitives& GraphSession::primitives() {
  return parts_->primitives;
}

int GraphSession::slowed_down() const {
  return slowed_down_ + (parts_ ? parts_->primitives.slowed_down() : 0);
}

const std::string& GraphSession::client_id() const {
  return parts_->target->identity().client_id;
}

const std::string& GraphSession::service_url() {
  return parts_->target->cloud_graph_url();
}

TaskBridge& GraphSession::bridge() {
  return parts_->bridge;
}

}  // namespace teamferry::bindings
