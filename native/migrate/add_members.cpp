#include "native/migrate/add_members.h"

#include <fmt/format.h>

#include <algorithm>

#include "native/graph/members.h"
#include "native/migrate/creation.h"
#include "native/migrate/where.h"

namespace teamferry::migrate {

using journal::Conversation;
using journal::Member;
using journal::Transaction;

namespace {

constexpr int kAddAttempts = 10;  // of one call

std::vector<Member> planned(journal::Journal& journal, int team, journal::ConversationId conversation) {
  auto members = journal.members();
  std::erase_if(members, [&](const Member& m) {
    return m.team != team || m.conversation != conversation || m.state != "planned";
  });
  return members;
}

class Adding {
 public:
  Adding(RunState& run, int team, std::string team_graph_id, Conversation conversation)
      : run_(run),
        team_(team),
        to_(where(conversation, std::move(team_graph_id))),
        conversation_(std::move(conversation)),
        place_(conversation_.id == 0 ? "the team" : shown(conversation_)) {}

  Task<Result<Added>> work() {
    auto left = planned(run_.session.journal, team_, conversation_.id);
    for (std::size_t at = 0; at < left.size(); at += graph::members_at_once()) {
      std::vector<Member> some(
          left.begin() + static_cast<std::ptrdiff_t>(at),
          left.begin() + static_cast<std::ptrdiff_t>(std::min(left.size(), at + graph::members_at_once())));
      run_.tell(fmt::format("adding members to {}: {} of {}", place_, at, left.size()));
      auto adding = add(some);
      Status added = co_await std::move(adding);
      if (!added) co_return added.error();
    }
    co_return added_;
  }

 private:
  Task<Status> add(std::vector<Member> members) {
    Error last = Error::state("interrupted", "stopped before every member was added; complete again");
    for (int attempt = 0; attempt < kAddAttempts && !run_.closing(); ++attempt) {
      auto calling = call(members);
      auto became = co_await std::move(calling);
      if (became) {
        auto noting = note(std::move(members), std::move(*became));
        co_return co_await std::move(noting);
      }
      last = became.error();
      if (!last.retryable()) break;
      auto pausing = pause_after(run_, "adding members to " + place_, attempt, last);
      co_await std::move(pausing);
    }
    if (last.code != "interrupted") {
      last.message = fmt::format("members were not added to {}: {}", place_, last.message);
    }
    co_return last;
  }

  // A team takes many at once, a channel one after the other.
  Task<Result<std::vector<Status>>> call(std::vector<Member> members) {
    std::vector<graph::NewMember> whom;
    for (const auto& member : members) {
      whom.push_back({member.user, member.owner ? std::vector<std::string>{"owner"} : std::vector<std::string>{}});
    }
    if (conversation_.id == 0) {
      auto adding = graph::add_team_members(run_.session.client, to_.team_id, std::move(whom));
      co_return co_await std::move(adding);
    }
    std::vector<Status> became;
    for (auto& one : whom) {
      auto adding = graph::add_member(run_.session.client, to_, std::move(one));
      auto joined = co_await std::move(adding);
      if (!joined && (joined.error().retryable() || ends_the_run(joined.error()))) co_return joined.error();
      became.push_back(joined ? done() : Status(joined.error()));
    }
    co_return became;
  }

  Task<Status> note(std::vector<Member> members, std::vector<Status> became) {
    for (std::size_t i = 0; i < members.size(); ++i) {
      members[i].state = became[i] ? "done" : "failed";
      if (!became[i]) members[i].reason = became[i].error().to_string();
      ++(became[i] ? added_.members : added_.refused);
    }
    journal::Committer::Work work = [members, place = place_](Transaction& t) {
      for (const auto& member : members) {
        t.member(member);
        if (member.state != "failed") continue;
        t.finding("member_refused", 0, fmt::format("{} is no member of {}: {}", member.name, place, member.reason));
      }
    };
    auto committing = run_.commit(std::move(work));
    const bool durable = co_await std::move(committing);
    if (!durable) co_return *run_.summary.error;
    co_return done();
  }

  RunState& run_;
  int team_;
  graph::ConversationRef to_;
  Conversation conversation_;  // id 0: the team itself
  std::string place_;
  Added added_;
};

}  // namespace

Task<Result<Added>> add_members(RunState& run, int team, std::string team_graph_id, Conversation conversation) {
  Adding adding(run, team, std::move(team_graph_id), std::move(conversation));
  auto working = adding.work();
  co_return co_await std::move(working);
}

}  // namespace teamferry::migrate
