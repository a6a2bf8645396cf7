#include "native/auth/token.h"

#include <fmt/format.h>

#include <algorithm>
#include <list>
#include <nlohmann/json.hpp>
#include <vector>

#include "native/auth/sign_in_error.h"
#include "native/http/url.h"

namespace teamferry::auth {
namespace {

using nlohmann::json;
using Answer = Result<std::string>;

constexpr std::int64_t kRenewEarlyMs = 5 * 60 * 1000;
constexpr std::int64_t kUsualLifeMs = 3599 * 1000;
constexpr std::int64_t kRenewPauseMs = 30 * 1000;  // between attempts at an early renewal that failed

// What may stand in an Authorization header.
bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](unsigned char c) { return c > ' ' && c < 0x7f; });
}

void redact(std::string& text, const std::string& secret) {
  if (secret.empty()) return;
  for (auto at = text.find(secret); at != text.npos; at = text.find(secret, at))
    text.replace(at, secret.size(), "<secret>");
}

std::int64_t life_of(const json& body) {
  const auto seconds = body.find("expires_in");
  if (seconds != body.end() && seconds->is_number()) {
    return static_cast<std::int64_t>(std::clamp(seconds->get<double>(), 0.0, 86'400.0) * 1000);
  }
  return kUsualLifeMs;
}

}  // namespace

// The fetches are tasks of their own, so a caller that is destroyed while it waits takes nothing from the others.
// A fetch that has ended stays in the list until the next one starts, because it still runs while it wakes callers.
struct ClientSecretSource::State {
  struct Waiter {
    Callback<Answer>::Resume resume;  // empty: woken, or gone
  };
  // Lives in the frame of the caller that waits.
  struct Place {
    std::shared_ptr<Waiter> waiter = std::make_shared<Waiter>();
    ~Place() { waiter->resume = nullptr; }
  };

  http::Transport& transport;
  const WallClock& clock;
  const Cloud cloud;
  const ClientSecret credential;
  const Status address_is_safe;

  std::string token;
  DateTime expires;
  DateTime renew_at;
  bool fetching = false;
  std::list<Task<void>> fetches;
  std::vector<std::shared_ptr<Waiter>> waiters;

  bool has_token() const { return !token.empty() && clock.now() < expires; }

  void begin_fetch() {
    fetches.remove_if([](const Task<void>& task) { return task.finished(); });
    fetching = true;
    fetches.push_back(fetch());
    fetches.back().start();
  }

  Task<void> fetch() {
    std::optional<Answer> answer;
    try {
      auto asked = ask();
      answer = co_await std::move(asked);
    } catch (const std::exception& failure) {
      answer = Error::state("sign_in_failed", fmt::format("the sign-in broke off: {}", failure.what()));
    }
    if (!answer->ok()) {
      const auto wait = answer->error().retry_after.value_or(std::chrono::milliseconds(0)).count();
      renew_at = DateTime{clock.now().ms + std::max<std::int64_t>(kRenewPauseMs, wait)};
    }
    fetching = false;
    for (auto& waiter : std::exchange(waiters, {})) {
      if (waiter->resume) std::exchange(waiter->resume, nullptr)(*answer);
    }
  }

  Task<Answer> ask() {
    if (!address_is_safe) co_return address_is_safe.error();
    auto sent = transport.send(request());
    auto response = co_await std::move(sent);
    if (!response) co_return without_secret(std::move(response).error());
    if (response->status >= 400) co_return without_secret(sign_in_error(*response, clock.now()));

    const json body = json::parse(response->body, nullptr, false);
    const auto found = body.is_object() ? body.find("access_token") : body.end();
    if (response->status != 200 || !body.is_object() || found == body.end() || !found->is_string() ||
        !is_token(found->get_ref<const std::string&>())) {
      co_return Error::transport("bad_sign_in", fmt::format("{} answered a sign-in with something that is no token; is "
                                                            "this the address of a sign-in?",
                                                            cloud.login_url));
    }
    const std::int64_t life = life_of(body);
    token = found->get<std::string>();
    expires = DateTime{clock.now().ms + life};
    renew_at = DateTime{expires.ms - std::min(kRenewEarlyMs, life / 2)};
    co_return token;
  }

  http::Request request() const {
    http::Request request;
    request.method = "POST";
    request.url = fmt::format("{}/{}/oauth2/v2.0/token", cloud.login_url, http::percent_encode(credential.tenant));
    request.headers.add("Content-Type", "application/x-www-form-urlencoded");
    request.headers.add("Accept", "application/json");
    request.body = fmt::format("client_id={}&scope={}&grant_type=client_credentials&client_secret={}",
                               http::percent_encode(credential.client_id), http::percent_encode(cloud.scope),
                               http::percent_encode(credential.secret.reveal()));
    request.timeout = std::chrono::seconds(30);
    request.retry = false;
    request.authorize = false;
    request.route = "POST /{tenant}/oauth2/v2.0/token";
    return request;
  }

  Error without_secret(Error error) const {
    const std::string& secret = credential.secret.reveal();
    for (auto* text : {&error.code, &error.message, &error.inner_message, &error.request_id}) {
      redact(*text, secret);
      redact(*text, http::percent_encode(secret));
    }
    return error;
  }

  Task<Answer> fetch_or_join() {
    Place place;
    Callback<Answer> answered([this, &place](Callback<Answer>::Resume resume) {
      place.waiter->resume = std::move(resume);
      waiters.push_back(place.waiter);
      if (!fetching) begin_fetch();
    });
    co_return co_await answered;
  }
};

ClientSecretSource::ClientSecretSource(http::Transport& transport, const WallClock& clock, Cloud cloud,
                                       ClientSecret credential)
    : state_(new State{transport,
                       clock,
                       cloud,
                       std::move(credential),
                       http::check_may_carry_secrets(cloud.login_url),
                       {},
                       {},
                       {},
                       false,
                       {},
                       {}}) {}

ClientSecretSource::~ClientSecretSource() = default;

Task<Answer> ClientSecretSource::token() {
  State& state = *state_;
  if (state.has_token()) {
    std::string token = state.token;
    if (!state.fetching && state.clock.now() >= state.renew_at) state.begin_fetch();
    co_return token;
  }
  auto fresh = state.fetch_or_join();
  co_return co_await std::move(fresh);
}

Task<Answer> ClientSecretSource::renew(std::string rejected) {
  State& state = *state_;
  if (state.has_token() && state.token != rejected) co_return state.token;
  auto fresh = state.fetch_or_join();
  co_return co_await std::move(fresh);
}

}  // namespace teamferry::auth
