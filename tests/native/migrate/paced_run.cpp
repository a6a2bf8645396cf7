#include "paced_run.h"

#include <algorithm>
#include <deque>
#include <map>
#include <random>
#include <stdexcept>

#include "native/emulator/traffic.h"
#include "world.h"

namespace teamferry::fake {
namespace {

using std::chrono::milliseconds;

// The network and the door of the service: requests come late and unevenly, and some are turned away.
class Door : public http::Transport {
 public:
  Door(http::Transport& next, VirtualLoop& loop, const PacedRun& settings)
      : next_(next), loop_(loop), settings_(settings), throttle_(settings.judge) {}

  Task<Result<http::Response>> send(http::Request request) override {
    const std::int64_t way = settings_.latency_ms - settings_.jitter_ms +
                             static_cast<std::int64_t>(random_() % static_cast<unsigned>(2 * settings_.jitter_ms + 1));
    auto there = loop_.sleep(milliseconds(way / 2));
    co_await there;
    const auto rejected = judge(request);
    http::Response response;
    if (rejected) {
      response.status = 429;
      response.body = R"({"error":{"code":"TooManyRequests","message":"Please retry again later."}})";
      response.headers.add("Retry-After", *rejected);
    } else {
      auto passing = next_.send(std::move(request));
      auto answer = co_await std::move(passing);
      response = std::move(answer).value();
    }
    auto back = loop_.sleep(milliseconds(way - way / 2));
    co_await back;
    co_return response;
  }

  PacedFigures figures;
  std::map<std::string, std::vector<std::int64_t>> let_through;  // imports by conversation: loop time in ms

 private:
  static std::vector<std::string> segments_of(std::string_view url) {
    url.remove_prefix(url.find("/v1.0/") + 6);
    url = url.substr(0, url.find('?'));
    std::vector<std::string> segments;
    while (!url.empty()) {
      const auto end = std::min(url.find('/'), url.size());
      segments.emplace_back(url.substr(0, end));
      url.remove_prefix(std::min(end + 1, url.size()));
    }
    return segments;
  }

  // The text of Retry-After for one that is turned away.
  std::optional<std::string> judge(const http::Request& request) {
    const std::int64_t now = loop_.now_wall().ms;
    const auto segments = segments_of(request.url);
    const auto kind = emulator::classify(request.method, segments);
    if (kind.limit == nullptr) return std::nullopt;
    const bool import = kind.traffic == emulator::Traffic::imports;
    const std::size_t named = kind.limit->scope == emulator::Scope::conversation && segments.size() > 3 ? 3 : 1;
    const std::string resource = segments.size() > named ? segments[named] : "";
    const auto verdict = throttle_.take({*kind.limit, import, "app-1", "tenant-1", resource}, now);
    if (import) {
      ++figures.imports;
      auto& second = attempts_[resource];
      second.push_back(now);
      while (now - second.front() >= 1000) second.pop_front();
      figures.most_in_a_second = std::max(figures.most_in_a_second, static_cast<int>(second.size()));
    }
    if (verdict.wait == 0) {
      if (import) let_through[resource].push_back(now);
      return std::nullopt;
    }
    ++(import ? figures.throttled : figures.other_throttled);
    return emulator::print_retry_after(emulator::RetryAfter::whole, verdict.wait, now);
  }

  http::Transport& next_;
  VirtualLoop& loop_;
  const PacedRun& settings_;
  emulator::Throttle throttle_;
  std::minstd_rand random_{1};
  std::map<std::string, std::deque<std::int64_t>> attempts_;  // within the last second
};

// From the moment when all send to the moment when the first has ended: fewest let through of a conversation / most.
double fairness_of(const std::map<std::string, std::vector<std::int64_t>>& let_through) {
  std::int64_t all_send = 0, first_ends = INT64_MAX;
  for (const auto& [conversation, times] : let_through) {
    all_send = std::max(all_send, times.front());
    first_ends = std::min(first_ends, times.back());
  }
  std::ptrdiff_t least = PTRDIFF_MAX, most = 1;
  for (const auto& [conversation, times] : let_through) {
    const auto count =
        std::count_if(times.begin(), times.end(), [&](std::int64_t at) { return at >= all_send && at < first_ends; });
    least = std::min(least, count);
    most = std::max(most, count);
  }
  return static_cast<double>(least) / static_cast<double>(most);
}

}  // namespace

PacedFigures run_paced(const PacedRun& settings) {
  World world;
  for (int c = 0; c < settings.conversations; ++c) {
    const int room = world.channel("room " + std::to_string(c));
    for (int i = 0; i < settings.messages; ++i) world.message(room, kStart + i, kAda, "text");
  }
  world.plan();
  world.options.lanes = settings.conversations;

  VirtualLoop loop;
  const VirtualLoop::Wall wall{loop};
  Service service(loop, world.store, 1);
  service.latency = 0;
  Door door(service, loop, settings);
  throttle::Pace pace(throttle::limits_named(settings.pace).value());
  throttle::ThrottlePolicy throttle(door, loop, pace, wall, {});
  http::ServiceErrorPolicy errors(throttle, wall);
  std::mt19937_64 random(1);
  http::RetryPolicy retry(errors, loop, [&random] { return random(); });
  graph::Client client(loop, retry, {"https://graph.example", "v1.0"});
  SlowCommitter committer(loop, world.journal->direct_committer());
  const std::atomic<bool> stop = false;
  migrate::Session session{loop, client, *world.journal, committer,     wall,
                           pace, stop,   world.identity, world.options, {}};
  const auto summary = loop.run(migrate::run(session)).value();
  if (!summary.whole() || world.store.broken_invariant() != "") throw std::logic_error("the run did not end well");

  PacedFigures figures = door.figures;
  figures.sent = summary.sent;
  figures.seconds = summary.sending_seconds;
  figures.per_second = static_cast<double>(summary.sent) / summary.sending_seconds;
  figures.fairness = fairness_of(door.let_through);
  return figures;
}

}  // namespace teamferry::fake
