#include "mortal.h"

namespace teamferry::fake {

namespace {

// Waits for what never comes.
Callback<Unit> never() {
  return Callback<Unit>([](Callback<Unit>::Resume) {});
}

}  // namespace

bool Fate::passes(Kind kind) {
  if (dead) return true;
  moments.push_back(kind);
  if (static_cast<long>(moments.size()) == dies_at) {
    if (loses && kind == Kind::answer) {
      lost = true;
      ++dies_at;
    } else {
      dead = true;
    }
  }
  return dead;
}

Task<Result<http::Response>> MortalTransport::send(http::Request request) {
  if (fate_.passes(Fate::Kind::request)) {
    auto end = never();
    co_await end;
  }
  auto sending = next_.send(std::move(request));
  auto answer = co_await std::move(sending);
  const bool lost_before = fate_.lost;
  if (fate_.passes(Fate::Kind::answer)) {
    auto end = never();
    co_await end;
  }
  if (fate_.lost && !lost_before) co_return Error::transport("reset", "the answer was lost");
  co_return answer;
}

Task<Status> MortalCommitter::commit(Work work) {
  if (fate_.passes(Fate::Kind::commit)) {
    auto end = never();
    co_await end;
  }
  auto committing = committer_->commit(std::move(work));
  Status status = co_await std::move(committing);
  if (fate_.passes(Fate::Kind::commit)) {
    auto end = never();
    co_await end;
  }
  co_return status;
}

MortalProgram::MortalProgram(World& world, emulator::Emulator& emulated, Fate& fate, double speed)
    : fate_(fate),
      cloud_(auth::at_addresses(auth::clouds().front(), emulated.login_url(), emulated.graph_url()).value()),
      tokens_(loop_, clock_, cloud_, Program::credential(emulated, "full")),
      pace_(world.limits),
      transport_(loop_, fate),
      pipeline_(loop_, clock_, transport_, tokens_, pace_, row()),
      client_(loop_, pipeline_, {cloud_.graph_url, "v1.0"}),
      committer_(world.journal->direct_committer(), fate),
      session_{loop_, client_, *world.journal, committer_, clock_, pace_, stop_, world.identity, world.options, {}} {
  loop_.run_at(speed);
}

graph::Pipeline::Options MortalProgram::row() const {
  graph::Pipeline::Options options;
  options.graph_url = cloud_.graph_url;
  options.random = [source = std::make_shared<std::mt19937_64>(1)] { return (*source)(); };
  return options;
}

template <class T>
std::optional<T> MortalProgram::drive(Task<T> task) {
  task.start();
  while (!task.finished() && !fate_.dead) loop_.step();
  if (fate_.dead) return std::nullopt;
  return task.take();
}

std::optional<Result<migrate::CompleteSummary>> MortalProgram::live() {
  Result<migrate::CompleteSummary> completed = Error::state("unfinished", "it did not come so far");
  for (int round = 0; round < 2; ++round) {
    const auto ran = drive(migrate::run(session_));
    if (!ran) return std::nullopt;
    if (!*ran || !(*ran)->whole())
      return Result<migrate::CompleteSummary>(Error::state("unfinished", "not all was sent"));
    auto ended = drive(migrate::complete(session_));
    if (!ended) return std::nullopt;
    completed = std::move(*ended);
    if (!completed) break;
  }
  return completed;
}

}  // namespace teamferry::fake
