#pragma once

#include "native/migrate/people.h"
#include "native/migrate/plan_places.h"

// Who becomes a member of what. A new team gets everybody of its rooms and its owners; a private or shared channel and
// a chat get those of their own room. Nobody is added to a team that lives already, nor to any conversation that does:
// who belongs there is not for a migration to decide.
// Tested by tests/native/migrate/plan_members_test.cpp.
namespace teamferry::migrate {

// Fills PlannedPlace::members, owners first. Somebody without a user in the tenant is left out with the loss
// `member_missing`. A room that cannot be created with those who are left is skipped with a reason. To be called when
// the listed people are decided and before any record is read.
void find_members(Places& places, const People& people);

// The members of each team that is made here, once it is known which rooms are carried.
std::vector<journal::Member> team_members(const Places& places, const People& people);

}  // namespace teamferry::migrate
