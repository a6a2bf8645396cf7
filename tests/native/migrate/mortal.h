#pragma once

#include <memory>
#include <vector>

#include "program.h"

// A program that dies at a chosen moment, in this very process: what it waited for never comes, and it is dropped. So
// some hundred deaths over real sockets take seconds, against one emulator each, which goes on living.
namespace teamferry::fake {

// The moments at which a death hurts: before and after each commit, before each request leaves, and when the first
// byte of its answer has come.
struct Fate {
  enum class Kind { commit, request, answer };

  long dies_at = 0;    // which moment, from 1; 0: none
  bool loses = false;  // the answer of that moment is lost first, and the death comes at the next moment

  std::vector<Kind> moments;  // that have passed
  bool dead = false;
  bool lost = false;

  // true: it is over.
  bool passes(Kind kind);
};

class MortalTransport : public http::Transport {
 public:
  MortalTransport(http::Transport& next, Fate& fate) : next_(next), fate_(fate) {}
  Task<Result<http::Response>> send(http::Request request) override;

 private:
  http::Transport& next_;
  Fate& fate_;
};

class MortalCommitter : public journal::Committer {
 public:
  MortalCommitter(std::unique_ptr<journal::Committer> committer, Fate& fate)
      : committer_(std::move(committer)), fate_(fate) {}
  Task<Status> commit(Work work) override;

 private:
  std::unique_ptr<journal::Committer> committer_;
  Fate& fate_;
};

struct MortalProgram {
  MortalProgram(World& world, emulator::Emulator& emulated, Fate& fate, double speed);

  // Runs and completes, twice, since private channels come after their team. Nothing: it died on the way.
  std::optional<Result<migrate::CompleteSummary>> live();

 private:
  template <class T>
  std::optional<T> drive(Task<T> task);
  graph::Pipeline::Options row() const;

  Fate& fate_;
  SystemClock clock_;
  http::CurlLoop loop_;
  auth::Cloud cloud_;
  auth::ClientSecretSource tokens_;
  throttle::Pace pace_;
  MortalTransport transport_;
  graph::Pipeline pipeline_;
  graph::Client client_;
  MortalCommitter committer_;
  std::atomic<bool> stop_ = false;
  migrate::Session session_;
};

}  // namespace teamferry::fake
