#include "native/migrate/plan_queue.h"

#include <cstring>
#include <exception>
#include <stdexcept>
#include <utility>

namespace teamferry::migrate {
namespace {

constexpr std::size_t kBundle = 128u << 10;  // some hundred rows
constexpr std::size_t kAhead = 16u << 20;    // bytes that wait for the writer, of all workers together

enum class Step : char { begin, put, body, loss, drop, added, forget, end };

// One step after the other, in the machine's own order: a bundle never leaves the process.
class StepWriter {
 public:
  StepWriter(std::string& out, Step step) : out_(out) { out_ += static_cast<char>(step); }
  StepWriter& number(std::int64_t value) {
    out_.append(reinterpret_cast<const char*>(&value), sizeof value);
    return *this;
  }
  StepWriter& text(std::string_view value) {
    number(static_cast<std::int64_t>(value.size()));
    out_.append(value);
    return *this;
  }
  StepWriter& time(const std::optional<DateTime>& value) {
    return number(value.has_value()).number(value ? value->ms : 0);
  }

 private:
  std::string& out_;
};

class StepReader {
 public:
  explicit StepReader(std::string_view in) : in_(in) {}
  bool more() const { return !in_.empty(); }
  Step step() { return static_cast<Step>(take(1).front()); }
  std::int64_t number() {
    std::int64_t value = 0;
    std::memcpy(&value, take(sizeof value).data(), sizeof value);
    return value;
  }
  std::string_view text() { return take(static_cast<std::size_t>(number())); }
  std::optional<DateTime> time() {
    const bool there = number() != 0;
    const DateTime value{number()};
    return there ? std::optional(value) : std::nullopt;
  }
  journal::ConversationId conversation() { return static_cast<journal::ConversationId>(number()); }

 private:
  std::string_view take(std::size_t size) {
    if (size > in_.size()) throw std::logic_error("a bundle of planned rows ends early");
    const auto bytes = in_.substr(0, size);
    in_.remove_prefix(size);
    return bytes;
  }
  std::string_view in_;
};

Error stopped() {
  return Error::state(kStopped, "the plan was stopped");
}

}  // namespace

bool PlanQueue::add(Item item) {
  std::unique_lock lock(mutex_);
  drained_.wait(lock, [this] { return closed_ || bytes_ < kAhead; });
  if (closed_) return false;
  bytes_ += item.rows.size();
  items_.push_back(std::move(item));
  filled_.notify_one();
  return true;
}

bool PlanQueue::push(std::string rows) {
  return add({std::move(rows), {}});
}

bool PlanQueue::tell(std::function<void()> call) {
  return add({{}, std::move(call)});
}

void PlanQueue::ask(const std::function<void()>& call) {
  // It is the writer who closes, and a call that waits then is never made: the references hold.
  struct Answer {
    bool given = false;
    std::exception_ptr failure;
  };
  Answer answer;
  const bool asked = add({{}, [this, &answer, &call] {
                            std::exception_ptr failure;
                            try {
                              call();
                            } catch (...) {
                              failure = std::current_exception();
                            }
                            const std::lock_guard lock(mutex_);
                            answer = {true, failure};
                            answered_.notify_all();
                          }});
  if (!asked) throw journal::Failure(stopped());
  std::unique_lock lock(mutex_);
  answered_.wait(lock, [&] { return answer.given || closed_; });
  if (!answer.given) throw journal::Failure(stopped());
  if (answer.failure) std::rethrow_exception(answer.failure);
}

std::optional<PlanQueue::Item> PlanQueue::pop() {
  std::unique_lock lock(mutex_);
  filled_.wait(lock, [this] { return !items_.empty() || workers_ == 0; });
  if (items_.empty()) return std::nullopt;
  Item item = std::move(items_.front());
  items_.pop_front();
  bytes_ -= item.rows.size();
  drained_.notify_all();
  return item;
}

void PlanQueue::close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  items_.clear();
  bytes_ = 0;
  drained_.notify_all();
  answered_.notify_all();
}

