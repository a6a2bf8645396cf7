#include "native/migrate/plan_places.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <span>

#include "native/limits/limits.h"
#include "native/migrate/body.h"
#include "native/validate/author.h"
#include "native/validate/chat.h"
#include "native/validate/conversation.h"
#include "native/validate/text.h"
#include "native/validate/times.h"

namespace teamferry::migrate {
namespace {

constexpr std::int64_t kSecond = 1000;

// Why a room is not migrated; empty: it is. A room that failed to map is no matter of choice.
std::string skip_reason_of(const MappedPlace& place) {
  if (!place.error.empty()) return "";
  return place.skip_reason;
}

bool names_chat(const std::string& type) {
  return type == "group" || type == "oneOnOne";
}

bool usable(const PlannedPlace::Part& part) {
  return part.skip_reason.empty() && part.place.error.empty();
}

std::string one_line(std::string_view text) {
  std::string line = validate::cleaned(text);
  std::replace_if(
      line.begin(), line.end(), [](char c) { return c == '\t' || c == '\n' || c == '\r'; }, ' ');
  return line;
}

// The name of a team as the service takes it: on one line, without outer spaces, not too long.
std::string legal_team_name(std::string_view name) {
  const std::string legal = one_line(name);
  const auto first = std::min(legal.find_first_not_of(' '), legal.size());
  const auto cut =
      validate::cut_to_units(std::string_view(legal).substr(first), limits::in_force().sizes.team_name_units);
  return std::string(cut.substr(0, cut.find_last_not_of(' ') + 1));
}

// What stands in a body that the service would not take ends the plan: a team half made cannot be mended.
Status refuse(std::string_view what, std::string_view name, const validate::Findings& findings) {
  for (const auto& finding : findings) {
    if (finding.severity != validate::Finding::Severity::error) continue;
    return Error::argument("invalid", fmt::format("{} '{}': {}", what, validate::cleaned(name), finding.to_string()));
  }
  return done();
}

// A topic as the service takes it: cut, on one line.
std::string legal_topic(std::string_view topic) {
  const std::string line = one_line(topic);
  return std::string(validate::cut_to_units(line, limits::in_force().sizes.chat_topic_units));
}

// The time that a stored body was created with.
std::optional<DateTime> created_of(const std::string& body) {
  constexpr std::string_view kField = R"("createdDateTime":")";
  const auto at = body.rfind(kField);
  if (at == body.npos) return std::nullopt;
  return DateTime::parse(std::string_view(body).substr(at + kField.size(), 24));
}

class Finder {
 public:
  Finder(journal::Journal& journal, const PlanOptions& options) : journal_(journal), options_(options) {}

  Result<Places> find(Mapper& mapper) {
    auto read = mapper.conversations([this](const MappedPlace& place) {
      take(place);
      return true;
    });
    if (!read) return read.error();
    auto& places = found_.places;
    std::stable_sort(places.begin(), places.end(), [](const PlannedPlace& a, const PlannedPlace& b) {
      return a.conversation.source_id < b.conversation.source_id;
    });
    found_.teams = journal_.teams();
    found_.marker = fmt::format(" [teamferry {}]", journal_.meta("project").value_or(""));
    recall();
    for (const bool created : {true, false}) {  // names that exist come first
      for (auto& place : places) {
        if (place.created() != created) continue;
        if (auto status = settle(place); !status) return status.error();
      }
    }
    return std::move(found_);
  }

 private:
  void take(const MappedPlace& place) {
    auto [at, fresh] = by_source_.emplace(place.source_id, found_.places.size());
    if (fresh) {
      found_.places.emplace_back();
      found_.places.back().conversation.source_id = place.source_id;
    }
    auto& planned = found_.places[at->second];
    for (auto& part : planned.parts) {
      if (place.handle == 0 || part.place.handle != place.handle) continue;
      part.place.losses.insert(part.place.losses.end(), place.losses.begin(), place.losses.end());
      return;
    }
    planned.parts.push_back({place, skip_reason_of(place)});
    if (!usable(planned.parts[planned.leading]) && usable(planned.parts.back())) {
      planned.leading = planned.parts.size() - 1;
    }
  }

  // Gives every place the id it has in the journal, or the next one.
  void recall() {
    std::map<std::string, journal::Conversation> known;
    journal::ConversationId last = 0;
    for (auto& conversation : journal_.conversations()) {
      last = std::max(last, conversation.id);
      known.emplace(conversation.source_id, std::move(conversation));
    }
    for (auto& place : found_.places) {
      auto& conversation = place.conversation;
      if (const auto old = known.find(conversation.source_id); old != known.end()) {
        conversation = old->second;
        if (conversation.state.empty()) conversation.state = "planned";
      } else {
        conversation.id = ++last;
        conversation.state = "planned";
      }
    }
    for (auto& [source_id, conversation] : known) {
      if (by_source_.contains(source_id)) continue;
      found_.places.emplace_back();
      found_.places.back().conversation = std::move(conversation);
    }
  }

