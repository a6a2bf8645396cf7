#include "native/journal/committer.h"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>

#include "native/journal/transaction.h"

// The threaded committer: commit() hands its work to a thread, which gathers for a tick, makes one
// transaction of all, and posts the answers back to the loop. The first work after a pause goes at once.
namespace teamferry::journal {
namespace {

using namespace std::chrono_literals;
constexpr auto kTick = 20ms;

// How one commit ended: a status, or what its work threw.
struct Outcome {
  Status status = done();
  std::exception_ptr thrown;
};

Status settle(Outcome outcome) {
  if (outcome.thrown) std::rethrow_exception(outcome.thrown);
  return std::move(outcome.status);
}

// Runs all of `works` in one transaction. Only when one of them throws, which none should, is each run apart from its
// neighbours, which costs more than the work itself.
class Runner {
 public:
  explicit Runner(Database& db) : transaction_(db) {}

  std::vector<Outcome> run(const std::vector<Committer::Work>& works) {
    std::vector<Outcome> outcomes(works.size());
    if (!broken_) {
      try {
        transaction_.begin();
        if (!run_together(works)) {
          transaction_.rollback();
          transaction_.begin();
          run_apart(works, outcomes);
        }
        transaction_.commit();
      } catch (const Failure& failure) {
        broken_ = failure.error;
      } catch (const std::exception& e) {
        broken_ = Error::state("journal_protocol", e.what());
      }
    }
    if (broken_) {  // nothing after a failed write may pretend to be durable
      transaction_.rollback();
      for (auto& outcome : outcomes) outcome = Outcome{*broken_, nullptr};
    }
    return outcomes;
  }

 private:
  // false: one has thrown.
  bool run_together(const std::vector<Committer::Work>& works) {
    try {
      for (const auto& work : works) transaction_.run(work);
    } catch (const Failure&) {
      throw;
    } catch (...) {
      return false;
    }
    return true;
  }

  void run_apart(const std::vector<Committer::Work>& works, std::vector<Outcome>& outcomes) {
    for (std::size_t i = 0; i < works.size(); ++i) {
      try {
        transaction_.run_apart(works[i]);
      } catch (const Failure&) {
        throw;
      } catch (...) {
        outcomes[i].thrown = std::current_exception();
      }
    }
  }

  TransactionImpl transaction_;
  std::optional<Error> broken_;
};

class DirectCommitter : public Committer {
 public:
  explicit DirectCommitter(Database& db) : runner_(db) {}
  Task<Status> commit(Work work) override {
    std::vector<Work> works;
    works.push_back(std::move(work));
    auto outcomes = runner_.run(works);
    co_return settle(std::move(outcomes.front()));
  }

 private:
  Runner runner_;
};

// A loop ends when nothing can happen any more, and it cannot see the thread: while answers are due, a timer
// keeps it going. Belongs to the loop's thread.
struct Pulse {
  explicit Pulse(Loop& of) : loop(of) {}
  Loop& loop;
  int due = 0;
  bool beating = false;
};

void beat(const std::shared_ptr<Pulse>& pulse) {
  pulse->beating = true;
  pulse->loop.at(pulse->loop.now() + kTick, [pulse] {
    pulse->beating = false;
    std::this_thread::yield();  // a virtual loop does not wait
    if (pulse->due > 0) beat(pulse);
  });
}

class ThreadedCommitter : public Committer {
 public:
  ThreadedCommitter(const std::string& path, Loop& loop)
      : db_(path, Database::Mode::write), loop_(loop), pulse_(std::make_shared<Pulse>(loop)) {
    prepare_for_writing(db_);
    runner_.emplace(db_);
    thread_ = std::thread([this] { serve(); });
  }

  ~ThreadedCommitter() override {
    {
      std::lock_guard lock(mutex_);
      stop_ = true;
    }
    wake_.notify_one();
    thread_.join();
  }

  Task<Status> commit(Work work) override {
    auto slot = std::make_shared<Slot>();
    const Guard guard{slot};
    ++pulse_->due;
    if (!pulse_->beating) beat(pulse_);
    Callback<Outcome> answered([&](Callback<Outcome>::Resume resume) {
      slot->resume = std::move(resume);
      std::lock_guard lock(mutex_);
      // The thread sleeps for the first of a tick only: the others ride with it.
      if (queue_.empty()) wake_.notify_one();
      queue_.push_back(Item{std::move(work), slot});
    });
    Outcome outcome = co_await answered;
    co_return settle(std::move(outcome));
  }

 private:
  // Where an answer goes; emptied when the one who waits is gone. Belongs to the loop's thread.
  struct Slot {
    Callback<Outcome>::Resume resume;
  };
  struct Guard {
    std::shared_ptr<Slot> slot;
    ~Guard() { slot->resume = nullptr; }
  };
  struct Item {
    Work work;
    std::shared_ptr<Slot> slot;
  };

  void serve() {
    auto last = std::chrono::steady_clock::now() - kTick;
    std::unique_lock lock(mutex_);
    while (true) {
      wake_.wait(lock, [&] { return stop_ || !queue_.empty(); });
      if (queue_.empty()) return;
      wake_.wait_until(lock, last + kTick, [&] { return stop_; });
      std::vector<Item> items;
      items.swap(queue_);
      lock.unlock();
      last = std::chrono::steady_clock::now();
      answer(std::move(items));
      lock.lock();
    }
  }

  void answer(std::vector<Item> items) {
    std::vector<Work> works;
    works.reserve(items.size());
    for (auto& item : items) works.push_back(std::move(item.work));
    auto outcomes = std::make_shared<std::vector<Outcome>>(runner_->run(works));
    works.clear();  // what they captured may belong to those who wait
    auto slots = std::make_shared<std::vector<std::shared_ptr<Slot>>>();
    for (auto& item : items) slots->push_back(std::move(item.slot));
    loop_.post([outcomes, slots, pulse = pulse_] {
      pulse->due -= static_cast<int>(slots->size());
      for (std::size_t i = 0; i < slots->size(); ++i) {
        if (auto resume = std::exchange((*slots)[i]->resume, nullptr)) resume(std::move((*outcomes)[i]));
      }
    });
  }

  Database db_;
  std::optional<Runner> runner_;
  Loop& loop_;
  std::shared_ptr<Pulse> pulse_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<Item> queue_;
  bool stop_ = false;
  std::thread thread_;
};

}  // namespace

void prepare_for_writing(Database& db) {
  db.exec("PRAGMA synchronous = FULL; PRAGMA cache_size = -8192; PRAGMA wal_autocheckpoint = 4000");
}

std::unique_ptr<Committer> make_direct_committer(Database& db) {
  return std::make_unique<DirectCommitter>(db);
}

std::unique_ptr<Committer> make_threaded_committer(const std::string& path, Loop& loop) {
  return std::make_unique<ThreadedCommitter>(path, loop);
}

}  // namespace teamferry::journal
