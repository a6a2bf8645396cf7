#include "native/migrate/engine_state.h"

#include <fmt/format.h>

#include <algorithm>

namespace teamferry::migrate {

using namespace std::chrono_literals;
using journal::State;
using std::chrono::duration;

namespace {

constexpr auto kImport = limits::RequestClass::import_to_channel;
constexpr auto kLook = 250ms;  // how soon a waiting lane sees that it shall end

// Ids, times and numbers in a refusal are those of its message: each word with a digit becomes "#".
std::string without_ids(std::string_view text) {
  constexpr std::string_view kBetween = " \t\n'\"()[]{}<>,;=/";
  std::string kind;
  while (!text.empty()) {
    const auto end = std::min(text.find_first_of(kBetween), text.size());
    const std::string_view word = text.substr(0, end);
    kind += word.find_first_of("0123456789") == word.npos ? word : "#";
    if (end < text.size()) kind += text[end];
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return kind;
}

}  // namespace

const limits::KnownTexts& texts() {
  return limits::in_force().texts;
}

std::optional<Error> ends_the_run(const Error& error) {
  Error end = error;
  if (error.kind == Error::Kind::argument || error.kind == Error::Kind::state) return end;
  if (error.kind != Error::Kind::service) return std::nullopt;
  if (error.code.starts_with("AADSTS") && !error.retryable()) return end;
  if (error.status == 401 && !says(error, texts().import_only)) {
    end.message += "; Graph rejects the token that was just renewed: check the clock, the tenant and the cloud";
    return end;
  }
  if (error.status == 403 && says(error, texts().missing_role)) {
    end.message +=
        "; grant the application the permission that is named, with admin consent, wait some minutes for it "
        "to reach new tokens, and run again";
    return end;
  }
  return std::nullopt;
}

RunState::RunState(Session& s)
    : session(s), creation_ended(s.loop), random_(s.options.seed), by_state_(s.journal.totals().by_state) {}

void RunState::end(Error error) {
  if (!summary.error) summary.error = std::move(error);
}

Task<bool> RunState::commit(journal::Committer::Work work) {
  auto committing = session.committer.commit(std::move(work));
  Status status = co_await std::move(committing);
  if (!status) end(status.error());
  co_return status.ok();
}

Task<bool> RunState::nap(Loop::Duration time) {
  const auto until = session.loop.now() + time;
  while (!closing() && session.loop.now() < until) {
    const auto next = std::min<Loop::TimePoint>(until, session.loop.now() + kLook);
    auto sleep = session.loop.sleep_until(next);
    co_await sleep;
  }
  co_return !closing();
}

Task<bool> RunState::pass_pause() {
  while (!closing() && pausing()) {
    tell(on_wire == 0 ? "paused" : "pausing");
    auto sleep = session.loop.sleep_until(session.loop.now() + kLook);
    co_await sleep;
  }
  co_return !closing();
}

Loop::Duration RunState::backoff(int failures, const Error& error) {
  const double plain = std::min(300.0, static_cast<double>(1LL << std::min(failures, 10)));
  const double jitter = 0.8 + 0.4 * std::uniform_real_distribution<double>()(random_);
  auto wait = std::chrono::duration_cast<Loop::Duration>(duration<double>(plain * jitter));
  if (error.retry_after) wait = std::max<Loop::Duration>(wait, *error.retry_after);
  return wait;
}

void RunState::refused(const Error& error) {
  const std::string refusal = fmt::format("{} {} {}", error.status, error.code,
                                          error.inner_message.empty() ? error.message : error.inner_message);
  const std::string kind = without_ids(refusal);
  equal_refusals_ = kind == last_refusal_ ? equal_refusals_ + 1 : 1;
  last_refusal_ = kind;
  if (equal_refusals_ < session.options.equal_refusals) return;
  Error stop = error;
  stop.kind = Error::Kind::state;
  stop.code = "equal_refusals";
  stop.message = fmt::format(
      "{} messages in a row were refused alike, the last with {}; nothing more is sent until that is cured: "
      "look at the failed messages, correct the mapping or the target, and run again",
      equal_refusals_, refusal);
  stop.inner_message.clear();
  end(std::move(stop));
}

void RunState::accepted(bool by_read) {
  equal_refusals_ = 0;
  last_refusal_.clear();
  ++summary.sent;
  if (by_read) ++summary.sent_by_read;
  const auto now = session.loop.now();
  forecast_.sent(now);
  if (first_import_) summary.sending_seconds = duration<double>(now - *first_import_).count();
}

void RunState::transition(journal::State from, journal::State to) {
  --by_state_[from];
  ++by_state_[to];
}

std::int64_t RunState::count(std::initializer_list<journal::State> states) const {
  std::int64_t messages = 0;
  for (const auto state : states) {
    const auto found = by_state_.find(state);
    if (found != by_state_.end()) messages += found->second;
  }
  return messages;
}

void RunState::request_leaves() {
  if (!first_import_) first_import_ = session.loop.now();
}

void RunState::lane_remaining(journal::ConversationId id, std::int64_t messages) {
  if (const auto known = remaining_.find(id); known != remaining_.end()) {
    lengths_.erase(lengths_.find(known->second));
    remaining_.erase(known);
  }
  if (messages <= 0) return;
  remaining_.emplace(id, messages);
  lengths_.insert(messages);
}

Progress RunState::progress(std::string doing) const {
  Progress progress;
  progress.doing = std::move(doing);
  const std::int64_t open = count({State::planned, State::sending});
  progress.done = count({State::sent});
  progress.total = progress.done + open;
  progress.failed = count({State::failed, State::blocked, State::doubt});
  progress.throttled = summary.throttled;
  const auto now = session.loop.now();
  progress.rate = forecast_.rate(now);
  const std::int64_t longest = lengths_.empty() ? 0 : *lengths_.rbegin();
  progress.left = forecast_.left(now, open, longest, session.pace.limits().of(kImport).resource_rate,
                                 session.pace.tenant_rate(kImport));
  return progress;
}

void RunState::tell(std::string doing) {
  if (session.progress) session.progress(progress(std::move(doing)));
}

void RunState::tell_wait(std::string what, Loop::Duration wait) {
  if (!session.progress) return;
  Progress now = progress("waiting");
  now.waiting_for = std::move(what);
  now.wait = wait;
  session.progress(now);
}

}  // namespace teamferry::migrate
