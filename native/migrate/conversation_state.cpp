#include "native/migrate/conversation_state.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>

#include "native/migrate/engine_state.h"

namespace teamferry::migrate {
namespace {

constexpr std::string_view kOtherStep =
    "complete it with the application that opened it, no other can (with its client id and secret in the environment)";
constexpr std::string_view kWedgedStep =
    "leave it alone, nothing resets it; send Microsoft's support the bundle of teamferry doctor --bundle";

// The first row that fits decides.
struct Row {
  std::optional<MigrationMode> from;  // nothing: any
  std::optional<Owner> owner;
  bool wedged;
  Act act;
  Answer answer;
  std::optional<MigrationMode> to;  // nothing: as it was
  std::string_view name, code, rule, why, step;
};

constexpr auto kAny = std::nullopt;
constexpr auto kNone = MigrationMode::none;
constexpr auto kOpen = MigrationMode::inProgress;
constexpr auto kDone = MigrationMode::completed;
constexpr auto kHidden = MigrationMode::unknown;

constexpr auto kRows = std::to_array<Row>({
    // Stuck between two states.
    {kDone, kAny, true, Act::start, Answer::illegal, kAny, "start a wedged one", "wedged", "8.1 row 2",
     "says that it is completed, and refuses a start because it is still importing inside", kWedgedStep},
    {kDone, kAny, true, Act::import_message, Answer::illegal, kAny, "import into a wedged one", "wedged", "8.1 row 2",
     "takes no imports: it says that it is completed, and cannot be started", kWedgedStep},
    {kDone, kAny, true, Act::complete, Answer::illegal, kAny, "complete a wedged one", "wedged", "8.1 row 2",
     "says that it is completed, and ignores a completion although it is still importing inside", kWedgedStep},

    {kNone, kAny, false, Act::start, Answer::legal, kOpen, "first start", "", "1.2",
     "was never in migration mode and can be opened for import", "start it, then look that it shows inProgress"},
    {kNone, kAny, false, Act::import_message, Answer::illegal, kAny, "import without a start", "not_in_progress", "1.2",
     "takes no imports: it is not in migration mode",
     "start a new team, or open this conversation by startMigration first"},
    {kNone, kAny, false, Act::complete, Answer::illegal, kAny, "complete without a start", "not_in_progress", "1.2",
     "cannot be completed: it is not in migration mode",
     "look whether this is the conversation that was imported into"},

    {kOpen, kAny, false, Act::start, Answer::illegal, kAny, "start twice", "already_in_progress", "1.2",
     "cannot be started: it is in migration mode already", "go on importing, or complete it"},
    {kOpen, Owner::ours, false, Act::import_message, Answer::legal, kAny, "import", "", "1.2",
     "is open for import, by this application", "send"},
    {kOpen, Owner::another, false, Act::import_message, Answer::illegal, kAny, "import into a session of others",
     "other_application", "R44", "takes no imports from this application: another one opened it", kOtherStep},
    {kOpen, Owner::unknown, false, Act::import_message, Answer::unsure, kAny, "import into a session of somebody", "",
     "R44", "is open for import; by which application, Graph does not tell",
     "send: the first answer tells whether the session is ours"},
    {kOpen, Owner::ours, false, Act::complete, Answer::legal, kDone, "complete", "", "1.2",
     "is open for import, by this application, which can complete it", "complete it once every message is sent"},
    {kOpen, Owner::another, false, Act::complete, Answer::illegal, kAny, "complete a session of others",
     "other_application", "R44", "cannot be completed by this application: another one opened it", kOtherStep},
    {kOpen, Owner::unknown, false, Act::complete, Answer::unsure, kDone, "complete a session of somebody", "", "R44",
     "is open for import; by which application, Graph does not tell",
     "complete it: the answer tells whether the session is ours"},

    {kDone, kAny, false, Act::start, Answer::legal, kOpen, "restart", "", "4.11",
     "is completed, and can be opened again",
     "wait 60 s after its completion, start it, then look that it shows inProgress"},
    {kDone, kAny, false, Act::import_message, Answer::illegal, kAny, "import after completion", "not_in_progress",
     "1.2", "takes no imports: its migrationMode is completed",
     "plan what is missing into a new journal and a new team, or leave it behind"},
    {kDone, kAny, false, Act::complete, Answer::illegal, kAny, "complete twice", "already_completed", "1.2",
     "is completed already", "nothing is to be done here"},

    // Services of before April 2026 show no migrationMode in v1.0 (2.6): the journal is believed, the answer decides.
    {kHidden, kAny, false, Act::start, Answer::unsure, kOpen, "start unseen", "", "2.6",
     "shows no migrationMode, so whether it can be started is not known", "start it: a 400 means that it is open"},
    {kHidden, Owner::another, false, Act::import_message, Answer::illegal, kAny,
     "import unseen into a session of others", "other_application", "R44",
     "takes no imports from this application: another one opened it", kOtherStep},
    {kHidden, kAny, false, Act::import_message, Answer::unsure, kAny, "import unseen", "", "2.6",
     "shows no migrationMode, so whether it takes imports is not known",
     "send: a 403 'not marked for import' means that it is closed"},
    {kHidden, Owner::another, false, Act::complete, Answer::illegal, kAny, "complete unseen a session of others",
     "other_application", "R44", "cannot be completed by this application: another one opened it", kOtherStep},
    {kHidden, kAny, false, Act::complete, Answer::unsure, kDone, "complete unseen", "", "2.6",
     "shows no migrationMode, so whether it is open is not known",
     "complete it: a 204 means that it was open, a 400 that it was not"},
});

// The arguments of a start that is legal by its state.
constexpr Verdict refused_start(const ConversationState& state, std::string_view name, std::string_view code,
                                std::string_view rule, std::string_view why, std::string_view step) {
  return {Answer::illegal, name, code, rule, why, step, state};
}

constexpr std::int64_t kEarliestMs = -62'135'596'800'000;  // 0001-01-01T00:00:00Z

struct TeamRow {
  TeamPhase from;
  bool channels_open;  // other than General
  TeamAct act;
  Answer answer;
  std::string_view name, code, rule, why, step;
};

constexpr std::string_view kEarlyStep =
    "complete the other channels, then the team; should it refuse, only deleting the team and a new journal help";
constexpr std::string_view kNewTeamStep = "a new journal fills a new team";

constexpr auto kTeamRows = std::to_array<TeamRow>({
    {TeamPhase::open, true, TeamAct::create_channel, Answer::legal, "create a channel", "", "1.3", "takes new channels",
     "create all channels before the first completion"},
    {TeamPhase::open, false, TeamAct::create_channel, Answer::legal, "create a channel, others done", "", "1.3",
     "takes new channels as long as General is open", "create all channels before General is completed"},
    {TeamPhase::open, true, TeamAct::complete_channel, Answer::legal, "complete a channel", "", "1.3",
     "has channels to complete", "complete every channel but General"},
    {TeamPhase::open, false, TeamAct::complete_channel, Answer::illegal, "complete a channel, none open",
     "already_completed", "1.3", "has no open channel but General", "complete General, then the team"},
    {TeamPhase::open, true, TeamAct::complete_general, Answer::illegal, "complete General early", "general_last", "1.3",
     "has open channels, and completing General before them closes it for ever", "complete the other channels first"},
    {TeamPhase::open, false, TeamAct::complete_general, Answer::legal, "complete General", "", "1.3",
     "has no other open channel", "complete General, then the team"},
    {TeamPhase::open, true, TeamAct::complete_team, Answer::illegal, "complete a team with open channels",
     "channels_open", "1.3", "has channels that are not completed", "complete the channels, General last"},
    {TeamPhase::open, false, TeamAct::complete_team, Answer::illegal, "complete a team before General", "channels_open",
     "1.3", "has its General open still", "complete General first"},

    {TeamPhase::general_early, true, TeamAct::create_channel, Answer::illegal, "create a channel after General",
     "team_closed", "1.3", "takes no new channels: its General is completed", kNewTeamStep},
    {TeamPhase::general_early, true, TeamAct::complete_channel, Answer::legal, "complete a channel after General", "",
     "1.3", "has open channels although its General is completed", kEarlyStep},
    {TeamPhase::general_early, true, TeamAct::complete_general, Answer::illegal, "complete General twice",
     "already_completed", "1.3", "has its General completed already", kEarlyStep},
    {TeamPhase::general_early, true, TeamAct::complete_team, Answer::illegal, "complete a team after an early General",
     "channels_open", "8.1 row 6", "has channels that are not completed, and its General was completed too early",
     kEarlyStep},

    {TeamPhase::closing, false, TeamAct::create_channel, Answer::illegal, "create a channel in a closing team",
     "team_closed", "8.1 row 7", "takes no new channels: its General is completed", kNewTeamStep},
    {TeamPhase::closing, false, TeamAct::complete_channel, Answer::illegal, "complete a channel of a closing team",
     "already_completed", "1.3", "has all its channels completed", "complete the team"},
    {TeamPhase::closing, false, TeamAct::complete_general, Answer::illegal, "complete General of a closing team",
     "already_completed", "1.3", "has its General completed already", "complete the team"},
    {TeamPhase::closing, false, TeamAct::complete_team, Answer::legal, "complete the team", "", "1.3",
     "has all its channels completed", "complete the team; then members can be added"},

    {TeamPhase::completed, false, TeamAct::create_channel, Answer::illegal, "create a channel in a completed team",
     "team_closed", "4.11", "takes no new migration channels: it is completed", kNewTeamStep},
    {TeamPhase::completed, true, TeamAct::create_channel, Answer::illegal,
     "create a channel in a completed team, one reopened", "team_closed", "4.11",
     "takes no new migration channels: it is completed", kNewTeamStep},
    {TeamPhase::completed, true, TeamAct::complete_channel, Answer::legal, "complete a reopened channel", "", "4.11",
     "is completed, but a channel of it was opened again", "complete that channel"},
    {TeamPhase::completed, false, TeamAct::complete_channel, Answer::illegal, "complete a channel of a completed team",
     "already_completed", "1.3", "is completed with all its channels", "nothing is to be done here"},
    {TeamPhase::completed, true, TeamAct::complete_general, Answer::unsure, "complete a reopened General", "", "4.11",
     "is completed, but a channel of it was opened again", "complete those that show inProgress"},
    {TeamPhase::completed, false, TeamAct::complete_general, Answer::illegal, "complete General of a completed team",
     "already_completed", "1.3", "is completed with all its channels", "nothing is to be done here"},
    {TeamPhase::completed, true, TeamAct::complete_team, Answer::illegal, "complete a team twice, one reopened",
     "already_completed", "1.3", "is completed already", "complete the channel that was opened again"},
    {TeamPhase::completed, false, TeamAct::complete_team, Answer::illegal, "complete a team twice", "already_completed",
     "1.3", "is completed already", "nothing is to be done here"},
});

TeamState team_after(const TeamState& state, TeamAct act) {
  switch (act) {
    case TeamAct::create_channel:
      return {state.phase, state.open_channels + 1};
    case TeamAct::complete_channel: {
      const int left = state.open_channels - 1;
      return {state.phase == TeamPhase::general_early && left == 0 ? TeamPhase::closing : state.phase, left};
    }
    case TeamAct::complete_general:
      return {state.phase == TeamPhase::completed ? TeamPhase::completed : TeamPhase::closing, state.open_channels};
    case TeamAct::complete_team:
      return {TeamPhase::completed, 0};
    case TeamAct::add_member:
      break;
  }
  return state;
}

TeamVerdict member_verdict(const TeamState& state) {
  if (state.phase == TeamPhase::completed) {
    return {Answer::legal, "add a member", "", "1.3", "is completed and takes members", "add its owners, then members",
            state};
  }
  return {Answer::illegal,
          "add a member before completion",
          "team_not_completed",
          "1.3",
          "takes no members before its completion",
          "complete it first: until then nobody sees it in Teams",
          state};
}

Error error_of(std::string_view name, std::string_view code, std::string_view why, std::string_view step) {
  return Error::state(std::string(code), fmt::format("{} {}; {}", name, why, step));
}

}  // namespace

std::string_view to_string(Road road) {
  return road == Road::born ? "born" : "switched";
}

std::string_view to_string(Owner owner) {
  switch (owner) {
    case Owner::ours:
      return "ours";
    case Owner::another:
      return "another";
    case Owner::unknown:
      break;
  }
  return "unknown";
}

std::string_view to_string(Act act) {
  switch (act) {
    case Act::start:
      return "start";
    case Act::import_message:
      return "import";
    case Act::complete:
      break;
  }
  return "complete";
}

std::string_view to_string(TeamPhase phase) {
  switch (phase) {
    case TeamPhase::open:
      return "open";
    case TeamPhase::general_early:
      return "general_early";
    case TeamPhase::closing:
      return "closing";
    case TeamPhase::completed:
      break;
  }
  return "completed";
}

std::string_view to_string(TeamAct act) {
  switch (act) {
    case TeamAct::create_channel:
      return "create_channel";
    case TeamAct::complete_channel:
      return "complete_channel";
    case TeamAct::complete_general:
      return "complete_general";
    case TeamAct::complete_team:
      return "complete_team";
    case TeamAct::add_member:
      break;
  }
  return "add_member";
}

Error Verdict::error(std::string_view name_of_conversation) const {
  return error_of(name_of_conversation, code, why, step);
}

Error TeamVerdict::error(std::string_view name_of_team) const {
  return error_of(name_of_team, code, why, step);
}

ConversationState seen_state(MigrationMode mode, std::string_view session_client_id, std::string_view our_client_id) {
  if (session_client_id.empty() || our_client_id.empty()) return {mode, Owner::unknown};
  return {mode, session_client_id == our_client_id ? Owner::ours : Owner::another};
}

Verdict judge(const ConversationState& state, Act act) {
  const auto row = std::find_if(kRows.begin(), kRows.end(), [&](const Row& r) {
    return r.act == act && r.wedged == (state.wedged && state.mode == kDone) && (!r.from || *r.from == state.mode) &&
           (!r.owner || *r.owner == state.owner);
  });
  Verdict verdict{row->answer, row->name, row->code, row->rule, row->why, row->step, state};
  if (row->to) verdict.after = {*row->to, act == Act::start ? Owner::ours : state.owner, false};
  return verdict;
}

Verdict judge(const ConversationState& state, const Start& start) {
  const Verdict by_state = judge(state, Act::start);
  if (by_state.illegal()) return by_state;
  if (start.cloud != "global") {
    return refused_start(state, "start in a national cloud", "no_start_in_cloud", "4.20",
                         "cannot be started: this cloud has no startMigration",
                         "use a new team, whose channels are born in migration mode");
  }
  if (start.completed_at && start.now.ms - start.completed_at->ms < kRestAfterCompletion.count()) {
    return refused_start(state, "restart too soon", "too_soon", "8.1 row 2",
                         "was completed less than 60 s ago, and a start so soon can leave it stuck for ever",
                         "wait a minute, then start it");
  }
  const auto& date = start.conversationCreationDateTime;
  if (!date) return by_state;
  if (date->ms <= kEarliestMs) {
    return refused_start(state, "start at the beginning of time", "bad_date", "R7",
                         "cannot be started: its new date must be later than 0001-01-01", "send a later date");
  }
  if (start.createdDateTime && *date >= *start.createdDateTime) {
    return refused_start(state, "start without an older date", "date_not_older", "R7",
                         "cannot be started: its new date must be older than the date it has",
                         "send an older date, or none if the one it has is old enough");
  }
  return by_state;
}

bool wedged_by(const ConversationState& before, const Error& refusal, MigrationMode after) {
  return before.mode == kDone && after == kDone && refusal.status == 400 && !says(refusal, texts().start_not_older);
}

bool another_owns(const Error& refusal) {
  return says(refusal, texts().other_application) || says(refusal, texts().other_session);
}

TeamState team_state(bool completed, MigrationMode general, int open_channels) {
  if (completed) return {TeamPhase::completed, open_channels};
  if (general != kDone) return {TeamPhase::open, open_channels};
  return {open_channels > 0 ? TeamPhase::general_early : TeamPhase::closing, open_channels};
}

TeamVerdict judge(const TeamState& state, TeamAct act) {
  if (act == TeamAct::add_member) return member_verdict(state);
  const bool closed = state.phase == TeamPhase::general_early || state.phase == TeamPhase::closing;
  const TeamPhase phase = !closed                   ? state.phase
                          : state.open_channels > 0 ? TeamPhase::general_early
                                                    : TeamPhase::closing;
  const auto row = std::find_if(kTeamRows.begin(), kTeamRows.end(), [&](const TeamRow& r) {
    return r.from == phase && r.channels_open == (state.open_channels > 0) && r.act == act;
  });
  TeamVerdict verdict{row->answer, row->name, row->code, row->rule, row->why, row->step, state};
  if (row->answer != Answer::illegal) verdict.after = team_after(state, act);
  return verdict;
}

}  // namespace teamferry::migrate
