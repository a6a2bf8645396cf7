#include "bindings/target.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <random>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "native/auth/environment.h"
#include "native/graph/pipeline.h"
#include "native/http/curl_loop.h"
#include "native/http/url.h"

namespace teamferry::bindings {

// The file that --log names: a line an attempt, with its moment in front.
class RequestLog {
 public:
  static Result<std::unique_ptr<RequestLog>> open(const std::string& path) {
    const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (file < 0) {
      return Error::argument("log", fmt::format("--log: cannot write {}: {}", path, std::strerror(errno)));
    }
    return std::unique_ptr<RequestLog>(new RequestLog(file));
  }
  ~RequestLog() { close(file_); }
  RequestLog(const RequestLog&) = delete;

  void add(DateTime now, const http::Attempt& attempt) {
    const std::string line = fmt::format("{} {}\n", now.to_string(), attempt.to_string());
    (void)!write(file_, line.data(), line.size());  // a full disk must not end a migration for its log
  }

 private:
  explicit RequestLog(int file) : file_(file) {}
  int file_;
};

struct Target::Parts {
  SystemClock system;
  FollowingClock clock{system};
  std::unique_ptr<emulator::Emulator> emulator;
  migrate::Identity identity;
  std::string cloud_graph_url;
  auth::Cloud cloud;
  std::string pace_name;
  std::unique_ptr<http::CurlLoop> loop;
  std::mt19937_64 random{std::random_device{}()};
  std::unique_ptr<RequestLog> log;
  std::unique_ptr<http::LogPolicy> sign_in_log;
  std::unique_ptr<http::ClientRequestIdPolicy> sign_in_row;
  std::unique_ptr<auth::TokenSource> tokens;
  std::string sign_in;
  std::unique_ptr<throttle::Pace> pace;
  std::unique_ptr<graph::Pipeline> pipeline;
  std::unique_ptr<graph::Client> client;
};

namespace {

struct Place {
  auth::Cloud cloud;
  std::string cloud_graph_url;
  auth::Credentials credentials;
};

Result<Place> place_of_emulator(const emulator::Emulator& emulator) {
  const auto& global = auth::clouds().front();
  auto cloud = auth::at_addresses(global, emulator.login_url(), emulator.graph_url());
  if (!cloud) return cloud.error();
  const auto app = emulator.apps().front();
  auth::Credentials credentials;
  credentials.tenant = emulator.tenant_id();
  credentials.client_id = app.client_id;
  credentials.proof = auth::prove_by_secret(auth::Secret(app.client_secret));
  return Place{std::move(*cloud), global.graph_url, std::move(credentials)};
}

Result<Place> place_of_service(const Target::Options& options, const WallClock& clock) {
  const auth::GetEnv getenv = [](const char* name) -> const char* { return std::getenv(name); };
  auto cloud = options.name.empty() ? auth::cloud_from_environment(getenv) : auth::find_cloud(options.name);
  if (!cloud) return cloud.error();
  std::string own_url = cloud->graph_url;
  auto reached = auth::at_addresses(std::move(*cloud), options.login_url, options.graph_url);
  if (!reached) return reached.error();
  auto credentials = auth::credentials_from_environment(getenv, clock);
  if (!credentials) return credentials.error();
  return Place{std::move(*reached), std::move(own_url), std::move(*credentials)};
}

// "the client secret (AZURE_CLIENT_SECRET); AZURE_FEDERATED_TOKEN_FILE is passed over"
std::string words_of(const auth::Credentials& credentials) {
  if (credentials.passed_over.empty()) return credentials.used;
  return fmt::format("{}; passed over: {}", credentials.used, fmt::join(credentials.passed_over, ", "));
}

// An emulator's time may run faster than ours, or have done so. One on this machine says so, and we keep step; whatever
// else answers here, or does not, leaves our time alone.
void keep_step(http::CurlLoop& loop, FollowingClock& clock, const std::string& graph_url) {
  const auto origin = http::origin_of(graph_url);
  if (!origin || !origin->is_loopback()) return;
  http::Request request;
  request.url = fmt::format("{}://{}:{}/emulator/state", origin->scheme, origin->host, origin->port);
  request.timeout = std::chrono::seconds(2);
  const auto answer = loop.run(loop.send(std::move(request)));
  if (!answer || answer->status != 200) return;
  const auto state = nlohmann::json::parse(answer->body, nullptr, false);
  if (!state.is_object()) return;
  const auto speed_said = state.find("speed");
  const auto time_said = state.find("time");
  if (speed_said == state.end() || !speed_said->is_number() || time_said == state.end() || !time_said->is_string())
    return;
  const double speed = *speed_said;
  const auto time = DateTime::parse(time_said->get_ref<const std::string&>());
  if (!time || speed < 1) return;
  constexpr std::int64_t kSameMs = 2000;
  if (speed == 1 && std::abs(time->ms - clock.now().ms) < kSameMs) return;
  clock.follow(*time, speed);
  loop.run_at(speed);
}

}  // namespace

Result<std::unique_ptr<Target>> Target::open(Options options) {
  auto parts = std::make_unique<Parts>();
  const bool rehearsal = options.name == "emulator";
  if (rehearsal) {
    auto started = emulator::Emulator::start(std::move(options.emulator));
    if (!started) return started.error();
    parts->emulator = std::move(*started);
    if (options.pace.empty()) options.pace = parts->emulator->profile();
  }
  auto place = rehearsal ? place_of_emulator(*parts->emulator) : place_of_service(options, parts->clock);
  if (!place) return place.error();

  const auto limits = throttle::limits_named(options.pace.empty() ? "article" : options.pace);
  if (!limits) {
    return Error::argument(
        "unknown_pace", fmt::format("--pace: there is no pace '{}'; use {}", options.pace, throttle::limits_names()));
  }
  parts->identity = {place->credentials.tenant, place->credentials.client_id,
                     rehearsal ? "emulator" : place->cloud.graph_url};
  parts->cloud_graph_url = place->cloud_graph_url;
  parts->cloud = place->cloud;
  parts->pace_name = limits->name;
  http::CurlLoop::Options curl;
  curl.ca_file = options.ca_file;
  parts->loop = std::make_unique<http::CurlLoop>(std::move(curl));
  keep_step(*parts->loop, parts->clock, place->cloud.graph_url);
  parts->pace = std::make_unique<throttle::Pace>(*limits);
  graph::Pipeline::Options row;
  row.graph_url = place->cloud.graph_url;
  row.random = [random = &parts->random] { return (*random)(); };
  row.retry.on_wait = std::move(options.on_wait);
  row.throttle = {std::move(options.on_turn), options.stopping};
  row.retry.stopping = std::move(options.stopping);
  if (!options.log.empty()) {
    auto log = RequestLog::open(options.log);
    if (!log) return log.error();
    parts->log = std::move(*log);
    row.log = [log = parts->log.get(), clock = &parts->clock](const http::Attempt& attempt) {
      log->add(clock->now(), attempt);
    };
  }
  // The sign-in has a short row of its own: it is repeated by the call that wants its token.
  parts->sign_in_log = std::make_unique<http::LogPolicy>(*parts->loop, *parts->loop, row.log);
  parts->sign_in_row = std::make_unique<http::ClientRequestIdPolicy>(*parts->sign_in_log, row.random);
  parts->sign_in = words_of(place->credentials);
  parts->tokens = auth::tokens_of(std::move(place->credentials), *parts->sign_in_row, parts->clock, place->cloud);
  parts->pipeline = std::make_unique<graph::Pipeline>(*parts->loop, parts->clock, *parts->loop, *parts->tokens,
                                                      *parts->pace, std::move(row));
  graph::Config config;
  config.graph_url = place->cloud.graph_url;
  if (auto allowed = auth::check_road_b(place->cloud, options.force_road_b); !allowed) {
    config.no_start_migration = allowed.error();
  }
  parts->client = std::make_unique<graph::Client>(*parts->loop, *parts->pipeline, std::move(config));
  return std::unique_ptr<Target>(new Target(std::move(parts)));
}

Target::Target(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Target::~Target() = default;

http::CurlLoop& Target::loop() {
  return *parts_->loop;
}
graph::Client& Target::client() {
  return *parts_->client;
}
throttle::Pace& Target::pace() {
  return *parts_->pace;
}
const migrate::Identity& Target::identity() const {
  return parts_->identity;
}
const std::string& Target::cloud_graph_url() const {
  return parts_->cloud_graph_url;
}
auth::TokenSource& Target::tokens() {
  return *parts_->tokens;
}
const auth::Cloud& Target::cloud() const {
  return parts_->cloud;
}
const WallClock& Target::clock() const {
  return parts_->clock;
}
const std::string& Target::pace_name() const {
  return parts_->pace_name;
}
const std::string& Target::sign_in() const {
  return parts_->sign_in;
}
emulator::Emulator* Target::emulator() {
  return parts_->emulator.get();
}

}  // namespace teamferry::bindings
