#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "native/journal/journal.h"
#include "native/migrate/mapper.h"
#include "native/migrate/plan.h"
#include "native/migrate/plan_message.h"

// The places of a plan: which rooms become which channels of which teams, or which chats, under which names, and since
// when. A standard channel of a team that is made here is born in migration mode; every other target is switched to
// it: private and shared channels, whatever comes to a team that is completed or lived before, and chats.
// Tested by tests/native/migrate/plan_places_test.cpp.
namespace teamferry::migrate {

// A room, or several that are parts of one conversation.
struct PlannedPlace {
  struct Part {
    MappedPlace place;
    std::string skip_reason;  // not empty: its records are skipped with "conversation: <reason>"
  };
  std::vector<Part> parts;  // in the order of the export; none: an earlier plan had it, this export has not
  std::size_t leading = 0;  // the part whose place counts
  journal::Conversation conversation;
  std::string description;
  std::vector<Loss> losses;
  std::vector<journal::Member> members;  // of the team, or of the channel or chat itself (plan_members.h)
  DateTime oldest{INT64_MAX};            // of its live messages; set by whoever has read them

  const MappedPlace& place() const { return parts[leading].place; }
  bool created() const { return conversation.state != "planned"; }  // as an earlier run left it
  bool carried() const { return conversation.kind != "skipped"; }
  bool born() const { return conversation.road == "born"; }
};

struct Places {
  std::vector<PlannedPlace> places;  // ordered by the source's id: independent of the order of the export
  std::vector<journal::Team> teams;
  ChannelNames names;
  // Ends the description of each team, so that this project finds a team of its own after a creation without an
  // answer. Made of the journal's id: the same whatever is planned into it, and no other journal's.
  std::string marker;
};

// Reads the rooms, chooses among them, and gives those that become channels a team and a legal name that is theirs
// alone. What an earlier run has created keeps its id, team and name.
Result<Places> find_places(Mapper& mapper, journal::Journal& journal, const PlanOptions& options);

// Where a conversation begins: before its messages and not after the room did; one that was created stays as it is.
DateTime floor_of(const PlannedPlace& place, const std::vector<journal::Team>& teams);

// Gives teams and channels their times and bodies. To be called when every `oldest` and floor is known. Fails with
// `invalid`, the rule, the field and the cure for a body that the service would refuse.
Status write_bodies(Places& places, const PlanOptions& options);

}  // namespace teamferry::migrate
