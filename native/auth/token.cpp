#include "native/auth/token.h"

#include <fmt/format.h>

#include <algorithm>
#include <list>
#include <nlohmann/json.hpp>
#include <vector>

#include "native/auth/sign_in_error.h"
#include "native/http/service_error.h"
#include "native/http/url.h"

namespace teamferry::auth {
namespace {

using nlohmann::json;
using Answer = Result<std::string>;

constexpr std::int64_t kRenewEarlyMs = 5 * 60 * 1000;
constexpr std::int64_t kUsualLifeMs = 3599 * 1000;
constexpr std::int64_t kRenewPauseMs = 30 * 1000;  // between attempts at an early renewal that failed

std::int64_t life_of(const json& body) {
  const auto seconds = body.find("expires_in");
  if (seconds != body.end() && seconds->is_number()) {
    return static_cast<std::int64_t>(std::clamp(seconds->get<double>(), 0.0, 86'400.0) * 1000);
  }
  return kUsualLifeMs;
}

}  // namespace

bool is_bearer_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](unsigned char c) { return c > ' ' && c < 0x7f; });
}

// The fetches are tasks of their own, so a caller that is destroyed while it waits takes nothing from the others.
// A fetch that has ended stays in the list until the next one starts, because it still runs while it wakes callers.
struct SignIn::State {
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
  const Application application;
  const Status address_is_safe;

  std::string token;
  DateTime expires;
  DateTime renew_at;
  std::optional<std::chrono::milliseconds> ahead;
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
    const auto proven =
        application.proof->fields(token_endpoint(cloud.login_audience), application.client_id, clock.now());
    if (!proven) co_return proven.error();
    auto sent = transport.send(request(*proven));
    auto response = co_await std::move(sent);
    if (!response) co_return without_secrets(std::move(response).error(), *proven);
    note_time(*response);
    if (response->status >= 400) {
      co_return without_secrets(with_clock(sign_in_error(*response, clock.now())), *proven);
    }

    const json body = json::parse(response->body, nullptr, false);
    const auto found = body.is_object() ? body.find("access_token") : body.end();
    if (response->status != 200 || !body.is_object() || found == body.end() || !found->is_string() ||
        !is_bearer_token(found->get_ref<const std::string&>())) {
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

  std::string token_endpoint(const std::string& login) const {
    return fmt::format("{}/{}/oauth2/v2.0/token", login, http::percent_encode(application.tenant));
  }

  http::Request request(const std::vector<ProofField>& proven) const {
    http::Request request;
    request.method = "POST";
    request.url = token_endpoint(cloud.login_url);
    request.headers.add("Content-Type", "application/x-www-form-urlencoded");
    request.headers.add("Accept", "application/json");
    request.body = fmt::format("client_id={}&scope={}&grant_type=client_credentials",
                               http::percent_encode(application.client_id), http::percent_encode(cloud.scope));
    for (const auto& field : proven) {
      request.body += fmt::format("&{}={}", field.name, http::percent_encode(field.value.reveal()));
    }
    request.timeout = std::chrono::seconds(30);
    request.retry = false;
    request.authorize = false;
    request.route = "POST /{tenant}/oauth2/v2.0/token";
    return request;
  }

  void note_time(const http::Response& response) {
    const auto* date = response.headers.find("Date");
    const auto theirs = date ? http::parse_http_date(*date) : std::nullopt;
    if (theirs) ahead = std::chrono::milliseconds(clock.now().ms - theirs->ms);
  }

  // An assertion lives by the clock: whose is wrong can be told.
  Error with_clock(Error error) const {
    constexpr std::int64_t kNotice = 60'000;
    if (error.code != "AADSTS700024" || !ahead || std::abs(ahead->count()) < kNotice) return error;
    error.message += fmt::format(" This machine's clock is {} minutes {} the sign-in's.",
                                 std::abs(ahead->count()) / 60'000, ahead->count() > 0 ? "ahead of" : "behind");
    return error;
  }

  static Error without_secrets(Error error, const std::vector<ProofField>& proven) {
    for (const auto& field : proven) {
      if (field.name == "client_assertion_type") continue;  // the same for everybody
      for (auto* text : {&error.code, &error.message, &error.inner_message, &error.request_id}) {
        redact(*text, field.value.reveal(), "<secret>");
      }
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

SignIn::SignIn(http::Transport& transport, const WallClock& clock, Cloud cloud, Application application)
    : state_(new State{transport,
                       clock,
                       cloud,
                       std::move(application),
                       http::check_may_carry_secrets(cloud.login_url),
                       {},
                       {},
                       {},
                       std::nullopt,
                       false,
                       {},
                       {}}) {}

SignIn::~SignIn() = default;

std::optional<std::chrono::milliseconds> SignIn::clock_ahead() const {
  return state_->ahead;
}

ClientSecretSource::ClientSecretSource(http::Transport& transport, const WallClock& clock, Cloud cloud,
                                       ClientSecret credential)
    : SignIn(transport, clock, std::move(cloud),
             {std::move(credential.tenant), std::move(credential.client_id),
              prove_by_secret(std::move(credential.secret))}) {}

Task<Answer> SignIn::token() {
  State& state = *state_;
  if (state.has_token()) {
    std::string token = state.token;
    if (!state.fetching && state.clock.now() >= state.renew_at) state.begin_fetch();
    co_return token;
  }
  auto fresh = state.fetch_or_join();
  co_return co_await std::move(fresh);
}

Task<Answer> SignIn::renew(std::string rejected) {
  State& state = *state_;
  if (state.has_token() && state.token != rejected) co_return state.token;
  auto fresh = state.fetch_or_join();
  co_return co_await std::move(fresh);
}

}  // namespace teamferry::auth
