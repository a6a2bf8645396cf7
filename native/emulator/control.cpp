#include "native/emulator/control.h"

#include <fmt/format.h>

#include <charconv>
#include <nlohmann/json.hpp>

#include "native/emulator/request_path.h"
#include "native/emulator/text.h"
#include "native/emulator/time.h"

namespace teamferry::emulator {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kRoot = "/emulator";
constexpr std::int64_t kMostAdvance = 366LL * 24 * 3600 * 1000;

http::Response respond(int status, const Json& body) {
  http::Response response;
  response.status = status;
  if (status != 204) {
    response.headers.add("Content-Type", "application/json");
    response.body = body.dump(-1, ' ', false, Json::error_handler_t::replace);
  }
  response.headers.add("Cache-Control", "no-store");
  response.headers.add("X-Content-Type-Options", "nosniff");
  return response;
}

http::Response refuse(int status, std::string_view code, std::string_view message) {
  return respond(status, {{"error", {{"code", code}, {"message", message}}}});
}

http::Response refuse(const Error& error) {
  return refuse(400, error.code, error.message);
}

// "localhost:4711", "127.0.0.1", "[::1]:4711"
bool is_loopback_host(std::string_view host) {
  const auto port = host.rfind(':');
  if (port != host.npos && host.find(']', port) == host.npos &&
      host.find_first_not_of("0123456789", port + 1) == host.npos) {
    host = host.substr(0, port);
  }
  return lower_ascii(host) == "localhost" || host == "127.0.0.1" || host == "[::1]";
}

bool says_json(const http::Request& request) {
  const std::string* type = request.headers.find("Content-Type");
  return type != nullptr && lower_ascii(std::string_view(*type).substr(0, type->find(';'))) == "application/json";
}

// Nothing: it may pass.
std::optional<http::Response> check(const http::Request& request, bool loopback, const Url& url) {
  const auto scheme = url.base.find("://");
  const std::string_view named = std::string_view(url.base).substr(scheme == url.base.npos ? 0 : scheme + 3);
  const std::string* host = request.headers.find("Host");
  if (!loopback || !is_loopback_host(named) || (host != nullptr && !is_loopback_host(*host))) {
    return refuse(404, "NotFound", "There is nothing here.");
  }
  const std::string* origin = request.headers.find("Origin");
  if (origin != nullptr && *origin != url.base) {
    return refuse(403, "foreign_origin", "The page of another origin may not steer the emulator.");
  }
  // What deletes brings nothing; a foreign page cannot send it without an Origin.
  if ((request.method == "PUT" || request.method == "POST") && !says_json(request)) {
    return refuse(415, "not_json", "The Content-Type must be application/json.");
  }
  return std::nullopt;
}

Json print_rules(const Faults& faults, bool with_counts) {
  Json rules = Json::array();
  for (const Faults::Active& active : faults.active()) {
    Json rule = Json::parse(active.rule->source);
    if (with_counts) {
      rule = {{"name", active.rule->name}, {"lookedAt", active.looked_at}, {"hits", active.hits}, {"rule", rule}};
    }
    rules.push_back(std::move(rule));
  }
  return rules;
}

http::Response state(const Controls& c) {
  return respond(200, {{"time", print_time(c.clock.now().ms)},
                       {"speed", c.options.speed},
                       {"profile", name_of(c.behaviour.throttle.profile())},
                       {"scenario", c.behaviour.scenario()},
                       {"seed", c.behaviour.faults.seed()},
                       {"requests", c.stats.requests},
                       {"imports", c.stats.imports},
                       {"throttled", c.stats.throttled},
                       {"faults", c.stats.faults},
                       {"rules", print_rules(c.behaviour.faults, true)}});
}

http::Response options(const Controls& c) {
  const Options& o = c.options;
  Json apps = Json::array();
  for (const App& app : o.apps) apps.push_back({{"name", app.name}, {"clientId", app.client_id}, {"roles", app.roles}});
  return respond(200, {{"host", o.host},
                       {"port", o.port},
                       {"dataDir", o.data_dir},
                       {"profile", o.profile},
                       {"retryAfter", o.retry_after},
                       {"scenario", o.scenario},
                       {"faultsFile", o.faults_file},
                       {"speed", o.speed},
                       {"ingestionIds", o.ingestion_ids},
                       {"readLag", o.read_lag.count()},
                       {"latency", o.latency.count()},
                       {"provisioning", o.provisioning.count()},
                       {"filesDelay", o.files_delay.count()},
                       {"tokenLifetime", o.token_lifetime.count()},
                       {"apps", apps}});
}

http::Response requests(const Controls& c, std::string_view query_text) {
  const auto query = read_query(query_text);
  std::uint64_t after = 0;
  if (!query) return refuse(400, "bad_query", "The query string is not valid.");
  if (const auto given = query->find("after"); given != query->end()) {
    const std::string& text = given->second;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), after);
    if (failure != std::errc() || end != text.data() + text.size()) {
      return refuse(400, "bad_query", "after must be a whole number, zero or more.");
    }
  }
  Json list = Json::array();
  for (const LoggedRequest& each : c.log.requests()) {
    if (each.number <= after) continue;
    std::string name = each.app;
    for (const App& app : c.options.apps) {
      if (app.client_id == each.app) name = app.name;
    }
    list.push_back({{"number", each.number},
                    {"time", print_time(each.at)},
                    {"app", name},
                    {"method", each.method},
                    {"path", each.path},
                    {"status", each.status},
                    {"reason", each.reason}});
  }
  return respond(200, {{"last", c.log.last()}, {"requests", std::move(list)}});
}

