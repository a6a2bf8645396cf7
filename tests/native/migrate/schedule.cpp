#include "schedule.h"

#include <fmt/format.h>

#include <algorithm>

#include "fake_handler.h"

namespace teamferry::fake {

using journal::State;
using std::chrono::milliseconds;

namespace {

constexpr int kMessages = 16;
constexpr int kLives = 6;
constexpr int kLastLives = 14;
const std::string kStranger = "99999999-5bb3-4f0d-a43f-e555fd399c6f";

// "<p>message 7.</p>" of a request's body: a text tells which message it is.
std::string text_of(const http::Request& request) {
  const auto begin = request.body.find("<p>");
  const auto end = request.body.find("</p>", begin);
  return end == std::string::npos ? std::string() : request.body.substr(begin, end + 4 - begin);
}

}  // namespace

Schedule::Schedule(std::uint64_t seed)
    : seed_(seed), random_(static_cast<std::minstd_rand::result_type>(seed * 2654435761U % 2147483647U + 1)) {
  for (int i = 0; i < 5; ++i) random_();
  plan();
  set_the_weather();
  give_bad_luck();
  watch_completions();
}

void Schedule::plan() {
  const int channels = 1 + static_cast<int>(dice(2));
  for (int i = 0; i < channels; ++i) rooms_.push_back(i == 0 && dice(2) == 0 ? "General" : fmt::format("room {}", i));
  for (const auto& name : rooms_) world_.channel(name);
  const bool chat = dice(2) == 0, hidden = dice(3) == 0;
  if (chat) world_.chat(rooms_.emplace_back("talk"));
  if (hidden) world_.private_channel(rooms_.emplace_back("board"));
  std::vector<std::int64_t> clocks(rooms_.size() + 1, kStart);
  for (int i = 0; i < kMessages; ++i) {
    Planned next;
    next.room = 1 + static_cast<int>(dice(static_cast<unsigned>(rooms_.size())));
    auto& ms = clocks[static_cast<std::size_t>(next.room)];
    ms += 1 + (dice(3) == 0 ? 0 : dice(3) == 0 ? dice(5) : dice(100'000));
    std::vector<journal::RowId> roots;
    for (const auto& earlier : planned_) {
      if (earlier.room == next.room && earlier.root == 0) roots.push_back(earlier.id);
    }
    const bool threads = rooms_[static_cast<std::size_t>(next.room) - 1] != "talk";
    if (threads && !roots.empty() && dice(3) == 0) next.root = roots[dice(static_cast<unsigned>(roots.size()))];
    next.author = dice(2) == 0 ? kAda : kBo;
    const std::string text = fmt::format("message {}.", i);
    next.content = "<p>" + text + "</p>";
    next.id = world_.message(next.room, ms, next.author, text, next.root);
    planned_.push_back(std::move(next));
  }
  world_.plan();
}

void Schedule::set_the_weather() {
  world_.store.ingestion_ids = dice(2) == 0;
  world_.store.read_lag = dice(3) == 0 ? 5000 : dice(5) == 0 ? 20'000 : 0;
  world_.store.provisioning = dice(4) == 0 ? 3000 : 0;
  world_.store.page = 1 + dice(7);
  world_.store.inline_replies = 1 + dice(4);
  world_.jitter = dice(4) != 0;
  const double rates[] = {0, 0.05, 0.15, 0.35};
  world_.fault_rate = rates[dice(4)];
  if (dice(5) == 0) world_.limits = throttle::no_limits();
}

// Some messages meet one fault after another.
void Schedule::give_bad_luck() {
  constexpr Fault kAny[] = {Fault::throttle,     Fault::throttle_bare, Fault::error_before,
                            Fault::error_after,  Fault::lost_before,   Fault::lost_after,
                            Fault::empty_answer, Fault::mismatch,      Fault::token};
  for (unsigned unlucky = dice(5); unlucky > 0; --unlucky) {
    auto& fates = luck_[planned_[dice(kMessages)].content];
    for (unsigned length = 1 + dice(6); length > 0; --length) fates.push_back(kAny[dice(std::size(kAny))]);
    if (dice(6) == 0) fates[dice(static_cast<unsigned>(fates.size()))] = Fault::conflict;
    if (dice(6) == 0) fates[dice(static_cast<unsigned>(fates.size()))] = Fault::refuse;
  }
}

Fault Schedule::fate(const http::Request& request) {
  if (!is_import(request)) return Fault::none;
  const std::string text = text_of(request);
  const auto luck = luck_.find(text);
  if (luck == luck_.end() || luck->second.empty()) return Fault::none;
  const Fault next = luck->second.back();
  luck->second.pop_back();
  if (next == Fault::conflict) conflicts_.insert(text);
  if (next == Fault::refuse) refusals_.insert(text);
  return next;
}

// Where a message of ours is planned and not there yet; now and then in the name of its author.
void Schedule::write_as_stranger() {
  const auto& target = planned_[dice(kMessages)];
  const std::string& room = rooms_[static_cast<std::size_t>(target.room) - 1];
  Channel* channel = world_.store.channel_named(room);
  const auto ms = world_.journal->message(target.id)->time.ms + dice(2);
  if (!channel || channel->ready > world_.store.now || channel->mode != "inProgress" || channel->at(ms)) return;
  const std::string content = fmt::format("<p>stranger {}</p>", strangers_.size());
  const bool seems_ours = dice(8) == 0;
  if (seems_ours) ++impostors_;
  world_.store.stranger(room, ms, seems_ours ? target.author : kStranger, content);
  channel->messages.back().stored = world_.store.now;
  strangers_.push_back({room, content, ms});
}

void Schedule::let_strangers_write(Life& life, std::int64_t within_ms) {
  for (unsigned count = dice(3); count > 0; --count) {
    life.loop.at(life.loop.now() + milliseconds(dice(static_cast<unsigned>(within_ms))), [this, &life] {
      world_.store.now = life.service.wall_ms();
      write_as_stranger();
    });
  }
}

// Nothing is completed before everything that belongs there has come, unless somebody has said so.
void Schedule::watch_completions() {
  world_.store.on_complete = [this](const Channel& channel) {
    if (world_.options.accept_failures) return;
    for (const auto& planned : planned_) {
      if (rooms_[static_cast<std::size_t>(planned.room) - 1] != channel.name) continue;
      const bool there = std::any_of(channel.messages.begin(), channel.messages.end(),
                                     [&](const Message& m) { return m.content == planned.content; });
      if (!there) complaint_ = fmt::format("{} was completed without {}", channel.name, planned.content);
    }
  };
}

void Schedule::live_and_die() {
  for (unsigned lives = dice(kLives); lives > 0; --lives) {
    Life life(world_, seed_ * 100 + ++lives_);
    life.service.script = [this](const http::Request& request) { return fate(request); };
    life.service.imports_a_second = world_.limits.name == "article" ? 5 : 0;
    let_strangers_write(life, 6000);
    const unsigned kind = dice(6);
    if (kind == 0) {
      life.complete_for(static_cast<int>(dice(80)));
    } else if (kind == 1) {
      life.loop.at(life.loop.now() + milliseconds(dice(20'000)), [&life] { life.stop = true; });
      life.run();
    } else {
      life.run_for(static_cast<int>(dice(400)));
    }
    if (world_.journal->totals().records() != kMessages) complaint_ = "the states do not add up";
  }
}

void Schedule::live_to_the_end() {
  world_.fault_rate = std::min(world_.fault_rate, 0.15);
  for (int round = 0; round < kLastLives; ++round) {
    {
      Life life(world_, seed_ * 100 + ++lives_);
      life.service.script = [this](const http::Request& request) { return fate(request); };
      life.service.imports_a_second = world_.limits.name == "article" ? 5 : 0;
      const auto summary = life.run();
      for (const auto& stopped : summary.stopped) last_error_ = stopped.error.to_string();
      if (summary.error) last_error_ = summary.error->to_string();
      if (!summary.whole()) continue;
    }
    // What is left cannot be cured by waiting: a person looks at it and accepts it.
    const auto totals = world_.journal->totals();
    if (totals.failed() > 0 && round >= 3) {
      world_.options.accept_failures = totals.failed();
      world_.options.accept_reason = "seen";
    }
    Life life(world_, seed_ * 100 + ++lives_);
    const auto completed = life.complete();
    if (completed && completed->waiting == 0) return;
    if (!completed) last_error_ = completed.error().to_string();
  }
  complaint_ = "it does not come to an end: " + last_error_;
}

std::string Schedule::play() {
  live_and_die();
  live_to_the_end();
  return broken();
}

// What only a person can settle: a 409 out of nothing, a refusal, a text that is not ours at our place; and the replies
// of such a root.
bool Schedule::may_end_unsent(const Planned& planned, State state) const {
  if (state == State::doubt) return conflicts_.contains(planned.content) || impostors_ > 0;
  if (state == State::failed) return refusals_.contains(planned.content);
  return state == State::blocked && planned.root != 0;
}

std::string Schedule::broken_row(const Planned& planned) {
  const auto row = world_.journal->message(planned.id);
  const std::string& room = rooms_[static_cast<std::size_t>(planned.room) - 1];
  const Channel* channel = world_.store.channel_named(room);
  std::vector<const Message*> found;
  for (const auto& message : channel->messages) {
    if (message.content == planned.content) found.push_back(&message);
  }
  const std::string what =
      fmt::format("{} of {} is {} ({})", planned.content, room, journal::name(row->state), row->reason);
  if (found.size() > 1) return what + " and stands there twice";
  if (row->state != State::sent) {
    if (!found.empty() && row->state != State::doubt) return what + ", but stands there";
    return may_end_unsent(planned, row->state) ? "" : what;
  }
  if (found.empty()) return what + ", but is not there";
  const Message& message = *found.front();
  const auto root = planned.root == 0 ? std::nullopt : world_.journal->message(planned.root);
  const bool equal = message.id == row->graph_id && message.ms == row->time.ms && message.author == planned.author &&
                     message.parent == (root ? root->graph_id : "");
  return equal ? "" : what + ", but stands there otherwise";
}

std::string Schedule::broken() {
  if (!complaint_.empty()) return complaint_;
  if (auto invariant = world_.store.broken_invariant(); !invariant.empty()) return invariant;
  if (world_.store.teams.size() != 1) return "there is more than one team";
  if (world_.store.everywhere().size() > rooms_.size() + 1) return "a room was created twice";
  for (const auto& planned : planned_) {
    if (auto row = broken_row(planned); !row.empty()) return row;
  }
  for (const auto& stranger : strangers_) {
    const Message* message = world_.store.channel_named(stranger.room)->at(stranger.ms);
    if (!message || message->content != stranger.content) return stranger.content + " has gone";
  }
  const auto totals = world_.journal->totals();
  return totals.records() == kMessages && totals.open() == 0 ? "" : "the states do not add up at the end";
}

}  // namespace teamferry::fake
