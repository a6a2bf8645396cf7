#include "native/emulator/router.h"
#include "native/emulator/people_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "native/emulator/call.h"
#include "native/emulator/control.h"
#include "native/emulator/page.h"
#include "native/emulator/request_path.h"
#include "native/emulator/routes.h"
#include "native/emulator/seed.h"
#include "native/emulator/tenant.h"
#include "native/emulator/text.h"
#include "native/emulator/time.h"

namespace teamferry::emulator {
namespace {

// How many segments agree with the route.
std::size_t agreement(const Route& route, const std::vector<std::string>& segments) {
  std::size_t i = 0;
  while (i < route.path.size() && i < segments.size() &&
         (route.path[i] == "{}" ? !segments[i].empty() : route.path[i] == segments[i])) {
    ++i;
  }
  return i;
}

// What stands in place of each "{}".
std::vector<std::string> keys_of(const Route& route, const std::vector<std::string>& segments) {
  std::vector<std::string> keys;
  for (std::size_t i = 0; i < route.path.size(); ++i) {
    if (route.path[i] == "{}") keys.push_back(segments[i]);
  }
  return keys;
}

// Who asks for a token, for the log.
std::string client_id_of(const std::string& form) {
  constexpr std::string_view kName = "client_id=";
  const auto at = form.compare(0, kName.size(), kName) == 0 ? 0 : form.find("&client_id=");
  if (at == form.npos) return "";
  const auto value = form.find('=', at) + 1;
  return lower_ascii(std::string_view(form).substr(value, std::min<std::size_t>(form.find('&', value) - value, 64)));
}

std::string join(const std::vector<std::string>& parts) {
  std::string out;
  for (const std::string& part : parts) out += (out.empty() ? "" : ", ") + part;
  return out;
}

// When something last happened here. A life at a higher speed ends in the future of the clock on the wall, and its
// successor has to go on from there, or would not see what is stored.
std::int64_t last_moment(const Store& store, std::chrono::milliseconds provisioning) {
  std::int64_t last = 0;
  const auto see = [&](const Conversation& room) {
    if (!room.messages.empty()) last = std::max(last, room.messages.back().stored);
  };
  for (const auto& team : store.teams()) {
    last = std::max(last, team->requested);
    for (const Conversation* channel : team->channels) {
      last = std::max(last, channel->visible_at - provisioning.count());
      see(*channel);
    }
  }
  for (const Conversation* chat : store.chats()) see(*chat);
  return last;
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
  constexpr double kMostSpeed = 100'000;
  if (!(options.speed >= 1 && options.speed <= kMostSpeed)) {
    return Error::argument("bad_option", fmt::format("speed is {}: it is a number from 1 to 100000", options.speed));
  }
  auto behaviour = Behaviour::open(options);
  if (!behaviour) return behaviour.error();
  const SystemClock system_clock;
  auto store = open_store(options, (options.clock != nullptr ? *options.clock : system_clock).now().ms);
  if (!store) return store.error();
  if (!(*store)->is_new()) behaviour->faults.consent();
  if (!options.users_from.empty()) {
    Status added = add_users_from(options.users_from, **store);
    if (!added) return added.error();
  }
  if (options.apps.empty()) options.apps = (*store)->apps();
  if (options.apps.empty()) options.apps = default_apps();
  return std::unique_ptr<Router>(
      new Router(std::move(options), std::move(behaviour).value(), std::move(store).value()));
}

Router::Router(Options options, Behaviour behaviour, std::unique_ptr<Store> store)
    : options_(std::move(options)),
      given_(options_),
      clock_(options_.clock != nullptr ? *options_.clock : system_clock_, options_.speed,
             last_moment(*store, options_.provisioning)),
      behaviour_(std::move(behaviour)),
      store_(std::move(store)),
      sign_in_(options_.apps, *store_, options_.token_lifetime) {}

Outcome Router::handle(const http::Request& request, Peer peer) {
  std::lock_guard lock(mutex_);
  const std::int64_t now = clock_.now().ms;
  const Url url = split_url(request.url);
  if (is_page(url.path)) return {answer_page(request, peer.loopback, {*store_, options_, stats_, log_, now})};
  if (is_control(url.path)) {
    return {answer_control(request, peer.loopback, {behaviour_, clock_, log_, given_, stats_})};
  }
  ++stats_.requests;
  stand(now);
  Turn turn;
  turn.now = now;
  Outcome outcome;
  outcome.response = respond(request, turn);
  if (turn.befallen.is(Fault::reset_before) || turn.befallen.is(Fault::reset_after)) outcome.cut = Cut::reset;
  if (turn.befallen.is(Fault::half_answer)) outcome.cut = Cut::half;
  auto delay = turn.befallen.slow;
  if (turn.kind.traffic != Traffic::sign_in) delay += options_.latency;
  outcome.delay = in_real_time(delay);
  return outcome;
}

std::chrono::milliseconds Router::in_real_time(std::chrono::milliseconds wait) const {
  return std::chrono::duration_cast<std::chrono::milliseconds>(wait / given_.speed);
}

void Router::stand(std::int64_t now) {
  const Faults& faults = behaviour_.faults;
  options_.read_lag = faults.standing(Fault::read_lag, given_.read_lag, now);
  options_.provisioning = faults.standing(Fault::provisioning, given_.provisioning, now);
  options_.files_delay = faults.standing(Fault::files_delay, given_.files_delay, now);
}

http::Response Router::respond(const http::Request& request, Turn& turn) {
  const Url url = split_url(request.url);
  auto segments = read_path(url.path);
  const bool to_sign_in = segments && SignIn::answers(*segments);
  turn.base = url.base;
  turn.query = url.query;
  if (segments) {
    turn.segments = std::move(*segments);
    if (!to_sign_in) {
      turn.version = std::move(turn.segments.front());
      turn.segments.erase(turn.segments.begin());
    }
    turn.kind = classify(request.method, turn.segments);
    turn.place = find_place(*store_, turn.segments);
  }
  if (to_sign_in && request.method == "POST") turn.kind = {Traffic::sign_in, nullptr};

  turn.befallen = behaviour_.faults.decide({request, turn.kind.traffic, turn.segments, turn.place, turn.now});
  turn.now += turn.befallen.skew.count();
  if (!turn.befallen.names.empty()) ++stats_.faults;
  http::Response response = segments ? act(request, turn, to_sign_in)
                                     : finish(request, Answer::bad_request("The request URI is not valid."), turn.now);
  if (response.status == 429) ++stats_.throttled;
  if (options_.speed != 1) response.headers.add("x-teamferry-speed", fmt::format("{:g}", options_.speed));

  if (turn.kind.traffic == Traffic::sign_in) turn.app = client_id_of(request.body);
  LoggedRequest logged;
  logged.at = turn.now;
  logged.app = std::move(turn.app);
  logged.method = request.method;
  logged.path = url.path;
  // What is asked elsewhere may hold a secret: the address of an upload is one.
  if (turn.version == "v1.0" || turn.version == "beta") logged.path = request.url.substr(url.base.size());
  logged.status = response.status;
  logged.reason = turn.befallen.names.empty() ? turn.budget : turn.befallen.names;
  log_.add(std::move(logged));
  return response;
}

http::Response Router::act(const http::Request& request, Turn& turn, bool to_sign_in) {
  const FaultRule* fault = turn.befallen.answer;
  const RetryAfter form = turn.befallen.retry_after.value_or(behaviour_.retry_after());
  const auto answered = [&] {
    if (!to_sign_in) return finish(request, route(request, turn), turn.now);
    sign_in_.withhold_roles(turn.befallen.no_roles);
    http::Response response = sign_in_.respond(turn.segments, request, turn.base, turn.query, turn.now);
    response.headers.add("Date", print_http_date(turn.now));
    return response;
  };
  if (fault == nullptr) return answered();
  switch (fault->fault) {
    case Fault::reset_before:
      return {};
    case Fault::gateway_html:
      if (fault->acted) answered();
      return gateway_page(*fault, form, turn.now);
    case Fault::status:
      if (fault->acted) answered();
      if (to_sign_in) return fault_sign_in_answer(*fault, form, turn.now);
      return finish(request, fault_answer(*fault, turn.kind.traffic, form, turn.now), turn.now);
    case Fault::expired_token:
      return finish(request, fault_answer(*fault, turn.kind.traffic, form, turn.now), turn.now);
    default:
      return answered();  // what is lost on the way, and what the route answers in its place
  }
}

Outcome Router::refuse_too_large(const http::Request& request) {
  std::lock_guard lock(mutex_);
  ++stats_.requests;
  Answer answer =
      Answer::error(options_.variants.too_large_status, "RequestEntityTooLarge", "Request Entity too large.");
  Outcome outcome{finish(request, std::move(answer), clock_.now().ms)};
  outcome.delay = in_real_time(options_.latency);
  return outcome;
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
  turn.app = caller.app;
  if (turn.segments.size() == 1 && turn.segments[0] == "$batch") return batch(request, turn, caller);

  const Route* found = nullptr;
  bool path_known = false;
  std::size_t longest = 0;
  for (const Route& candidate : routes()) {
    const std::size_t agreed = agreement(candidate, turn.segments);
    longest = std::max(longest, agreed);
    if (agreed != candidate.path.size() || agreed != turn.segments.size()) continue;
    path_known = true;
    if (candidate.method != request.method) continue;
    found = &candidate;
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
  if (turn.befallen.is(Fault::inline_images_403) || turn.befallen.is(Fault::oneonone_412) ||
      turn.befallen.is(Fault::wedge)) {
    return fault_answer(*turn.befallen.answer, turn.kind.traffic, RetryAfter::none, turn.now);
  }
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
            keys_of(*found, turn.segments),
            std::move(*parameters)};
  Answer answer = found->act(call);
  if (turn.kind.traffic == Traffic::completions && answer.status == 204 && turn.place.conversation != nullptr) {
    behaviour_.faults.completed(turn.place.conversation->id, turn.now);
  }
  return answer;
}

// What is not there is 404 whatever the pace, and counts for nobody.
std::optional<Answer> Router::throttle(Turn& turn, const Caller& caller) {
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
  Throttle::Verdict verdict = behaviour_.throttle.take(
      {*turn.kind.limit, turn.kind.traffic == Traffic::imports, caller.app, store_->tenant().id, resource}, turn.now);
  if (verdict.wait == 0) return std::nullopt;
  turn.budget = std::move(verdict.budget);
  Answer answer = Answer::error(429, "TooManyRequests", "Please retry again later.").inner("429", "Please retry after");
  if (auto text =
          print_retry_after(turn.befallen.retry_after.value_or(behaviour_.retry_after()), verdict.wait, turn.now)) {
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

std::string Router::profile() const {
  std::lock_guard lock(mutex_);
  return std::string(name_of(behaviour_.throttle.profile()));
}

Stats Router::stats() const {
  std::lock_guard lock(mutex_);
  return stats_;
}

}  // namespace teamferry::emulator