http::Response faults(const http::Request& request, const Controls& c) {
  Faults& faults = c.behaviour.faults;
  if (request.method == "DELETE") {
    faults.replace({}, faults.seed());
    return respond(204, {});
  }
  if (request.method != "GET") {
    auto list = read_faults(request.body);
    if (!list && request.method == "POST") {
      // One rule by itself.
      const auto one = Json::parse(request.body, nullptr, false);
      if (one.is_object() && one.contains("fault")) list = read_faults("{\"rules\":[" + request.body + "]}");
    }
    if (!list) return refuse(list.error());
    const bool add = request.method == "POST";
    if (add && faults.active().size() + list->rules.size() > kMostFaultRules) {
      return refuse(400, "bad_faults", fmt::format("rules: are more than {}", kMostFaultRules));
    }
    if (add) {
      faults.add(std::move(list->rules));
    } else {
      faults.replace(std::move(list->rules), list->seed.value_or(faults.seed()));
    }
  }
  return respond(200, {{"seed", faults.seed()}, {"rules", print_rules(faults, false)}});
}

http::Response scenario(const http::Request& request, const Controls& c) {
  const Json body = Json::parse(request.body, nullptr, false);
  const bool named = body.is_object() && body.contains("name") && body["name"].is_string();
  const bool seeded = named && body.contains("seed");
  if (!named || (seeded && !body["seed"].is_number_unsigned()) || body.size() != (seeded ? 2U : 1U)) {
    return refuse(400, "bad_scenario", R"(The body must be {"name": "busy-friday"}, perhaps with "seed": a number.)");
  }
  const auto seed = seeded ? std::optional(body["seed"].get<std::uint64_t>()) : std::nullopt;
  const Status played = c.behaviour.play(body["name"].get<std::string>(), seed);
  return played ? state(c) : refuse(played.error());
}

http::Response time(const http::Request& request, const Controls& c) {
  const Json body = Json::parse(request.body, nullptr, false);
  const bool good = body.is_object() && body.size() == 1 && body.contains("advance") &&
                    body["advance"].is_number_unsigned() && body["advance"].get<std::uint64_t>() <= kMostAdvance;
  if (!good) {
    return refuse(400, "bad_time",
                  R"(The body must be {"advance": ms}, a whole number of milliseconds, a year at most.)");
  }
  c.clock.move_on(body["advance"].get<std::int64_t>());
  return respond(200, {{"time", print_time(c.clock.now().ms)}});
}

}  // namespace

bool is_control(std::string_view path) {
  return path.substr(0, kRoot.size()) == kRoot && (path.size() == kRoot.size() || path[kRoot.size()] == '/');
}

http::Response answer_control(const http::Request& request, bool loopback, const Controls& controls) {
  const Url url = split_url(request.url);
  if (auto refused = check(request, loopback, url)) return std::move(*refused);
  const std::string_view what = url.path.substr(std::min(url.path.size(), kRoot.size() + 1));
  const std::string& method = request.method;
  if (what == "state" && method == "GET") return state(controls);
  if (what == "options" && method == "GET") return options(controls);
  if (what == "requests" && method == "GET") return requests(controls, url.query);
  if (what == "faults" && (method == "GET" || method == "PUT" || method == "POST" || method == "DELETE")) {
    return faults(request, controls);
  }
  if (what == "scenario" && method == "PUT") return scenario(request, controls);
  if (what == "time" && method == "POST") return time(request, controls);
  for (const std::string_view known : {"state", "options", "requests", "faults", "scenario", "time"}) {
    if (what == known) return refuse(405, "bad_method", "This method is not allowed here.");
  }
  return refuse(404, "NotFound", "There is nothing here.");
}

}  // namespace teamferry::emulator
