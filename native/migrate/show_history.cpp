#include "native/migrate/show_history.h"

#include <fmt/format.h>
#include <strings.h>

#include <algorithm>

#include "native/graph/members.h"
#include "native/migrate/creation.h"
#include "native/migrate/where.h"

namespace teamferry::migrate {

using journal::Conversation;
using journal::Member;
using journal::Transaction;

namespace {

constexpr int kRounds = 10;  // of looking at the roster

class Showing {
 public:
  Showing(RunState& run, Conversation chat) : run_(run), chat_(std::move(chat)), where_(where(chat_, "")) {
    for (auto& member : run.session.journal.members()) {
      const bool left = member.state == "planned" || member.state == "removed";
      if (member.conversation == chat_.id && left) left_.push_back(std::move(member));
    }
  }

  Task<Result<Added>> work() {
    Error last = Error::state("interrupted", "stopped before every member was added; complete again");
    for (int round = 0; !left_.empty() && round < kRounds && !run_.closing(); ++round) {
      auto looking = look_and_add();
      Status looked = co_await std::move(looking);
      if (looked) continue;  // the roster shows whether anybody is left
      last = looked.error();
      if (!last.retryable()) break;
      auto pausing = pause_after(run_, "adding members to " + shown(chat_), round, last);
      co_await std::move(pausing);
    }
    if (left_.empty()) co_return added_;
    if (last.code != "interrupted") {
      last.message = fmt::format("members were not added to {}: {}", shown(chat_), last.message);
    }
    co_return last;
  }

 private:
  // One walk over those who are left, with the roster as it is now: whoever is outside first.
  Task<Status> look_and_add() {
    auto listing = graph::members(run_.session.client, where_);
    auto roster = co_await std::move(listing);
    if (!roster) co_return roster.error();
    roster_ = std::move(*roster);
    std::stable_partition(left_.begin(), left_.end(), [this](const Member& m) { return find(m) == nullptr; });
    const std::vector<Member> walk = left_;
    for (const auto& member : walk) {
      if (run_.closing()) break;
      run_.tell(fmt::format("showing the history of {}: {} members left", shown(chat_), left_.size()));
      const graph::Member* present = find(member);
      if (present && sees_all(*present)) {
        auto noting = note(member, "done", "");
        Status noted = co_await std::move(noting);
        if (!noted) co_return noted;
        continue;
      }
      if (present) {
        if (roster_.size() < 2) continue;  // the last one; somebody else may follow
        auto removing = remove(member, present->id);
        Status removed = co_await std::move(removing);
        if (!removed) co_return removed;
      }
      auto adding = add(member);
      Status added = co_await std::move(adding);
      if (!added) co_return added;
    }
    co_return done();
  }

  const graph::Member* find(const Member& member) const {
    const auto found = std::find_if(roster_.begin(), roster_.end(), [&](const graph::Member& m) {
      return strcasecmp(m.userId.c_str(), member.user.c_str()) == 0;
    });
    return found == roster_.end() ? nullptr : &*found;
  }

  bool sees_all(const graph::Member& member) const {
    return member.visibleHistoryStartDateTime && *member.visibleHistoryStartDateTime <= chat_.floor;
  }

  Task<Status> remove(Member member, std::string membership) {
    auto noting = note(member, "removed", "");
    Status noted = co_await std::move(noting);
    if (!noted) co_return noted;
    auto removing = graph::remove_member(run_.session.client, where_, membership);
    Status removed = co_await std::move(removing);
    if (!removed && removed.error().status != 404) co_return removed;
    std::erase_if(roster_, [&](const graph::Member& m) { return m.id == membership; });
    co_return done();
  }

  // Whoever was there already joined without the history; the next look tells.
  Task<Status> add(Member member) {
    const std::string role = member.owner ? "owner" : "guest";
    auto adding = graph::add_member(run_.session.client, where_, {member.user, {role}, graph::kAllHistory});
    auto joined = co_await std::move(adding);
    if (joined) {
      graph::Member present;
      present.id = joined->id;
      present.userId = member.user;
      roster_.push_back(std::move(present));
      if (joined->was_there) co_return done();
      ++added_.members;
      auto noting = note(member, "done", "");
      co_return co_await std::move(noting);
    }
    const Error error = joined.error();
    if (error.retryable() || ends_the_run(error)) co_return error;
    ++added_.refused;
    auto noting = note(member, "failed", error.to_string());
    co_return co_await std::move(noting);
  }

  Task<Status> note(Member member, std::string state, std::string reason) {
    member.state = std::move(state);
    member.reason = std::move(reason);
    journal::Committer::Work work = [member, place = shown(chat_)](Transaction& t) {
      t.member(member);
      if (member.state != "failed") return;
      t.finding("member_refused", 0, fmt::format("{} is no member of {}: {}", member.name, place, member.reason));
    };
    auto committing = run_.commit(std::move(work));
    const bool durable = co_await std::move(committing);
    if (!durable) co_return *run_.summary.error;
    if (member.state == "removed") {
      for (auto& left : left_) {
        if (left.user == member.user) left.state = "removed";
      }
    } else {
      std::erase_if(left_, [&](const Member& m) { return m.user == member.user; });
    }
    co_return done();
  }

  RunState& run_;
  Conversation chat_;
  graph::ConversationRef where_;
  std::vector<Member> left_;
  std::vector<graph::Member> roster_;
  Added added_;
};

}  // namespace

Task<Status> note_roster(RunState& run, Conversation chat) {
  auto listing = graph::members(run.session.client, where(chat, ""));
  auto roster = co_await std::move(listing);
  if (!roster) co_return roster.error();
  std::vector<Member> fresh;
  const auto known = run.session.journal.members();
  for (const auto& one : *roster) {
    const bool noted = std::any_of(known.begin(), known.end(), [&](const Member& m) {
      return m.conversation == chat.id && strcasecmp(m.user.c_str(), one.userId.c_str()) == 0;
    });
    if (noted || one.userId.empty()) continue;
    const bool guest = std::find(one.roles.begin(), one.roles.end(), "guest") != one.roles.end();
    fresh.push_back({0, chat.id, one.userId, one.displayName, !guest, "planned", ""});
  }
  journal::Committer::Work work = [fresh](Transaction& t) {
    for (const auto& member : fresh) t.member(member);
  };
  auto committing = run.commit(std::move(work));
  const bool durable = co_await std::move(committing);
  if (!durable) co_return *run.summary.error;
  co_return done();
}

Task<Result<Added>> show_history(RunState& run, Conversation chat) {
  Showing showing(run, std::move(chat));
  auto working = showing.work();
  co_return co_await std::move(working);
}

}  // namespace teamferry::migrate