bool PlanQueue::closed() const {
  const std::lock_guard lock(mutex_);
  return closed_;
}

void PlanQueue::enter() {
  const std::lock_guard lock(mutex_);
  ++workers_;
}

void PlanQueue::leave() {
  const std::lock_guard lock(mutex_);
  --workers_;
  filled_.notify_one();
}

void QueuedJournal::each_known(journal::ConversationId id, const std::function<void(const journal::KnownRow&)>& fn) {
  queue_.ask([&] { journal_.each_known(id, fn); });
}

std::vector<DateTime> QueuedJournal::taken(journal::ConversationId id) {
  std::vector<DateTime> taken;
  queue_.ask([&] { taken = journal_.taken(id); });
  return taken;
}

Result<std::string> QueuedJournal::body(journal::RowId id) {
  Result<std::string> body = std::string();
  queue_.ask([&] { body = journal_.body(id); });
  return body;
}

Status QueuedJournal::send(bool all) {
  if (!all && rows_.size() < kBundle) return done();
  if (!queue_.push(std::exchange(rows_, {}))) return stopped();
  rows_.reserve(kBundle + kBundle / 8);
  return done();
}

Status QueuedJournal::begin_conversation(journal::ConversationId id) {
  StepWriter(rows_, Step::begin).number(id);
  return send(false);
}

Status QueuedJournal::put(const journal::PlanRow& row) {
  StepWriter(rows_, Step::put)
      .number(row.id)
      .text(row.key)
      .text(row.record)
      .number(static_cast<std::int64_t>(row.state))
      .time(row.time)
      .time(row.planned_time)
      .number(row.root)
      .text(row.reason)
      .number(row.added);
  return send(false);
}

Status QueuedJournal::put_body(journal::RowId id, std::string_view body) {
  StepWriter(rows_, Step::body).number(id).text(body);
  return send(false);
}

Status QueuedJournal::put_loss(journal::RowId id, std::string_view kind, std::string_view detail) {
  StepWriter(rows_, Step::loss).number(id).text(kind).text(detail);
  return send(false);
}

Status QueuedJournal::drop(journal::RowId id) {
  StepWriter(rows_, Step::drop).number(id);
  return send(false);
}

Status QueuedJournal::set_added(journal::RowId id, bool added) {
  StepWriter(rows_, Step::added).number(id).number(added);
  return send(false);
}

Status QueuedJournal::forget(journal::RowId id) {
  StepWriter(rows_, Step::forget).number(id);
  return send(false);
}

Status QueuedJournal::conversation_done(journal::ConversationId id) {
  StepWriter(rows_, Step::end).number(id);
  return send(true);
}

Status replay(std::string_view rows, journal::PlanWriter& writer) {
  StepReader in(rows);
  Status status = done();
  while (status && in.more()) {
    switch (in.step()) {
      case Step::begin:
        status = writer.begin_conversation(in.conversation());
        break;
      case Step::put: {
        journal::PlanRow row;
        row.id = in.number();
        row.key = in.text();
        row.record = in.text();
        row.state = static_cast<journal::State>(in.number());
        row.time = in.time();
        row.planned_time = in.time();
        row.root = in.number();
        row.reason = in.text();
        row.added = in.number() != 0;
        status = writer.put(row);
        break;
      }
      case Step::body: {
        const auto id = in.number();
        status = writer.put_body(id, in.text());
        break;
      }
      case Step::loss: {
        const auto id = in.number();
        const auto kind = in.text();
        status = writer.put_loss(id, kind, in.text());
        break;
      }
      case Step::drop:
        status = writer.drop(in.number());
        break;
      case Step::added: {
        const auto id = in.number();
        status = writer.set_added(id, in.number() != 0);
        break;
      }
      case Step::forget:
        status = writer.forget(in.number());
        break;
      case Step::end:
        status = writer.conversation_done(in.conversation());
        break;
    }
  }
  return status;
}

}  // namespace teamferry::migrate
