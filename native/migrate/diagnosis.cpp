#include "native/migrate/diagnosis.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include "native/migrate/where.h"

namespace teamferry::migrate {
namespace {

using journal::Conversation;

std::string messages(std::int64_t n) {
  return n == 1 ? "1 message" : fmt::format("{} messages", n);
}

// "3 failed, 1 in doubt"
std::string missing_in_words(const JournalFacts& facts) {
  std::string text;
  const auto add = [&text](std::int64_t n, std::string_view what) {
    if (n > 0) text += fmt::format("{}{} {}", text.empty() ? "" : ", ", n, what);
  };
  add(facts.failed, "failed");
  add(facts.blocked, "blocked by a root that was not sent");
  add(facts.doubt, "in doubt");
  return text;
}

Road road_of(const JournalFacts& facts) {
  return facts.session && facts.session->call == "startMigration" ? Road::switched : Road::born;
}

std::string_view who_sees_it(Road road) {
  return road == Road::switched ? "; people see the banner of a migration in it until it is completed"
                                : "; nobody sees it in Teams before its team is completed";
}

class Diagnosis {
 public:
  Diagnosis(const JournalFacts& facts, const ServiceFacts& service) : facts_(facts), service_(service) {}

  std::vector<Check> checks() {
    std::vector<Check> all;
    all.push_back(standing());
    if (facts_.doubt > 0) all.push_back(doubts());
    return all;
  }

 private:
  Check line(Level level, std::string code, std::string text, std::string step, Remedy remedy = Remedy::none) const {
    Check check{"conversation",
                shown(facts_.conversation),
                level,
                std::move(code),
                std::move(text),
                std::move(step),
                remedy,
                facts_.conversation.team,
                facts_.conversation.id};
    check.error = service_.error;
    return check;
  }

  Check standing() const {
    if (facts_.conversation.graph_id.empty()) return not_created();
    if (!service_.conversation) return not_seen();
    const MigrationMode mode = service_.conversation->migrationMode;
    const ConversationState state = seen();
    if (mode == MigrationMode::none && is_switched(facts_.conversation)) return not_opened();
    if (mode == MigrationMode::none) {
      return line(Level::problem, "not_in_progress",
                  "is there, but it never was in migration mode: nothing can be "
                  "imported into it",
                  "look whether somebody made a channel of the same name; rename the conversation, or "
                  "start with a new journal and a new team");
    }
    if (state.wedged) {
      const Verdict verdict = judge(state, Act::start);
      return line(Level::problem, std::string(verdict.code), std::string(verdict.why), std::string(verdict.step));
    }
    if (state.owner == Owner::another && mode != MigrationMode::completed) {
      const Verdict verdict = judge(state, facts_.open() > 0 ? Act::import_message : Act::complete);
      return line(Level::problem, std::string(verdict.code), std::string(verdict.why), std::string(verdict.step));
    }
    if (mode == MigrationMode::completed) return closed();
    if (mode == MigrationMode::inProgress) return open();
    return hidden();
  }

  ConversationState seen() const {
    const std::string& noted = facts_.session ? facts_.session->client_id : facts_.conversation.owner;
    ConversationState state = seen_state(service_.conversation->migrationMode, noted, facts_.client_id);
    if (facts_.session && facts_.session->refused) state.owner = Owner::another;
    state.wedged =
        facts_.start_error && wedged_by({MigrationMode::completed, state.owner}, *facts_.start_error, state.mode);
    return state;
  }

  Check not_opened() const {
    const bool confirm = facts_.conversation.existing && facts_.open() > 0;
    return line(Level::ok, "not_opened",
                fmt::format("is there and not opened for import yet; {} to send", messages(facts_.open())),
                facts_.open() == 0 ? ""
                : confirm          ? "teamferry run --confirm-existing opens it, which cannot be undone"
                                   : "teamferry run opens it");
  }

  Check not_created() const {
    if (facts_.creation_unclear) {
      return line(Level::warning, "creation_unclear", "was asked for, and the answer was never read",
                  "teamferry run looks for it by its name, and goes on");
    }
    return line(Level::ok, "not_created", fmt::format("is not created yet; {} to send", messages(facts_.open())),
                waits_in_team() ? "teamferry run creates it once its team is completed" : "teamferry run creates it");
  }

