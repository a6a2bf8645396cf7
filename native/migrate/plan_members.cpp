#include "native/migrate/plan_members.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

namespace teamferry::migrate {
namespace {

using journal::Member;

Member member_of(const DirectoryUser& user, bool owner) {
  Member member;
  member.user = user.id;
  member.name = user.displayName;
  member.owner = owner;
  return member;
}

// Of equal users the first counts, and an owner more than a member.
void add(std::vector<Member>& members, Member member) {
  const auto known =
      std::find_if(members.begin(), members.end(), [&](const Member& m) { return m.user == member.user; });
  if (known == members.end()) {
    members.push_back(std::move(member));
  } else {
    known->owner = known->owner || member.owner;
  }
}

// The users of a room, in the order in which the export names them. `missing`: those whose loss is told already.
std::vector<Member> users_of(PlannedPlace& place, const People& people, std::set<std::string>& missing) {
  std::vector<Member> members;
  for (const auto& part : place.parts) {
    if (!part.skip_reason.empty() || !part.place.error.empty()) continue;
    for (const auto& id : part.place.members) {
      const Author* person = people.find(id);
      if (person && person->mapped()) {
        add(members, member_of(person->user, false));
      } else if (missing.insert(id).second) {
        place.losses.push_back({"member_missing", person ? person->shown() : id});
      }
    }
  }
  return members;
}

void skip(PlannedPlace& place, const char* reason) {
  place.conversation.kind = "skipped";
  place.conversation.reason = reason;
  for (auto& part : place.parts) {
    if (part.skip_reason.empty() && part.place.error.empty()) part.skip_reason = reason;
  }
}

void put_owners_first(std::vector<Member>& members) {
  std::stable_partition(members.begin(), members.end(), [](const Member& m) { return m.owner; });
}

void settle_channel(PlannedPlace& place, const People& people) {
  for (const auto& owner : people.owners()) add(place.members, member_of(owner, true));
  if (place.members.empty()) return skip(place, "nobody in the tenant can own it");
  if (people.owners().empty()) place.members.front().owner = true;
  put_owners_first(place.members);
}

// Every member of a chat is an owner: there are no plain ones (2.11 of the fact sheet).
void settle_chat(PlannedPlace& place, const People& people) {
  const bool pair = place.conversation.type == "oneOnOne";
  if (!pair && place.members.size() < 2 && !people.owners().empty()) {
    add(place.members, member_of(people.owners().front(), true));  // so that those who are left keep their history
  }
  for (auto& member : place.members) member.owner = true;
  if (pair && place.members.size() != 2) return skip(place, "not both members are in the tenant");
  if (place.members.size() < 2) skip(place, "fewer than two members are in the tenant");
}

}  // namespace

void find_members(Places& places, const People& people) {
  std::set<std::string> missing_in_teams;  // a standard channel has the members of its team: once is enough
  for (auto& place : places.places) {
    if (!place.carried() || place.parts.empty()) continue;
    auto& conversation = place.conversation;
    const bool of_team = conversation.kind != "chat" && conversation.type == "standard";
    std::set<std::string> missing_here;
    place.members = users_of(place, people, of_team ? missing_in_teams : missing_here);
    const bool lives = conversation.existing && !conversation.graph_id.empty();
    if (lives) {
      place.members.clear();
    } else if (conversation.kind == "chat") {
      settle_chat(place, people);
    } else if (conversation.type != "standard") {
      settle_channel(place, people);
    }
    for (auto& member : place.members) {
      if (conversation.kind == "chat" || conversation.type != "standard") member.conversation = conversation.id;
    }
  }
}

std::vector<Member> team_members(const Places& places, const People& people) {
  std::map<int, std::vector<Member>> by_team;
  for (const auto& team : places.teams) {
    if (team.body.empty()) continue;  // it lives already, or nothing goes there
    auto& members = by_team[team.id];
    for (const auto& owner : people.owners()) add(members, member_of(owner, true));
  }
  for (const auto& place : places.places) {
    const auto team = by_team.find(place.conversation.team);
    if (!place.carried() || team == by_team.end()) continue;
    for (Member member : place.members) {
      member.conversation = 0;
      member.owner = false;
      add(team->second, std::move(member));
    }
  }
  std::vector<Member> all;
  for (auto& [team, members] : by_team) {
    put_owners_first(members);
    for (auto& member : members) {
      member.team = team;
      all.push_back(std::move(member));
    }
  }
  return all;
}

}  // namespace teamferry::migrate
