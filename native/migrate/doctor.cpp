#include "native/migrate/doctor.h"
#include "native/migrate/where.h"

#include <algorithm>
#include <cstdlib>
#include <map>

namespace teamferry::migrate {
namespace {

using journal::Conversation;
using journal::State;

// What the journal says of all conversations at once.
class Records {
 public:
  Records(journal::Journal& journal, std::string client_id) : journal_(journal), client_id_(std::move(client_id)) {
    for (auto& session : journal.import_sessions()) newest_[session.graph_id] = std::move(session);
    for (auto& creation : journal.creations()) {
      if (creation.kind.starts_with("complete_")) asked_ = true;
      creations_[{creation.kind, creation.subject}] = std::move(creation);
    }
    accepted_ = std::atoll(journal.meta("accepted_failures").value_or("0").c_str());
  }

  bool completion_asked() const { return asked_; }

  JournalFacts facts(const Conversation& conversation) const {
    JournalFacts facts;
    facts.conversation = conversation;
    if (const auto found = newest_.find(conversation.graph_id); found != newest_.end()) facts.session = found->second;
    auto counts = journal_.totals(conversation.id).by_state;
    facts.sent = counts[State::sent];
    facts.planned = counts[State::planned];
    facts.sending = counts[State::sending];
    facts.failed = counts[State::failed];
    facts.blocked = counts[State::blocked];
    facts.doubt = counts[State::doubt];
    const std::string subject = std::to_string(conversation.id);
    const auto* creation = of(is_chat(conversation) ? "chat" : "channel", subject);
    facts.creation_unclear = creation && creation->state == "begun";
    // What is switched is filled after its team was completed, and then completed by itself.
    facts.completion_asked = is_switched(conversation) ? of("complete_channel", subject) != nullptr : asked_;
    facts.accepted = accepted_;
    if (const auto* start = of("start_migration", subject); start && start->state == "failed") {
      Error refusal;
      refusal.kind = Error::Kind::service;
      refusal.status = std::atoi(start->result.c_str());  // "400 BadRequest: ..."
      refusal.message = start->result;
      facts.start_error = std::move(refusal);
    }
    facts.client_id = client_id_;
    return facts;
  }

 private:
  const journal::Creation* of(const std::string& kind, const std::string& subject) const {
    const auto found = creations_.find({kind, subject});
    return found == creations_.end() ? nullptr : &found->second;
  }

  journal::Journal& journal_;
  std::string client_id_;
  std::map<std::string, journal::ImportSession> newest_;  // by graph_id
  std::map<std::pair<std::string, std::string>, journal::Creation> creations_;
  std::int64_t accepted_ = 0;
  bool asked_ = false;
};

struct Listed {
  TeamFacts facts;
  std::map<std::string, graph::Conversation> channels;  // by id
  bool gone = false;
};

class Examination {
 public:
  Examination(graph::Client& client, journal::Journal& journal, std::string client_id)
      : client_(client), journal_(journal), records_(journal, std::move(client_id)) {}

  Task<std::vector<Check>> work() {
    std::vector<Conversation> all = journal_.conversations();
    for (const auto& team : journal_.teams()) {
      std::vector<Conversation> conversations;
      std::copy_if(all.begin(), all.end(), std::back_inserter(conversations),
                   [&](const Conversation& c) { return is_carried(c) && !is_chat(c) && c.team == team.id; });
      auto listing = list(team, conversations);
      const Listed listed = co_await std::move(listing);
      checks_.push_back(diagnose(listed.facts));
      for (const auto& conversation : conversations) {
        auto examining = examine_one(team, listed, conversation);
        co_await std::move(examining);
      }
    }
    const journal::Team no_team;
    const Listed nothing_listed;
    for (const auto& conversation : all) {
      if (!is_chat(conversation)) continue;
      auto examining = examine_one(no_team, nothing_listed, conversation);
      co_await std::move(examining);
    }
    co_return std::move(checks_);
  }

 private:
  Task<void> examine_one(const journal::Team& team, const Listed& listed, const Conversation& conversation) {
    auto looking = look(team, listed, conversation);
    const ServiceFacts service = co_await std::move(looking);
    for (auto& check : diagnose(records_.facts(conversation), service)) checks_.push_back(std::move(check));
  }

  Task<Listed> list(journal::Team team, std::vector<Conversation> ours) {
    Listed listed;
    listed.facts.team = team;
    listed.facts.completion_asked = records_.completion_asked();
    if (team.graph_id.empty()) co_return listed;
    auto asking = client_.team(team.graph_id);
    const auto seen = co_await std::move(asking);
    if (!seen) {
      listed.facts.error = seen.error();
      listed.gone = seen.error().status == 404;
      if (seen.error().status != 403) co_return listed;
    }
    auto finding = client_.primary_channel(team.graph_id);
    const auto general = co_await std::move(finding);
    auto asking_for_all = client_.channels(team.graph_id);
    auto channels = co_await std::move(asking_for_all);
    if (!general || !channels) {
      listed.facts.error = !channels ? channels.error() : general.error();
      co_return listed;
    }
    listed.facts.channels_seen = true;
    listed.facts.general = general->migrationMode;
    for (auto& channel : *channels) {
      if (channel.migrationMode == MigrationMode::inProgress && channel.id != general->id) {
        ++listed.facts.open_channels;
        const bool known =
            std::any_of(ours.begin(), ours.end(), [&](const Conversation& c) { return c.graph_id == channel.id; });
        if (!known) listed.facts.strangers.push_back("'" + channel.displayName + "'");
      }
      const std::string id = channel.id;
      listed.channels.emplace(id, std::move(channel));
    }
    co_return listed;
  }

  Task<ServiceFacts> look(const journal::Team& team, const Listed& listed, const Conversation& conversation) {
    ServiceFacts service;
    service.team_gone = listed.gone;
    if (conversation.graph_id.empty()) co_return service;
    if (listed.gone) {
      service.error = listed.facts.error;
      co_return service;
    }
    const auto found = listed.channels.find(conversation.graph_id);
    if (found != listed.channels.end() && found->second.migrationMode != MigrationMode::unknown) {
      service.conversation = found->second;
      co_return service;
    }
    auto asking = client_.conversation(where(conversation, team.graph_id));
    auto seen = co_await std::move(asking);
    if (seen) {
      service.conversation = std::move(*seen);
    } else {
      service.error = seen.error();
    }
    co_return service;
  }

  graph::Client& client_;
  journal::Journal& journal_;
  Records records_;
  std::vector<Check> checks_;
};

}  // namespace

Task<Result<std::vector<Check>>> examine(graph::Client& client, journal::Journal& journal, std::string client_id) {
  try {
    Examination examination(client, journal, std::move(client_id));
    auto working = examination.work();
    auto checks = co_await std::move(working);
    co_return std::move(checks);
  } catch (const journal::Failure& failure) {
    co_return failure.error;
  }
}

}  // namespace teamferry::migrate
