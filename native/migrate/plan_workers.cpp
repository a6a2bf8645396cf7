#include "native/migrate/plan_workers.h"

#include <algorithm>
#include <atomic>
#include <deque>
#include <exception>
#include <mutex>
#include <numeric>
#include <optional>

#include "native/base/thread.h"
#include "native/migrate/plan_queue.h"

namespace teamferry::migrate {
namespace {

// Address space, not memory: LuaJIT's own limits on nesting are reached before so much is used.
constexpr std::size_t kStack = std::size_t{256} << 20;

class Workers {
 public:
  Workers(const PlanShared& shared, People& people, const Mapper::Another& another, journal::Journal& journal,
          std::vector<PlannedPlace>& places, const WorkersOptions& options)
      : shared_(shared),
        another_(another),
        journal_(journal),
        places_(places),
        options_(options),
        outcomes_(places.size()) {
    shared_.decide = [this, &people](MappedPerson person) -> Result<Author> {
      std::optional<Result<Author>> author;
      queue_.ask([&] { author = people.stranger(std::move(person)); });
      return std::move(*author);
    };
    shared_.tick = [this](std::int64_t more) { records_ += more; };
  }

  ~Workers() {
    queue_.close();
    threads_.clear();
  }

  Result<std::vector<ConversationOutcome>> run(journal::PlanWriter& writer) {
    start();
    Status written = done();
    while (auto item = queue_.pop()) {
      if (item->call) {
        item->call();
      } else if (written = replay(item->rows, writer); !written) {
        queue_.close();
      }
      if (options_.progress) options_.progress(records_.exchange(0), done_);
    }
    threads_.clear();
    if (!written) return written.error();
    if (failed_ == kNobody) return std::move(outcomes_);
    if (thrown_) std::rethrow_exception(thrown_);
    return *failure_;
  }

 private:
  static constexpr std::size_t kNobody = SIZE_MAX;

  // On the caller's thread. The first worker begins by itself, the others once it has proven the mapping.
  void start() {
    const bool first = threads_.empty();
    queue_.enter();
    try {
      threads_.emplace_back(kStack, [this, first] {
        work(first);
        queue_.leave();
      });
    } catch (...) {
      queue_.leave();
      if (first) throw;
    }
  }

  void start_others() {
    while (threads_.size() < options_.workers && !queue_.closed()) {
      const std::size_t before = threads_.size();
      start();
      if (threads_.size() == before) return;  // the machine has no more: those who are there do it
    }
  }

  // All that follows runs on the workers' threads.

  void work(bool first) {
    std::size_t place = 0;
    try {
      auto mapper = open(first);
      if (!mapper) return fail(0, mapper.error());
      QueuedJournal journal(queue_, journal_);
      while ((place = next_++) < options_.order.size() && !queue_.closed()) {
        const std::size_t at = options_.order[place];
        auto outcome = plan_conversation(shared_, **mapper, journal, places_[at]);
        if (!outcome) return fail(place, outcome.error());
        outcomes_[at] = std::move(*outcome);
        ++done_;
      }
    } catch (const journal::Failure& failure) {
      fail(place, failure.error);
    } catch (...) {
      fail(place, Error::state(kStopped, "the plan was stopped"), std::current_exception());
    }
  }

  Result<std::unique_ptr<Mapper>> open(bool first) {
    auto mapper = another_();
    if (!mapper) return mapper;
    (*mapper)->on_proven(first ? std::function<void()>([this] { queue_.tell([this] { start_others(); }); }) : nullptr);
    if (auto read = (*mapper)->people([](const MappedPerson&) { return true; }); !read) return read.error();
    if (auto read = (*mapper)->conversations([](const MappedPlace&) { return true; }); !read) return read.error();
    (void)(*mapper)->warnings();  // the first mapper has told them
    return mapper;
  }

  // Of several failures the one that comes first in the order of conversations is told. What ends only because the
  // queue was closed is none.
  void fail(std::size_t place, const Error& error, std::exception_ptr thrown = nullptr) {
    {
      const std::lock_guard lock(mutex_);
      const bool follows = error.code == kStopped && !thrown;
      if (place < failed_ && !follows) {
        failed_ = place;
        failure_ = error;
        thrown_ = thrown;
      }
    }
    queue_.tell([this] { queue_.close(); });
  }

  PlanShared shared_;
  const Mapper::Another& another_;
  journal::Journal& journal_;  // of the caller's thread
  std::vector<PlannedPlace>& places_;
  const WorkersOptions& options_;
  std::vector<ConversationOutcome> outcomes_;  // each written by one worker, read when all have ended
  PlanQueue queue_;
  std::atomic<std::size_t> next_ = 0, done_ = 0;
  std::atomic<std::int64_t> records_ = 0;
  std::deque<Thread> threads_;

  std::mutex mutex_;  // of what follows
  std::size_t failed_ = kNobody;
  std::optional<Error> failure_;
  std::exception_ptr thrown_;
};

}  // namespace

std::vector<std::size_t> longest_first(const std::vector<std::uint64_t>& sizes) {
  std::vector<std::size_t> order(sizes.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return sizes[a] > sizes[b]; });
  return order;
}

Result<std::vector<ConversationOutcome>> plan_on_workers(const PlanShared& shared, People& people,
                                                         const Mapper::Another& another, journal::Journal& journal,
                                                         journal::PlanWriter& writer, std::vector<PlannedPlace>& places,
                                                         const WorkersOptions& options) {
  return Workers(shared, people, another, journal, places, options).run(writer);
}

}  // namespace teamferry::migrate