  bool waits_in_team() const { return is_switched(facts_.conversation) && !is_chat(facts_.conversation); }

  Check not_seen() const {
    const auto status = service_.error ? service_.error->status : 0;
    if (status == 404) {
      if (service_.team_gone) {
        return line(Level::problem, "team_gone", "is gone with its team", "see the line of its team");
      }
      return line(
          Level::problem, "conversation_gone",
          fmt::format("is not in Teams any more, and {} of ours with it", messages(facts_.sent)),
          "look who deleted it: a channel can be restored for 30 days; otherwise start with a new journal and a "
          "new team");
    }
    if (status == 403) {
      return line(Level::warning, "state_forbidden",
                  fmt::format("cannot be looked at, since the application may not read it; the journal says {}",
                              facts_.conversation.state),
                  "grant Channel.ReadBasic.All (of a chat: Chat.ReadBasic.All), then ask doctor again");
    }
    return line(Level::warning, "state_unread",
                fmt::format("could not be looked at: {}; the journal says {}",
                            service_.error ? service_.error->to_string() : "no answer", facts_.conversation.state),
                "ask doctor again");
  }

  Check open() const {
    const Road road = road_of(facts_);
    const bool completed_here = facts_.conversation.state == "completed";
    if (completed_here && facts_.open() == 0) {
      return line(Level::problem, "open_there",
                  fmt::format("is completed in the journal, but the service says inProgress{}", who_sees_it(road)),
                  "teamferry doctor --fix completes it", Remedy::complete);
    }
    if (facts_.open() > 0) {
      return line(facts_.completion_asked ? Level::warning : Level::ok, "open",
                  fmt::format("is open and waits for {}{}", messages(facts_.open()), who_sees_it(road)),
                  "teamferry run sends them");
    }
    if (facts_.missing() > facts_.accepted) {
      return line(Level::warning, "open_with_failures",
                  fmt::format("is open, and all is sent but {}{}", missing_in_words(facts_), who_sees_it(road)),
                  "cure what failed and run again, or say how many may stay behind and why: teamferry complete "
                  "--accept-failures N --reason TEXT");
    }
    if (facts_.completion_asked) {
      return line(Level::problem, "completion_unfinished",
                  fmt::format("was to be completed and is open still{}", who_sees_it(road)),
                  "teamferry complete, or teamferry doctor --fix", Remedy::complete);
    }
    return line(Level::warning, "ready_to_complete",
                fmt::format("has all its messages and is not completed{}", who_sees_it(road)), "teamferry complete");
  }

  Check closed() const {
    if (facts_.open() > 0 && facts_.sending == 0 && is_switched(facts_.conversation) &&
        facts_.conversation.state == "completed") {
      return line(Level::ok, "reopens", fmt::format("is completed, and {} came after that", messages(facts_.open())),
                  "teamferry run opens it again and sends them");
    }
    if (facts_.open() > 0) {
      return line(
          Level::problem, "closed_with_messages",
          fmt::format("is completed, and {} of ours not sent",
                      facts_.open() == 1 ? std::string("1 message is") : fmt::format("{} messages are", facts_.open())),
          std::string(judge({MigrationMode::completed, Owner::unknown}, Act::import_message).step),
          facts_.conversation.state != "completed" ? Remedy::note_completed
          : facts_.sending > 0                     ? Remedy::plan_again
                                                   : Remedy::none);
    }
    if (facts_.conversation.state != "completed") {
      return line(Level::warning, "completed_there",
                  "is completed, says the service, and the journal takes it for open: somebody or a lost answer did it",
                  "teamferry complete or teamferry doctor --fix notes it", Remedy::note_completed);
    }
    if (facts_.missing() > facts_.accepted) {
      return line(Level::warning, "completed_with_failures",
                  fmt::format("is completed, and {} stayed behind", missing_in_words(facts_)),
                  "if they matter, plan them into a new journal and a new team");
    }
    return line(Level::ok, "completed", fmt::format("is completed with {}", messages(facts_.sent)), "");
  }

  Check hidden() const {
    return line(Level::warning, "state_hidden",
                fmt::format("is there, but the service does not show its migrationMode; the journal says {}",
                            facts_.conversation.state),
                "believe the journal; look into Teams whether the banner of a migration is shown");
  }

