#pragma once

#include <string>

#include "native/base/result.h"
#include "native/emulator/store.h"

namespace teamferry::emulator {

// Makes a user for each row of a people.csv (columns person, name, mail, kind, messages, decision, target), or of a
// list of users as the admin center exports it (Display name, User principal name, Object Id). Letter case of column
// names is ignored. A target that is an address or an id is the user's; otherwise the id follows from the address, and
// is the same in every emulator. Rows without any address get one from `person` at the tenant's domain, but no mail.
//
// Nobody is made for a row whose decision is fallback or skip, for a deleted person or a bot without a target, and for
// whoever is in the tenant already. Errors (bad_people) name the file and the row's line; the rows before it are in.
// Tested by tests/native/emulator/people_file_test.cpp.
Status add_users_from(const std::string& file, Store& store);

}  // namespace teamferry::emulator
