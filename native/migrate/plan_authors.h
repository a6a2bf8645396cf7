#pragma once

#include <string>
#include <vector>

#include "native/migrate/people.h"

namespace teamferry::migrate {

// What the rules on authors (R13 to R17) have against users in whose name messages go out, as far as the directory
// tells: a sentence a rule, with the names of the first few and how many messages it is about.
// Tested by tests/native/migrate/plan_authors_test.cpp.
std::vector<std::string> doubtful_authors(const People& people);

}  // namespace teamferry::migrate
