#pragma once

#include "native/migrate/add_members.h"

namespace teamferry::migrate {

// Lets the members of a chat see what was imported. A member sees the history from a date that is set when they are
// added and never after (2.12 of the fact sheet): who is not in it yet is added with all of it, and who is in it is
// removed and added again. Each removal is in the journal before it is made, so that nobody stays outside wherever a
// run dies; the last member is never removed.
//
// The members are those of the journal, which has none of a chat of two: its roster is fixed. Errors as those of
// add_members().
// Tested by tests/native/migrate/roads_chat_test.cpp.
Task<Result<Added>> show_history(RunState& run, journal::Conversation chat);

// Notes who is in a chat that lived before, as those who are to see its history: show_history() removes and adds them
// again. Whoever was noted already stays as they are.
Task<Status> note_roster(RunState& run, journal::Conversation chat);

}  // namespace teamferry::migrate