  Status settle(PlannedPlace& place) {
    auto& conversation = place.conversation;
    for (const auto& part : place.parts) {
      if (!usable(part)) continue;
      place.losses.insert(place.losses.end(), part.place.losses.begin(), part.place.losses.end());
    }
    if (place.created()) {
      if (!place.carried())
        conversation.kind = names_chat(conversation.type) ? "chat" : "channel";  // it will be completed
      if (!place.parts.empty()) note_name(place);
      names_[conversation.team].add(conversation.displayName);
      if (conversation.general) generals_.insert(conversation.team);
      found_.names[conversation.source_id] = conversation.displayName;
      return done();
    }
    conversation = fresh(conversation);
    if (place.parts.empty()) {
      conversation.reason = "no longer in the export";
      return done();
    }
    const auto& leading = place.parts[place.leading];
    if (!usable(leading)) {
      conversation.displayName = leading.place.displayName.empty() ? conversation.source_id : leading.place.displayName;
      conversation.reason = leading.place.error.empty() ? leading.skip_reason : leading.place.error;
      return done();
    }
    conversation.graph_id = leading.place.target;
    conversation.existing = !conversation.graph_id.empty();
    if (!leading.place.chatType.empty()) {
      settle_chat(place);
      return done();
    }
    conversation.kind = "channel";
    if (!leading.place.membershipType.empty()) conversation.type = leading.place.membershipType;
    const std::string& wished = leading.place.team.empty() ? options_.team : leading.place.team;
    const std::string team = legal_team_name(wished);
    if (wished.empty()) {
      return Error::argument(
          "team_missing",
          fmt::format("{} has no team to go to; give --team NAME",
                      leading.place.displayName.empty() ? conversation.source_id : leading.place.displayName));
    }
    if (team != wished) {
      place.losses.push_back({"name_changed", fmt::format("the team {} becomes {}", validate::cleaned(wished), team)});
    }
    const journal::Team& its_team = team_of(team);
    conversation.team = its_team.id;
    if (conversation.existing && its_team.state != "existing") {
      return Error::argument("invalid", fmt::format("place.target of {} is a channel that lives already; name its team "
                                                    "by its id, not '{}'",
                                                    conversation.source_id, team));
    }
    const bool open = its_team.state != "existing" && its_team.state != "completed";
    if (!open || conversation.type != "standard") conversation.road = "switched";
    name(place);
    return done();
  }

  static journal::Conversation fresh(const journal::Conversation& old) {
    journal::Conversation conversation;
    conversation.id = old.id;
    conversation.source_id = old.source_id;
    conversation.displayName = old.displayName;
    conversation.kind = "skipped";
    conversation.state = "planned";
    return conversation;
  }

  // A chat of two is the one that these two have, with all that is in it.
  void settle_chat(PlannedPlace& place) {
    auto& conversation = place.conversation;
    const MappedPlace& mapped = place.place();
    conversation.kind = "chat";
    conversation.type = mapped.chatType;
    conversation.road = "switched";
    conversation.existing = conversation.existing || mapped.chatType == "oneOnOne";
    conversation.displayName = legal_topic(mapped.displayName.empty() ? mapped.source_id : mapped.displayName);
  }

  void name(PlannedPlace& place) {
    auto& conversation = place.conversation;
    const MappedPlace& mapped = place.place();
    const std::string wished = validate::cleaned(mapped.displayName.empty() ? mapped.source_id : mapped.displayName);
    auto& taken = names_[conversation.team];
    if (conversation.existing) {
      conversation.displayName = wished;
    } else if (place.born() && validate::fold_case(wished) == "general" && generals_.insert(conversation.team).second) {
      conversation.general = true;
      conversation.displayName = "General";
    } else {
      conversation.displayName = validate::legal_channel_name(wished, taken);
      note_name(place);
    }
    taken.add(conversation.displayName);
    place.description = validate::legal_description(mapped.description);
    found_.names[conversation.source_id] = conversation.displayName;
  }

  static void note_name(PlannedPlace& place) {
    const auto& conversation = place.conversation;
    const std::string& wished = place.place().displayName.empty() ? place.place().source_id : place.place().displayName;
    if (conversation.general || conversation.displayName == wished) return;
    place.losses.push_back(
        {"name_changed", fmt::format("{} becomes {}", validate::cleaned(wished), conversation.displayName)});
  }

  // The id of a team names one that lives already.
  const journal::Team& team_of(const std::string& name) {
    int last = 0;
    for (const auto& team : found_.teams) {
      if (team.displayName == name) return team;
      last = std::max(last, team.id);
    }
    journal::Team team;
    team.id = last + 1;
    team.displayName = name;
    team.state = "planned";
    if (validate::is_object_id(name)) {
      team.graph_id = name;
      team.state = "existing";
    }
    found_.teams.push_back(team);
    return found_.teams.back();
  }

