#include "native/emulator/router.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "native/emulator/call.h"
#include "native/emulator/page.h"
#include "native/emulator/request_path.h"
#include "native/emulator/routes.h"
#include "native/emulator/tenant.h"
#include "native/emulator/text.h"
#include "native/emulator/time.h"

namespace teamferry::emulator {
namespace {

// How many segments agree with the route; `keys` are those in place of "{}".
std::size_t agreement(const Route& route, const std::vector<std::string>& segments, std::vector<std::string>& keys) {
  keys.clear();
  std::size_t i = 0;
  while (i < route.path.size() && i < segments.size()) {
    const std::string& segment = segments[i];
    if (route.path[i] == "{}") {
      if (segment.empty()) break;
      keys.push_back(segment);
    } else if (route.path[i] != segment) {
      break;
    }
    ++i;
  }
  return i;
}

std::string join(const std::vector<std::string>& parts) {
  std::string out;
  for (const std::string& part : parts) out += (out.empty() ? "" : ", ") + part;
  return out;
}

}  // namespace

std::optional<Answer> missing_role(const Caller& caller, const std::vector<std::string_view>& roles) {
  if (std::any_of(roles.begin(), roles.end(), [&](std::string_view role) { return caller.has_role(role); })) {
    return std::nullopt;
  }
  if (!caller.scopes.empty()) {
    return Answer::error(403, "Forbidden",
                         fmt::format("Missing role permissions on the request. API requires one of '{}'. Roles on the "
                                     "request ''. Scopes on the request '{}'.",
                                     fmt::join(roles, ", "), caller.scopes));
  }
  return Answer::error(403, "Forbidden",
                       fmt::format("Missing role permissions on the request. API requires one of '{}'. Roles on the "
                                   "request '{}'.",
                                   fmt::join(roles, ", "), join(caller.roles)));
}

Result<std::unique_ptr<Router>> Router::open(Options options) {
  const auto profile = read_profile(options.profile);
  if (!profile) return profile.error();
  const auto retry_after = read_retry_after(options.retry_after);
  if (!retry_after) return retry_after.error();
  auto store = Store::open(options.data_dir);
  if (!store) return store.error();
  if (options.apps.empty()) options.apps = default_apps();
  return std::unique_ptr<Router>(new Router(std::move(options), std::move(store).value()));
}

Router::Router(Options options, std::unique_ptr<Store> store)
    : options_(std::move(options)),
      clock_(options_.clock != nullptr ? *options_.clock : system_clock_),
      store_(std::move(store)),
      sign_in_(options_.apps, *store_, options_.token_lifetime),
      throttle_(read_profile(options_.profile).value()),
      retry_after_(read_retry_after(options_.retry_after).value()) {}

Outcome Router::handle(const http::Request& request, Peer peer) {
  std::lock_guard lock(mutex_);
  const std::int64_t now = clock_.now().ms;
  Url url = split_url(request.url);
  if (is_page(url.path)) return {answer_page(request, peer.loopback, {*store_, options_, stats_, now})};
  ++stats_.requests;
  auto segments = read_path(url.path);
  if (segments && SignIn::answers(*segments)) {
    Outcome outcome{sign_in_.respond(*segments, request, url.base, url.query, now), {}};
    outcome.response.headers.add("Date", print_http_date(now));
    return outcome;
  }
  if (!segments) return {finish(request, Answer::bad_request("The request URI is not valid."), now), options_.latency};
  Turn turn;
  turn.now = now;
  turn.base = std::move(url.base);
  turn.version = std::move(segments->front());
  segments->erase(segments->begin());
  turn.segments = std::move(*segments);
  turn.query = url.query;
  turn.kind = classify(request.method, turn.segments);
  turn.place = find_place(*store_, turn.segments);
  Answer answer = route(request, turn);
  if (answer.status == 429) ++stats_.throttled;
  return {finish(request, std::move(answer), now), options_.latency};
}

Outcome Router::refuse_too_large(const http::Request& request) {
  std::lock_guard lock(mutex_);
  ++stats_.requests;
  Answer answer =
      Answer::error(options_.variants.too_large_status, "RequestEntityTooLarge", "Request Entity too large.");
  return {finish(request, std::move(answer), clock_.now().ms), options_.latency};
}

Answer Router::route(const http::Request& request, Turn& turn) {
  if (is_storage_address(turn.version)) {
    static const Caller kNobody;
    Call call{request, kNobody, *store_, options_, stats_, turn.now, turn.base, turn.version, turn.segments, {}};
    return answer_storage(call);
  }
  if (turn.version != "v1.0" && turn.version != "beta") {
    return Answer::bad_request(fmt::format("Invalid version: {}", turn.version));
  }
  auto authenticated = sign_in_.authenticate(request.headers.find("Authorization"), turn.now);
  if (auto* refused = std::get_if<Answer>(&authenticated)) return std::move(*refused);
  const Caller& caller = *std::get<const Caller*>(authenticated);

  const Route* found = nullptr;
  bool path_known = false;
  std::size_t longest = 0;
  std::vector<std::string> keys;
  std::vector<std::string> tried;
  for (const Route& candidate : routes()) {
    const std::size_t agreed = agreement(candidate, turn.segments, tried);
    longest = std::max(longest, agreed);
    if (agreed != candidate.path.size() || agreed != turn.segments.size()) continue;
    path_known = true;
    if (candidate.method != request.method) continue;
    found = &candidate;
    keys = std::move(tried);
    break;
  }
  if (found == nullptr) {
    if (path_known) return Answer::error(405, "Request_BadRequest", "Specified HTTP method is not allowed.");
    const std::string unknown = turn.segments.empty() ? "" : turn.segments[std::min(longest, turn.segments.size() - 1)];
    return Answer::bad_request(fmt::format("Resource not found for the segment '{}'.", unknown));
  }
  if (!found->roles.empty()) {
    if (auto refused = missing_role(caller, found->roles)) {
      // The directory has words of its own.
      constexpr std::array<std::string_view, 4> kDirectory = {"users", "groups", "directory", "organization"};
      if (std::find(kDirectory.begin(), kDirectory.end(), found->path[0]) == kDirectory.end()) {
        return std::move(*refused);
      }
      return Answer::error(403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.");
    }
  }
  if (auto refused = throttle(turn, caller)) return std::move(*refused);
  auto parameters = read_query(turn.query);
  if (!parameters) return Answer::bad_request("The query string is not valid.");
  Call call{request,
            caller,
            *store_,
            options_,
            stats_,
            turn.now,
            std::move(turn.base),
            std::move(turn.version),
            std::move(keys),
            std::move(*parameters)};
  return found->act(call);
}

// What is not there is 404 whatever the pace, and counts for nobody.
std::optional<Answer> Router::throttle(const Turn& turn, const Caller& caller) {
  if (turn.kind.limit == nullptr) return std::nullopt;
  const Team* team = turn.place.team;
  const Conversation* conversation = turn.place.conversation;
  std::string_view resource;
  if (turn.kind.limit->scope == Scope::team && team != nullptr && team->visible_at <= turn.now) resource = team->id;
  if (turn.kind.limit->scope == Scope::conversation && conversation != nullptr &&
      conversation->visible_at <= turn.now) {
    resource = conversation->id;
  }
  if (turn.kind.limit->scope != Scope::none && resource.empty()) return std::nullopt;
  const Throttle::Verdict verdict = throttle_.take(
      {*turn.kind.limit, turn.kind.traffic == Traffic::imports, caller.app, store_->tenant().id, resource}, turn.now);
  if (verdict.wait == 0) return std::nullopt;
  Answer answer = Answer::error(429, "TooManyRequests", "Please retry again later.").inner("429", "Please retry after");
  if (auto text = print_retry_after(retry_after_, verdict.wait, turn.now)) {
    answer.headers.emplace_back("Retry-After", std::move(*text));
  }
  return answer;
}

http::Response Router::finish(const http::Request& request, Answer answer, std::int64_t now) {
  http::Response response;
  response.status = answer.status;
  const std::string request_id = quick_guid();
  const std::string* sent_id = request.headers.find("client-request-id");
  const std::string& client_request_id = sent_id != nullptr ? *sent_id : request_id;
  if (answer.is_error()) {
    nlohmann::ordered_json inner;
    if (!answer.inner_code.empty()) inner["code"] = answer.inner_code;
    if (!answer.inner_message.empty()) inner["message"] = answer.inner_message;
    inner["date"] = print_plain_time(now);
    inner["request-id"] = request_id;
    inner["client-request-id"] = client_request_id;
    if (answer.status == 429) inner["status"] = "429";
    const nlohmann::ordered_json body = {
        {"error", {{"code", answer.code}, {"message", answer.message}, {"innerError", inner}}}};
    answer.body = body.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
  }
  if (now / 1000 != date_second_) {
    date_second_ = now / 1000;
    date_ = print_http_date(now);
  }
  if (!answer.body.empty()) {
    if (answer.content_type.empty() || answer.is_error()) {
      answer.content_type = answer.is_error() ? "application/json"
                                              : "application/json;odata.metadata=minimal;odata.streaming=true;"
                                                "IEEE754Compatible=false;charset=utf-8";
    }
    response.headers.add("Content-Type", std::move(answer.content_type));
  }
  response.headers.add("request-id", request_id);
  response.headers.add("client-request-id", client_request_id);
  response.headers.add("x-ms-ags-diagnostic",
                       R"({"ServerInfo":{"DataCenter":"Local","Slice":"E","Ring":"0","ScaleUnit":"000",)"
                       R"("RoleInstance":"EMULATOR"}})");
  response.headers.add("OData-Version", "4.0");
  response.headers.add("Date", date_);
  for (auto& [name, value] : answer.headers) response.headers.add(std::move(name), std::move(value));
  response.body = std::move(answer.body);
  return response;
}

std::vector<App> Router::apps() const {
  return options_.apps;  // never changes
}

std::vector<User> Router::users() const {
  std::lock_guard lock(mutex_);
  return store_->users();
}

std::optional<User> Router::find_user(const std::string& whom) const {
  std::lock_guard lock(mutex_);
  const User* known = store_->find_user(whom);
  return known != nullptr ? std::optional<User>(*known) : std::nullopt;
}

Result<User> Router::ensure_user(const std::string& display_name, const std::string& mail) {
  const auto at = mail.find('@');
  if (at == mail.npos || at == 0 || at + 1 == mail.size() || mail.find_first_of(" \t\r\n") != mail.npos) {
    return Error::argument("bad_mail", fmt::format("'{}' is not a mail address", mail));
  }
  // Names come from strangers' exports; what is not UTF-8 could neither be stored nor answered.
  const auto clean = [](const std::string& text) {
    return nlohmann::json::parse(nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace))
        .get<std::string>();
  };
  const User wanted = make_user(display_name.empty() ? clean(mail) : clean(display_name), clean(mail));
  std::lock_guard lock(mutex_);
  if (const User* known = store_->find_user(wanted.mail)) return *known;
  Status added = store_->add_user(wanted);
  if (!added) return added.error();
  return wanted;
}

Stats Router::stats() const {
  std::lock_guard lock(mutex_);
  return stats_;
}

}  // namespace teamferry::emulator
