#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "fake_service.h"
#include "native/auth/policy.h"
#include "native/graph/client.h"
#include "native/http/policy.h"
#include "native/journal/journal.h"
#include "native/migrate/engine.h"
#include "native/throttle/policy.h"
#include "tests/support/virtual_loop.h"

// A journal with a plan, a service, and lives of the program between them.
namespace teamferry::fake {

inline const std::string kAda = "8c0a1a67-50ce-4114-bb6c-da9c5dbcf6ca";
inline const std::string kBo = "82fe7758-5bb3-4f0d-a43f-e555fd399c6f";
inline constexpr std::int64_t kStart = 1'549'310'295'511;  // 2019-02-04T19:58:15.511Z

// Makes each commit take its time, so that a death can come before it and after it.
class SlowCommitter : public journal::Committer {
 public:
  SlowCommitter(Loop& loop, std::unique_ptr<journal::Committer> committer)
      : loop_(loop), committer_(std::move(committer)) {}
  Task<Status> commit(Work work) override;

 private:
  Loop& loop_;
  std::unique_ptr<journal::Committer> committer_;
};

// A sign-in that always works.
class Tokens : public auth::TokenSource {
 public:
  Task<Result<std::string>> token() override;
  Task<Result<std::string>> renew(std::string rejected) override;

 private:
  int number_ = 1;
};

class World;

// One start of the program. Dropping it in the middle is its death.
struct Life {
  Life(World& world, std::uint64_t seed);
  ~Life();

  migrate::RunSummary run();
  Result<migrate::VerifySummary> verify();
  Result<migrate::CompleteSummary> complete();
  // Runs for so many steps of the loop. true: it ended by itself.
  bool run_for(int steps);
  bool complete_for(int steps);

  VirtualLoop loop;
  VirtualLoop::Wall wall{loop};
  Service service;
  Tokens tokens;
  auth::AuthPolicy auth;
  throttle::Pace pace;
  throttle::ThrottlePolicy throttle;
  http::ServiceErrorPolicy errors;
  http::RetryPolicy retry;
  graph::Client client;
  std::unique_ptr<journal::Committer> committer;
  std::atomic<bool> stop = false;
  migrate::Session session;

 private:
  template <class T>
  bool drive(Task<T>& task, int steps);
};

class World {
 public:
  World();
  ~World();

  // The plan. A channel named "General" is filled into the team's own.
  int channel(const std::string& name);
  int private_channel(const std::string& name);  // by road B, once the team is completed
  int chat(const std::string& topic);            // by road B
  // Returns the row. `root`: 0 for a root.
  journal::RowId message(int channel, std::int64_t ms, const std::string& author, const std::string& text,
                         journal::RowId root = 0);
  void plan();  // finishes it
  // Some channels with roots and threads, different for each seed.
  void random_plan(std::uint64_t seed, int messages);

  // Lets a run create the team and its channels, and ends it before anything is sent.
  void create_targets();

  std::vector<std::string> expected() const;  // as Store::content() of an undisturbed run
  journal::State state(journal::RowId row) { return journal->message(row)->state; }
  std::string reason(journal::RowId row) { return journal->message(row)->reason; }
  std::int64_t in_state(journal::State state) { return journal->totals().by_state[state]; }

  Store store;
  std::unique_ptr<journal::Journal> journal;
  throttle::Limits limits = throttle::article_limits();
  migrate::Options options;
  migrate::Identity identity{"tenant-1", "app-1", "emulator"};
  double fault_rate = 0;
  bool jitter = false;

 private:
  struct Planned {
    int channel;
    std::int64_t ms;
    std::string author, text;
    journal::RowId id, root;
  };
  struct Room {
    std::string name, kind = "standard";  // as Channel::kind
  };
  int room(const std::string& name, const char* kind);
  journal::Conversation planned_conversation(std::size_t room) const;
  void plan_messages(journal::PlanWriter& writer, journal::ConversationId id) const;

  std::vector<Room> rooms_;
  std::vector<Planned> messages_;
  std::vector<std::uint32_t> next_;
};

}  // namespace teamferry::fake