  journal::Journal& journal_;
  const PlanOptions& options_;
  Places found_;
  std::map<std::string, std::size_t> by_source_;
  std::map<int, validate::ChannelNames> names_;
  std::set<int> generals_;
};

}  // namespace

Result<Places> find_places(Mapper& mapper, journal::Journal& journal, const PlanOptions& options) {
  return Finder(journal, options).find(mapper);
}

DateTime floor_of(const PlannedPlace& place, const std::vector<journal::Team>& teams) {
  if (place.created() || place.parts.empty()) return place.conversation.floor;
  DateTime floor = validate::floor_below(place.oldest);
  if (const auto room = place.place().createdDateTime; room && *room < floor) floor = *room;
  for (const auto& team : teams) {
    if (team.id != place.conversation.team || team.state == "planned" || !place.born()) continue;
    // R6: a channel is not older than its team, which is there already. General is just as old.
    const auto created = created_of(team.body);
    if (!created) continue;
    if (place.conversation.general || (floor < *created && *created < place.oldest)) floor = *created;
  }
  return floor;
}

namespace {

// With its version, as bodies name it.
std::string versioned(std::string url) {
  while (url.ends_with('/')) url.pop_back();
  if (!url.ends_with("/v1.0") && !url.ends_with("/beta")) url += "/v1.0";
  return url;
}

// A private or shared channel is created with its owners; the others are added when it is filled.
std::span<const journal::Member> owners_of(const PlannedPlace& place) {
  if (place.conversation.type == "standard") return {};
  const auto end = std::find_if(place.members.begin(), place.members.end(), [](const auto& m) { return !m.owner; });
  return {place.members.begin(), end};
}

// A chat is created with two of its members; the others are added when its history is there for them to see.
Status write_chat_body(PlannedPlace& place, const std::string& url) {
  constexpr std::size_t kFirst = 2;
  auto& conversation = place.conversation;
  const std::span members(place.members.data(), std::min(place.members.size(), kFirst));
  std::vector<std::string_view> users;
  for (const auto& member : members) users.push_back(member.user);
  const bool pair = conversation.type == "oneOnOne";
  const std::string_view topic = pair ? std::string_view() : conversation.displayName;
  validate::Findings findings;
  validate::check_new_chat({conversation.type, topic, users, "", "", ""}, findings);
  if (auto status = refuse("chat", conversation.displayName, findings); !status) return status;
  conversation.body = chat_body({url, conversation.type, topic, members});
  return done();
}

}  // namespace

Status write_bodies(Places& places, const PlanOptions& options) {
  const std::string url = versioned(options.graph_url);
  for (auto& team : places.teams) {
    if (team.state != "planned") continue;  // nor has one that lives already
    DateTime created{INT64_MAX};
    for (const auto& place : places.places) {
      if (place.conversation.team == team.id && place.conversation.kind == "channel") {
        created = std::min(created, place.conversation.floor);
      }
    }
    if (created.ms == INT64_MAX) continue;
    created.ms -= kSecond;
    const std::string wished = "History of " + team.displayName;
    const auto front =
        validate::cut_to_units(wished, limits::in_force().sizes.description_units - places.marker.size());
    const std::string description = std::string(front) + places.marker;
    if (auto status = refuse("team", team.displayName, validate::check_team({team.displayName, description}));
        !status) {
      return status;
    }
    team.body = team_body({url, team.displayName, description, created.to_string()});
    for (auto& place : places.places) {  // General is as old as its team
      if (place.conversation.team == team.id && place.conversation.general) place.conversation.floor = created;
    }
  }
  std::map<int, validate::ChannelNames> taken;
  for (const auto& place : places.places) {
    if (place.created() && !place.conversation.general)
      taken[place.conversation.team].add(place.conversation.displayName);
  }
  for (auto& place : places.places) {
    auto& conversation = place.conversation;
    if (place.created() || !place.carried() || conversation.general || !conversation.graph_id.empty()) continue;
    if (conversation.kind == "chat") {
      if (auto status = write_chat_body(place, url); !status) return status;
      continue;
    }
    validate::ChannelFacts facts;
    facts.displayName = conversation.displayName;
    facts.description = place.description;
    facts.membershipType = "standard";
    facts.taken = &taken[conversation.team];
    const auto findings = validate::check_channel(facts);
    if (auto status = refuse("channel", conversation.displayName, findings); !status) return status;
    taken[conversation.team].add(conversation.displayName);
    conversation.body = place.born()
                            ? channel_body(conversation.displayName, place.description, conversation.floor.to_string())
                            : normal_channel_body({url, conversation.displayName, place.description, conversation.type,
                                                   owners_of(place)});
  }
  return done();
}

}  // namespace teamferry::migrate
