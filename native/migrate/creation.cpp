#include "native/migrate/creation.h"

#include <fmt/format.h>

namespace teamferry::migrate {

using journal::Transaction;

Task<Status> begin_creation(RunState& run, const char* kind, std::string subject, std::string note) {
  journal::Committer::Work work = [kind, subject, note](Transaction& t) { t.creation_begun(kind, subject, note); };
  auto committing = run.commit(std::move(work));
  const bool durable = co_await std::move(committing);
  if (!durable) co_return *run.summary.error;
  co_return done();
}

Task<void> give_up_creation(RunState& run, const char* kind, std::string subject, Error error) {
  journal::Committer::Work work = [kind, subject, reason = error.to_string()](Transaction& t) {
    t.creation_failed(kind, subject, reason);
  };
  auto committing = run.commit(std::move(work));
  co_await std::move(committing);
}

Task<bool> pause_after(RunState& run, std::string doing, int failures, Error error) {
  const auto wait = run.backoff(failures, error);
  if (error.status == 429) run.throttled();
  run.tell_wait(fmt::format("{} while {}", error.status == 0 ? error.code : std::to_string(error.status), doing), wait);
  auto nap = run.nap(wait);
  co_return co_await std::move(nap);
}

}  // namespace teamferry::migrate