  Check doubts() const {
    const bool readable = service_.conversation.has_value();
    return line(Level::warning, "doubt",
                fmt::format("has {} of which nobody knows whether Teams holds {}", messages(facts_.doubt),
                            facts_.doubt == 1 ? "it" : "them"),
                "teamferry run and teamferry doctor --fix read again (ChannelMessage.Read.All is needed)",
                readable ? Remedy::read_doubts : Remedy::none);
  }

  const JournalFacts& facts_;
  const ServiceFacts& service_;
};

}  // namespace

std::string_view to_string(Level level) {
  switch (level) {
    case Level::ok:
      return "ok";
    case Level::warning:
      return "warning";
    case Level::problem:
      break;
  }
  return "problem";
}

std::string_view to_string(Remedy remedy) {
  switch (remedy) {
    case Remedy::none:
      return "none";
    case Remedy::complete:
      return "complete";
    case Remedy::note_completed:
      return "note_completed";
    case Remedy::plan_again:
      return "plan_again";
    case Remedy::read_doubts:
      break;
  }
  return "read_doubts";
}

std::string_view sentence(Remedy remedy) {
  switch (remedy) {
    case Remedy::none:
      return "nothing";
    case Remedy::complete:
      return "finish the completion that was asked for";
    case Remedy::note_completed:
      return "note in the journal that the service has completed it";
    case Remedy::plan_again:
      return "look once more for messages that were on their way, and plan those again that are not there";
    case Remedy::read_doubts:
      break;
  }
  return "look once more for the messages in doubt";
}

std::vector<Check> diagnose(const JournalFacts& journal, const ServiceFacts& service) {
  return Diagnosis(journal, service).checks();
}

Check diagnose(const TeamFacts& facts) {
  const auto& team = facts.team;
  const auto line = [&](Level level, std::string code, std::string text, std::string step,
                        Remedy remedy = Remedy::none) {
    Check check{"team",
                fmt::format("team '{}'", team.displayName),
                level,
                std::move(code),
                std::move(text),
                std::move(step),
                remedy,
                team.id,
                0};
    check.error = facts.error;
    return check;
  };
  if (team.graph_id.empty()) {
    if (team.state == "creating") {
      return line(Level::warning, "creation_unclear", "was asked for, and the answer was never read",
                  "teamferry run looks for it by its description, and goes on");
    }
    return line(Level::ok, "not_created", "is not created yet", "teamferry run creates it");
  }
  if (facts.error && facts.error->status == 404) {
    return line(Level::problem, "team_gone", "is not in Teams any more",
                "look who deleted it: an administrator can restore its group for 30 days (Entra, deleted groups); "
                "otherwise plan into a new journal, which fills a new team");
  }
  if (facts.error && facts.error->status != 403) {
    return line(Level::warning, "state_unread", "could not be looked at: " + facts.error->to_string(),
                "ask doctor again");
  }
  if (!facts.channels_seen) {
    return line(Level::warning, "state_forbidden",
                fmt::format("cannot be looked at, since the application may not read its channels; the journal says {}",
                            team.state),
                "grant Channel.ReadBasic.All, then ask doctor again");
  }
  if (team.state == "existing") return line(Level::ok, "existing", "lived before this migration", "");
  if (!facts.strangers.empty() && team.state != "completed") {
    return line(
        Level::problem, "unknown_channels",
        fmt::format("has channels in migration mode that this journal does not know: {}",
                    fmt::join(facts.strangers, ", ")),
        "complete them with the application that made them, or delete them: the team cannot be completed before");
  }
  const TeamState state = team_state(team.state == "completed", facts.general, facts.open_channels);
  switch (state.phase) {
    case TeamPhase::general_early: {
      const TeamVerdict verdict = judge(state, TeamAct::complete_team);
      return line(Level::problem, "general_early", std::string(verdict.why), std::string(verdict.step));
    }
    case TeamPhase::closing:
      return line(Level::warning, "ready_to_complete",
                  "has all its channels completed, and is not completed itself: nobody sees it in Teams",
                  facts.completion_asked ? "teamferry complete, or teamferry doctor --fix" : "teamferry complete",
                  facts.completion_asked ? Remedy::complete : Remedy::none);
    case TeamPhase::completed:
      return line(Level::ok, "completed", "is completed", "");
    case TeamPhase::open:
      break;
  }
  return line(Level::ok, "open", "is open for import", "");
}

}  // namespace teamferry::migrate
